"""How a class fares on one server: readers without browsers, who speak the page's own protocols.

Run it with `python -m benchmarks.classroom --sessions 30 --seconds 60`. Each reader opens the
Playground, presses Train at full speed, takes in every frame and runs its script again now and
then; one of them alone is measured first. All clients share this process, so that the server's
processor time is its own. What lies between the server's send and the client can't be seen from
outside: a WebSocket ping's round trip on the feed stands in for it. Sizes are of whole messages.

With `--one-training` all readers watch equal trainings at the pace "20 s".
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.request import urlopen

import numpy as np
import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin, Subprotocol

from benchmarks.live_page import served
from nnviz.feed import COOKIE
from nnviz.feed.handshake import until_first
from nnviz.spec import ExperimentSpec

JOIN_SECONDS, SETTLE_SECONDS, WARM_SECONDS = 5.0, 5.0, 3.0
RERUN_SECONDS = 5.0, 10.0
PING_SECONDS = 0.5, 1.5
GIVE_UP_SECONDS = 60.0
N_STEPS, N_STEPS_OF_LESSON = 1_000_000, 10_000
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


@dataclass(frozen=True)
class Found:
    """What readers noted in `seconds`, and what it cost: shares of a core, bytes of memory."""

    readers: Sequence[Reader]
    began: float
    seconds: float
    server: float
    clients: float
    memory: int

    def within(self, noted: Noted) -> Noted:
        """What was noted in the time that counts."""
        return [each for each in noted if 0 <= each[0] - self.began <= self.seconds]

    def all(self, name: str) -> list[float]:
        """One list of all readers' `reruns`, `pings` or `sizes`."""
        return [what for one in self.readers for _, what in self.within(getattr(one, name))]

    def each(self, name: str) -> list[float]:
        """One number a reader, where it is known."""
        found = [getattr(one, name) for one in self.readers]
        return [value for value in found if value == value]

    @property
    def gaps(self) -> list[float]:
        """Seconds between newer and newer data; what is still awaited counts if it is longer."""
        gaps: list[float] = []
        for reader in self.readers:
            times = [when for when, _ in self.within(reader.steps)]
            own = list(np.diff(times))
            last = self.began + self.seconds - max(times, default=self.began)
            gaps += [*own, last] if last > max(own, default=0.0) else own
        return gaps

    @property
    def rates(self) -> list[float]:
        """Updates a second that each reader saw; 0 where nothing came."""
        seen = [self.within(one.steps) for one in self.readers]
        return [(s[-1][1] - s[0][1]) / (s[-1][0] - s[0][0]) if len(s) > 1 else 0.0 for s in seen]

    @property
    def errors(self) -> list[str]:
        """Everything that went wrong, at any time."""
        return [error for one in self.readers for error in one.errors]


@dataclass(frozen=True)
class Measure:
    """A line of the table: values of a measurement, beside one reader alone, and the aim.

    The aim is for the 95th percentile of a class of 30, and of a larger one; `of` says whether it
    holds for readers of their "own" trainings, of "one", or for all.
    """

    title: str
    values: Callable[[Found, Found], Sequence[float]]
    aims: tuple[float, float] | None = None
    of: str = "all"
    is_least: bool = False

    def line(self, found: Found, alone: Found, of: str) -> str:
        """Median and 95th percentile, alone and of all."""
        ranks = (0.5, 0.05 if self.is_least else 0.95)
        columns, text = [], f"{self.title:36}"
        for one in (alone, found):
            values = self.values(one, alone) or [float("nan")]
            columns = [float(value) for value in np.quantile(values, ranks)]
            told = [f"{value:,.{0 if value >= 100 else 2}f}" for value in columns]
            text += f"{told[0]:>11}{told[1] if len(values) > 1 else '':>11}"
        if self.aims is None or self.of not in ("all", of):
            return text
        aim = self.aims[len(found.readers) > 30]
        is_met = columns[1] >= aim if self.is_least else columns[1] <= aim
        return f"{text}  {'>=' if self.is_least else '<='} {aim:g}{'' if is_met else '  MISSED'}"


