"""Hands waiting jobs to the workers, one a slot; lives on the engine's event loop.

It starts the cluster when the first job comes, watches it, and starts it again when it is lost:
jobs that were under way line up first then.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Literal

from nnviz.runs.fair_queue import EngineError, FairQueue, Job, WorkersLostError

if TYPE_CHECKING:
    from nnviz.runs.cluster import Cluster

WATCH_SECONDS = 1.0
MAX_ATTEMPTS = 3

EngineStatus = Literal["off", "starting", "ready", "failed", "closed"]


class Dispatcher:
    """All methods but `put` and `n_waiting` belong to the event loop."""

    def __init__(self, address: str | None, n_workers: int | None) -> None:
        self.status: EngineStatus = "off"
        self.message = ""
        self.n_slots = 0
        self.settled = threading.Event()
        self._address, self._n_workers = address, n_workers
        self._lock = threading.Lock()
        self._queue = FairQueue()
        self._cluster: Cluster | None = None
        self._serving: asyncio.Task[None] | None = None
        self._running: dict[asyncio.Task[Any], Job] = {}

    @property
    def n_waiting(self) -> int:
        """How many jobs wait for a slot."""
        with self._lock:
            return len(self._queue)

    def put(self, job: Job, first: bool = False) -> None:
        """Line up; from any thread."""
        with self._lock:
            self._queue.put(job, first)

    def dispatch(self) -> None:
        """Fill the free slots; start the cluster if there is none."""
        if self.status in ("off", "failed"):
            self.status, self.message = "starting", ""
            self.settled.clear()
            self._serving = _task(self._serve())
            self._serving.add_done_callback(self._served)
        while self.status == "ready" and len(self._running) < self.n_slots:
            with self._lock:
                job = self._queue.take(sweeps=self._has_room_for_sweep())
            if job is None or self._cluster is None:
                return
            job.attempts += 1
            task = _task(self._cluster.call(job.function, *job.arguments))
            self._running[task] = job
            task.add_done_callback(self._finish)

    async def close(self) -> None:
        """Let go of all jobs and end the workers that were started here."""
        self.status = "closed"
        with self._lock:
            self._queue.clear()
        for job in self._running.values():
            job.cancel()
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)

    def _has_room_for_sweep(self) -> bool:
        n_sweeps = sum(job.urgency == "sweep" for job in self._running.values())
        return n_sweeps < max(1, self.n_slots - 1)

    def _finish(self, task: asyncio.Task[Any]) -> None:
        job = self._running.pop(task)
        error = WorkersLostError() if task.cancelled() else task.exception()
        if isinstance(error, WorkersLostError) and job.attempts < MAX_ATTEMPTS:
            self.put(job, first=True)
        else:
            _hand_over(job, error or task.result())
        _soon(self.dispatch)

    async def _serve(self) -> None:
        # Imported here: Dask takes half a second, which the app's thread need not wait for.
        from nnviz.runs.cluster import Cluster

        try:
            cluster = self._cluster = await Cluster.connect(self._address, self._n_workers)
        except EngineError as error:
            self._fail(error)
            return
        try:
            await self._watch(cluster)
        finally:
            self._cluster, self.n_slots = None, 0
            for task in self._running:
                task.cancel()
            await cluster.close()
        self.status = "off"
        _soon(self.dispatch)

    def _served(self, serving: asyncio.Task[None]) -> None:
        """Whatever else goes wrong must not leave jobs waiting for ever."""
        if not serving.cancelled() and (error := serving.exception()) is not None:
            self._fail(EngineError(f"the worker processes could not be kept: {error}"))

    async def _watch(self, cluster: Cluster) -> None:
        while cluster.is_alive:
            try:
                self.n_slots = await cluster.n_slots()
            except OSError:
                return
            if self.n_slots and self.status == "starting":
                self.status = "ready"
                self.settled.set()
            self.dispatch()
            await asyncio.sleep(WATCH_SECONDS)

    def _fail(self, error: EngineError) -> None:
        self.status, self.message = "failed", str(error)
        self.settled.set()
        with self._lock:
            jobs = self._queue.clear()
        for job in jobs:
            _hand_over(job, error)


def _task(coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    return asyncio.get_running_loop().create_task(coroutine)


def _soon(function: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_soon(function)


def _hand_over(job: Job, outcome: Any) -> None:
    """Call `on_done` on its own, so that its mistakes are logged and harm nobody else."""
    if not job.cancelled:
        asyncio.get_running_loop().call_soon(job.on_done, outcome)
