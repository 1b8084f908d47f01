"""Opening a socket, for pages of this server and the right browser, and what its jobs wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine
from typing import Any

from starlette.websockets import WebSocket

from nnviz.feed.owners import is_from_here, owner_of

REFUSED, GONE = 4403, 4404


async def shake_hands(
    socket: WebSocket, origins: frozenset[str], owners: Collection[str] | None
) -> bool:
    """Accept the socket of these owners' pages; others are closed, and so is what nobody has."""
    if not is_from_here(socket.headers, origins):
        await socket.close(REFUSED)
        return False
    await socket.accept()
    address = socket.client.host if socket.client else ""
    if owners is not None and owner_of(socket.cookies, address) in owners:
        return True
    await socket.close(GONE if owners is None else REFUSED)
    return False


async def until_first(*jobs: Coroutine[Any, Any, None]) -> None:
    """Run them together until one of them ends; what it raised is raised."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def comes(sign: asyncio.Event, seconds: float) -> bool:
    """Whether the sign comes within that time.

    Not by `asyncio.wait_for`, which loses a cancellation that meets the sign.
    """
    try:
        async with asyncio.timeout(max(seconds, 0.001)):
            await sign.wait()
    except TimeoutError:
        return False
    return True
