"""One reader's browser without its window: it speaks the page's own protocols, and takes notes.

It opens the Playground, presses Train when the first picture is there, takes in every frame, and
runs its script again now and then. What lies between the server's send and the client can't be seen
from outside: a WebSocket ping's round trip on the feed stands in for it. Sizes are of whole
messages.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from http.cookies import SimpleCookie
from typing import Any
from urllib.request import urlopen

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin, Subprotocol

from nnviz.feed import COOKIE
from nnviz.feed.handshake import until_first
from nnviz.spec import ExperimentSpec

RERUN_SECONDS = 5.0, 10.0
PING_SECONDS = 0.5, 1.5
GIVE_UP_SECONDS = 60.0
N_STEPS, N_STEPS_OF_LESSON = 1_000_000, 10_000
SEEN = ["network", "answer", "loss", "accuracy", "confusion"]
"""The panels that a window of 1440 by 900 shows of the Playground."""
BROKEN = ("failed", "stopped", "diverged")

Noted = list[tuple[float, float]]
"""When, and what."""


class Reader:
    """One browser's sockets, and what they told: seconds, steps, bytes."""

    def __init__(self, url: str, seed: int, is_lesson: bool) -> None:
        self._url, self._random = url, random.Random(seed)
        self._pace = "20 s" if is_lesson else "max"
        n_steps = N_STEPS_OF_LESSON if is_lesson else N_STEPS
        self._query, self._page_hash = f"code={_code(seed, n_steps)}", ""
        self._cookie = self._feed_path = ""
        self._known: set[str] = set()
        self._finished = asyncio.Event()
        self.reruns: Noted = []
        self.pings: Noted = []
        self.steps: Noted = []
        self.sizes: Noted = []
        self.opened = self.first = float("nan")
        self.errors: list[str] = []

    async def attend(self, after_seconds: float) -> None:
        """Join, and stay until cancelled."""
        await asyncio.sleep(after_seconds)
        try:
            self._cookie = await asyncio.to_thread(_cookie, self._url)
            async with self._socket("_stcore/stream", "streamlit", self._cookie) as page:
                await until_first(self._listen(page), self._stay(page))
            self.errors.append("the server closed a socket")
        except (OSError, WebSocketException) as error:
            self.errors.append(repr(error))

    def _socket(self, path: str, *protocols: str) -> connect:
        return connect(
            f"{self._url.replace('http', 'ws', 1)}/{path}",
            origin=Origin(self._url),
            subprotocols=list(map(Subprotocol, protocols)) or None,
            additional_headers={"Cookie": f"{COOKIE}={self._cookie}"},
            max_size=None,
            proxy=None,
        )

    async def _stay(self, page: ClientConnection) -> None:
        self.opened = await self._rerun(page)
        async with self._socket(f"nnviz/{self._feed_path}") as feed:
            await until_first(self._watch(feed), self._ping(feed), self._use(page))

    async def _rerun(self, page: ClientConnection) -> float:
        """Seconds until the script is through."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash = self._query, self._page_hash
        state.page_name = "" if self._page_hash else "playground"
        state.widget_states.SetInParent()
        state.cached_message_hashes.extend(self._known)
        state.context_info.timezone, state.context_info.locale = "Europe/Berlin", "en-US"
        state.context_info.url, state.context_info.color_scheme = f"{self._url}/playground", "light"
        self._finished.clear()
        sent = time.perf_counter()
        async with asyncio.timeout(GIVE_UP_SECONDS):
            await page.send(message.SerializeToString())
            await self._finished.wait()
        return time.perf_counter() - sent

    async def _listen(self, page: ClientConnection) -> None:
        async for data in page:
            assert isinstance(data, bytes)
            self._take(ForwardMsg.FromString(data))

    def _take(self, message: ForwardMsg) -> None:
        """What Streamlit's page needs of it: where the feed is, and what went wrong."""
        if message.metadata.cacheable and message.hash:
            self._known.add(message.hash)
        match message.WhichOneof("type"):
            case "navigation":
                self._page_hash = message.navigation.page_script_hash
            case "page_info_changed":
                self._query = message.page_info_changed.query_string
            case "page_not_found":
                self.errors.append("there is no such page")
            case "script_finished":
                self._finished.set()
                if message.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    self.errors.append(f"a script ended with {message.script_finished}")
            case "delta":
                self._show(message.delta.new_element)

    def _show(self, element: Element) -> None:
        match element.WhichOneof("type"):
            case "exception":
                self.errors.append(element.exception.message)
            case "alert":
                self.errors.append(element.alert.body)
            case "bidi_component":
                told = json.loads(element.bidi_component.json or "{}")
                self._feed_path = told.get("feed", self._feed_path)

    async def _watch(self, feed: ClientConnection) -> None:
        """Press Train when the first picture is there, and take in what comes."""
        clicked = 0.0
        await _press(feed, do="see", panels=SEEN)
        async for message in feed:
            assert isinstance(message, bytes)
            now = time.perf_counter()
            state, step = _read(message)
            await _press(feed, do="got", frame=state["frame"])
            self.sizes.append((now, len(message)))
            if state["status"] in BROKEN:
                self.errors.append(f"the run is {state['status']}: {state['trouble']}")
            if not clicked and step is not None:
                await _press(feed, do="pace", pace=self._pace)
                clicked = time.perf_counter()
                await _press(feed, do="train")
            elif step is not None and step > (self.steps[-1][1] if self.steps else 0):
                self.first = self.first if self.steps else now - clicked
                self.steps.append((now, step))
            if state["status"] == "finished":
                await _press(feed, do="train")

    async def _ping(self, feed: ClientConnection) -> None:
        while True:
            await asyncio.sleep(self._random.uniform(*PING_SECONDS))
            sent = time.perf_counter()
            await (await feed.ping())
            self.pings.append((sent, time.perf_counter() - sent))

    async def _use(self, page: ClientConnection) -> None:
        while True:
            await asyncio.sleep(self._random.uniform(*RERUN_SECONDS))
            sent = time.perf_counter()
            self.reruns.append((sent, await self._rerun(page)))


def _code(seed: int, n_steps: int) -> str:
    return ExperimentSpec.model_validate(
        {
            "data": {"name": "moons"},
            "network": {"blocks": [{"kind": "dense", "width": 8}] * 2},
            "training": {"n_steps": n_steps, "batch_size": 10, "seed": seed},
        }
    ).to_code()


def _cookie(url: str) -> str:
    """What a browser is given that opens the page; each gets its own."""
    found: SimpleCookie = SimpleCookie()
    for path in ("playground", "_stcore/health"):
        with urlopen(f"{url}/{path}") as answer:
            found.load(answer.headers.get("set-cookie") or "")
    return found[COOKIE].value


def _read(message: bytes) -> tuple[dict[str, Any], int | None]:
    """How the run stands, and the step of the frame, where there is one."""
    length = int.from_bytes(message[:4], "little")
    body = memoryview(message)[4 + length :]
    state = json.loads(message[4 : 4 + length])
    if not body:
        return state, None
    header = json.loads(bytes(body[4 : 4 + int.from_bytes(body[:4], "little")]))
    return state, header["facts"]["step"]


async def _press(feed: ClientConnection, **asked: object) -> None:
    await feed.send(json.dumps(asked))
