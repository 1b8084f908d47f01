"""The engine: takes calls from any thread, runs them on Dask's workers, hands back results."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Callable, Collection
from typing import Any

from nnviz.runs.dispatcher import Dispatcher
from nnviz.runs.fair_queue import EngineError, Job, Urgency
from nnviz.runs.keeper import EngineStatus
from nnviz.runs.listeners import Callback

CLOSE_SECONDS = 10.0


class Engine:
    """One thread with one event loop, and the workers behind it; started when first needed.

    Without `address` and `n_workers` the environment decides: NNVIZ_SCHEDULER names a cluster,
    NNVIZ_WORKERS the number of processes on this machine, whose `cluster_address` is "".
    """

    def __init__(self, address: str | None = None, n_workers: int | None = None) -> None:
        address = address or os.environ.get("NNVIZ_SCHEDULER") or None
        self.cluster_address = address or ""
        self._dispatcher = Dispatcher(address, n_workers)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._is_closed = False

    @property
    def status(self) -> EngineStatus:
        """Whether the workers are there."""
        return self._dispatcher.keeper.status

    @property
    def message(self) -> str:
        """Why there are no workers, since when and what is done about it; nothing when ready."""
        return self._dispatcher.keeper.message

    @property
    def waiting(self) -> str:
        """The same while workers are awaited, so that work goes on by itself when they come."""
        return self.message if self.status in ("starting", "waiting") else ""

    @property
    def n_slots(self) -> int:
        """How many calls run at once; 0 until the workers are there."""
        return self._dispatcher.n_slots

    @property
    def n_waiting(self) -> int:
        """How many calls wait for a slot."""
        return self._dispatcher.n_waiting

    def n_before(self, owners: Collection[str]) -> int | None:
        """How many other owners are served before all of these are; None where none waits."""
        return self._dispatcher.n_before(owners)

    def listen(self, callback: Callback) -> Callback:
        """Call `callback`, on the engine's thread, when workers come or go or `message` changes.

        It must be quick. What is returned ends it.
        """
        return self._dispatcher.keeper.listeners.add(callback)

    def warm_up(self) -> None:
        """Start the workers in the background; returns at once."""
        self._on_loop(self._dispatcher.dispatch)

    def wait_until_ready(self, timeout: float = 90.0) -> bool:
        """Start the workers and wait for them; whether they are there."""
        self.warm_up()
        self._dispatcher.keeper.settled.wait(timeout)
        return self.status == "ready"

    def submit(
        self,
        function: Callable[..., Any],
        *arguments: Any,
        on_done: Callable[[Any], None],
        owner: str = "",
        priority: Urgency = "live",
        limit_seconds: float | None = None,
    ) -> Job:
        """Call `function` on a worker as soon as it is the owner's turn and a slot is free.

        `on_done` gets the result, or the exception as a value, on the engine's own thread: it
        must be quick. `function` and its arguments travel to another process; a call whose
        worker dies is made again, and so is one that is not back after `limit_seconds`, in another
        process. The Job returned can be cancelled.
        """
        job = Job(function, arguments, on_done, owner, priority, limit_seconds)
        self._dispatcher.put(job)
        if not self._on_loop(self._dispatcher.dispatch):
            on_done(EngineError("the engine was closed"))
        return job

    def call_later(self, seconds: float, function: Callable[[], None]) -> None:
        """Call `function` on the engine's thread after a while, unless the engine is closed."""
        self._on_loop(lambda: asyncio.get_running_loop().call_later(seconds, function))

    def close(self) -> None:
        """Stop all work and end the processes that were started; there is no way back."""
        with self._lock:
            was_closed, self._is_closed = self._is_closed, True
            loop, thread = self._loop, self._thread
        if loop is None or thread is None or was_closed:
            return
        loop.call_soon_threadsafe(lambda: loop.create_task(self._close(loop)))
        thread.join(CLOSE_SECONDS)

    async def _close(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            await self._dispatcher.close()
        finally:
            loop.stop()

    def _on_loop(self, function: Callable[[], object]) -> bool:
        """Call `function` on the engine's thread; False if there is none any more."""
        with self._lock:
            if self._is_closed:
                return False
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=_live, args=(self._loop,), name="nnviz-engine", daemon=True
                )
                self._thread.start()
            self._loop.call_soon_threadsafe(function)
            return True


def _live(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


_engine: Engine | None = None
_engine_lock = threading.Lock()


def engine() -> Engine:
    """The process's one engine."""
    global _engine
    with _engine_lock:
        if _engine is None:
            _engine = Engine()
            atexit.register(_engine.close)
        return _engine