def _milliseconds(seconds: Iterable[float]) -> list[float]:
    return [1e3 * each for each in seconds]


MEASURES = (
    Measure("script rerun, ms", lambda f, _: _milliseconds(f.all("reruns")), (300, 600)),
    Measure("time to new data, ms", lambda f, _: _milliseconds(f.gaps), (1000, 2000)),
    Measure("ping on the feed, ms", lambda f, _: _milliseconds(f.all("pings")), (50, 50)),
    Measure("click to first point, ms", lambda f, _: _milliseconds(f.each("first")), (2000, 2000)),
    Measure("page opens, ms", lambda f, _: _milliseconds(f.each("opened"))),
    Measure("updates/s, each", lambda f, _: f.rates),
    Measure("updates/s, all over one alone", lambda f, alone: [sum(f.rates) / max(sum(alone.rates), 1)],
            (0.8, 0.8), "own", is_least=True),
    Measure("slowest over fastest", lambda f, _: [min(f.rates) / max(*f.rates, 1)],
            (0.7, 0.7), is_least=True),
    Measure("server, cores", lambda f, _: [f.server], (0.3, 0.3), "own"),
    Measure("server, over one alone", lambda f, alone: [f.server / alone.server], (2, 2), "one"),
    Measure("all clients, cores", lambda f, _: [f.clients]),
    Measure("memory, MB a session", lambda f, _: [f.memory / len(f.readers) / 2**20], (3, 3)),
    Measure("bytes a message", lambda f, _: f.all("sizes")),
    Measure("messages/s, each", lambda f, _: [len(f.all("sizes")) / f.seconds / len(f.readers)]),
    Measure("kB/s, each", lambda f, _: [sum(f.all("sizes")) / f.seconds / len(f.readers) / 1e3]),
    Measure("errors", lambda f, _: [len(f.errors)], (0, 0)),
)  # fmt: skip


async def measure(url: str, seeds: Collection[int], seconds: float, is_lesson: bool) -> Found:
    """Readers of these trainings, who come one after another, for `seconds` with all there."""
    children = psutil.Process().children()
    server = next(child for child in children if "streamlit" in child.cmdline())
    both, memory = (server, psutil.Process()), server.memory_info().rss
    readers = [Reader(url, seed, is_lesson) for seed in seeds]
    tasks = [
        asyncio.create_task(reader.attend(JOIN_SECONDS * number / len(readers)))
        for number, reader in enumerate(readers)
    ]
    await asyncio.sleep(JOIN_SECONDS + SETTLE_SECONDS)
    before, began = [_taken(one) for one in both], time.perf_counter()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - began
    cores = [(_taken(one) - old) / took for one, old in zip(both, before, strict=True)]
    memory = server.memory_info().rss - memory
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome
    for reader in readers:
        if not reader.steps:
            reader.errors.append("no new data came")
    return Found(readers, began, took, cores[0], cores[1], memory)


def _taken(process: psutil.Process) -> float:
    """Processor time, without that of its children."""
    times = process.cpu_times()
    return times.user + times.system


async def compare(url: str, n_sessions: int, seconds: float, is_lesson: bool) -> list[str]:
    """The table of one reader alone and of all."""
    await measure(url, [1], WARM_SECONDS, is_lesson)
    alone = await measure(url, [2], seconds / 3, is_lesson)
    seeds = [3] * n_sessions if is_lesson else range(3, 3 + n_sessions)
    found = await measure(url, seeds, seconds, is_lesson)
    head = [f"{'':36}{'one alone':>22}{f'{n_sessions} readers':>22}"]
    head.append(f"{'':36}" + f"{'median':>11}{'p95':>11}" * 2 + "  aim")
    lines = [one.line(found, alone, "one" if is_lesson else "own") for one in MEASURES]
    return head + lines + [f"  {error}" for error in sorted({*alone.errors, *found.errors})]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--one-training", action="store_true")
    asked = parser.parse_args()
    with served("app.py") as url:
        lines = asyncio.run(compare(url, asked.sessions, asked.seconds, asked.one_training))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
