"""The feed of a sweep: how far it is, told when something has arrived."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from contextlib import suppress
from functools import partial

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from nnviz.feed.handshake import comes, shake_hands, until_first
from nnviz.feed.wire import Json
from nnviz.runs import Sweep, engine, shelf

FASTEST_SECONDS, IDLE_SECONDS = 0.25, 15.0


def sweep_route(path: str, origins: Collection[str] = ()) -> WebSocketRoute:
    """The feeds of sweeps below `path`."""
    return WebSocketRoute(f"{path}/{{sweep}}", partial(_feed, frozenset(origins)))


async def _feed(origins: frozenset[str], socket: WebSocket) -> None:
    """Tell one page until it is closed or the sweep is over; what it sends is not read."""
    sweep = shelf().anyones_sweep(socket.path_params["sweep"])
    watchers = sweep.watchers if sweep else None
    if not await shake_hands(socket, origins, watchers) or sweep is None:
        return
    loop, news = asyncio.get_running_loop(), asyncio.Event()

    def tell() -> None:
        with suppress(RuntimeError):  # the server ends
            loop.call_soon_threadsafe(news.set)

    end = sweep.listen(tell)
    try:
        await until_first(_push(socket, sweep, news), _left(socket))
    except WebSocketDisconnect:
        pass
    finally:
        end()


async def _push(socket: WebSocket, sweep: Sweep, news: asyncio.Event) -> None:
    told: Json | None = None
    while True:
        news.clear()
        shelf().touch(sweep.id)
        if (now := progress(sweep)) != told:
            told = now
            await socket.send_text(json.dumps(told))
        if not sweep.is_live:
            await socket.close()
            return
        await asyncio.sleep(FASTEST_SECONDS)
        await comes(news, IDLE_SECONDS)


async def _left(socket: WebSocket) -> None:
    """Return when the page is closed, or says what it has no business to."""
    await socket.receive()


def progress(sweep: Sweep) -> Json:
    """How far it is, how long it will take, and whether there are workers for it."""
    left = sweep.seconds_left
    when = f", about {_duration(left)} left" if left else ""
    return {
        "is_live": sweep.is_live,
        "n_done": sweep.n_done,
        "fraction": min(sweep.fraction, 1.0),
        "told": f"{sweep.n_done} of {sweep.n_calls} parts{when}",
        "trouble": engine().waiting if sweep.is_live else "",
    }


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min"
