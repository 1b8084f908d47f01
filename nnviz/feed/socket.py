"""The feed: a socket for each page, over which the server pushes what is new of a run.

A browser tells which panels it shows, and gets these; until then, numbers only. A message is
`uint32 length | state as JSON | padding | frame`, little-endian, the frame (which may be missing)
at a multiple of eight bytes. The next one goes out when the browser has said that it has taken in
the last, so that a slow one gets the newest only.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from nnviz.feed.commands import CommandError, Got, See, command, obey
from nnviz.feed.frames import Frames
from nnviz.feed.handshake import comes, shake_hands, until_first
from nnviz.feed.looking import look
from nnviz.feed.screen import Screen
from nnviz.feed.standing import standing
from nnviz.feed.viewer import Viewer, viewers
from nnviz.feed.watching import n_watching, watching
from nnviz.feed.wire import ALIGNMENT
from nnviz.runs import shelf

FASTEST_SECONDS = 0.07
"""Between two frames for one reader."""
BUSY_SHARE = 0.22
"""Of one core, which drawing for all readers may take before each gets fewer frames."""
SEEDS_SECONDS, LINE_SECONDS = 0.35, 1.0
IDLE_SECONDS = 15.0
FIRST_SECONDS = 1.0
"""In which a browser tells first what it shows."""
ANSWER_SECONDS = 60.0
COMMANDS_A_SECOND, AHEAD_SECONDS = 40.0, 2.0
MAX_PAGES = 16
"""That show one run at once."""

_drawing = ThreadPoolExecutor(2, "nnviz-feed")
_obeying = ThreadPoolExecutor(2, "nnviz-command")
_frames = Frames()


@dataclass
class _Signs:
    """`news`: there may be something else to show; `pressed`: at once; `got`: it was taken in;
    `told`: what the browser shows."""

    news: asyncio.Event = field(default_factory=asyncio.Event)
    pressed: asyncio.Event = field(default_factory=asyncio.Event)
    got: asyncio.Event = field(default_factory=asyncio.Event)
    told: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class _Message:
    packed: bytes
    has_frame: bool


class _Load:
    """How busy drawing keeps the server, and how far apart frames must be for it."""

    def __init__(self) -> None:
        self.n_going = 0
        self._seconds = 0.004

    def took(self, seconds: float) -> None:
        self._seconds += 0.02 * (seconds - self._seconds)

    @property
    def interval(self) -> float:
        return max(FASTEST_SECONDS, self.n_going * self._seconds / BUSY_SHARE)


_load = _Load()


def feed_route(path: str, origins: Collection[str] = ()) -> WebSocketRoute:
    """The feed below `path`; pages of these origins may open it beside the server's own."""
    return WebSocketRoute(f"{path}/{{viewer}}", partial(_feed, frozenset(origins)))


async def _feed(origins: frozenset[str], socket: WebSocket) -> None:
    """Push to one page until it is closed; what it sends are commands."""
    viewer = viewers().get(socket.path_params["viewer"])
    owners = (viewer.owner,) if viewer else None
    if not await shake_hands(socket, origins, owners) or viewer is None:
        return
    if n_watching(viewer.run) >= MAX_PAGES:
        await socket.close(1013, "too many pages show this run")
        return
    signs, screen, loop = _Signs(), Screen(), asyncio.get_running_loop()

    def tell() -> None:
        with suppress(RuntimeError):  # the server ends
            loop.call_soon_threadsafe(signs.news.set)

    end = viewer.listen(tell)
    with watching(viewer.run):
        try:
            obeyed = _obey(socket, viewer, signs, screen)
            await until_first(_push(socket, viewer, signs, screen), obeyed)
        except (WebSocketDisconnect, TimeoutError):
            pass
        except CommandError as error:
            await socket.close(1008, str(error))
        finally:
            end()


async def _obey(socket: WebSocket, viewer: Viewer, signs: _Signs, screen: Screen) -> None:
    loop, due = asyncio.get_running_loop(), 0.0
    while True:
        asked = command(await _text(socket))
        if isinstance(asked, Got) and not signs.got.is_set():
            signs.got.set()
            continue
        due = max(due, loop.time() - AHEAD_SECONDS) + 1 / COMMANDS_A_SECOND
        if due > loop.time():
            raise CommandError("too many commands")
        if isinstance(asked, Got):
            continue
        if isinstance(asked, See):
            screen.wanted = frozenset(asked.panels)
            signs.told.set()
        else:
            await loop.run_in_executor(_obeying, obey, viewer, asked)
        signs.news.set()
        signs.pressed.set()


async def _text(socket: WebSocket) -> str:
    try:
        return await socket.receive_text()
    except KeyError as error:
        raise CommandError("a command is text") from error


async def _push(socket: WebSocket, viewer: Viewer, signs: _Signs, screen: Screen) -> None:
    loop = asyncio.get_running_loop()
    signs.got.set()
    await comes(signs.told, FIRST_SECONDS)
    while True:
        started = loop.time()
        signs.news.clear()
        signs.pressed.clear()
        shelf().touch(viewer.run.id)
        if viewer.repetition is not None:
            shelf().touch(viewer.repetition.sweep.id)
        message = await loop.run_in_executor(_drawing, _compose, viewer, screen)
        if message is not None:
            signs.got.clear()
            await socket.send_bytes(message.packed)
            async with asyncio.timeout(ANSWER_SECONDS):
                await signs.got.wait()
        words_only = message is not None and not message.has_frame
        await _pause(viewer, signs, 0.0 if words_only else started)


async def _pause(viewer: Viewer, signs: _Signs, started: float) -> None:
    """Until there may be something new, but, unless a key was pressed, not before it is due."""
    run, repetition = viewer.run, viewer.repetition
    is_going = run.status == "running"
    longest = IDLE_SECONDS
    if repetition is not None and repetition.sweep.is_live:
        longest = SEEDS_SECONDS
    elif run.place_in_line is not None:
        longest = LINE_SECONDS
    _load.n_going += is_going
    try:
        rest = started + _load.interval - asyncio.get_running_loop().time()
        if await comes(signs.pressed, rest) or (is_going and run.speed is not None):
            return
        await comes(signs.news, longest)
    finally:
        _load.n_going -= is_going


def _compose(viewer: Viewer, screen: Screen) -> _Message | None:
    """What is new for this browser; None where nothing is. Called on a thread of its own."""
    started = time.thread_time()
    if len(viewer.names) != len(viewer.run.lanes):
        return None  # the page's script has changed the lanes and is about to name them
    found, wanted, before = look(viewer.run, viewer.position), screen.wanted, screen.state
    frame = _frames.of(viewer, found, wanted) if found else None
    state = standing(viewer, found)
    is_old = frame is None or screen.has(frame, wanted)
    if is_old and before and {**state, "rate": before["rate"]} == before:
        return None  # the speed alone is no news
    body = b"" if frame is None or is_old else screen.take(frame, wanted)
    screen.number, screen.state = screen.number + 1, state
    text = json.dumps({**state, "frame": screen.number}, allow_nan=False).encode()
    text += b" " * (-(4 + len(text)) % ALIGNMENT)
    _load.took(time.thread_time() - started)
    return _Message(b"".join([len(text).to_bytes(4, "little"), text, body]), bool(body))
