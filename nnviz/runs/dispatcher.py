"""Hands waiting jobs to the workers, one a thread; lives on the engine's event loop.

It asks for workers when the first job comes. A job whose worker is lost lines up first: nothing is
given up but a call that has ended worker after worker.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Coroutine
from typing import Any, NamedTuple

from nnviz.runs.fair_queue import (
    CallFailedError,
    EngineError,
    FairQueue,
    Job,
    WorkerDiedError,
    WorkersLostError,
)
from nnviz.runs.keeper import Keeper

MAX_DEATHS = 4
DEATHS_OF_A_HANG = 2


class Held(NamedTuple):
    """A job under way: on which worker, since when."""

    job: Job
    worker: str
    since: float


class Dispatcher:
    """All methods but `put`, `n_before` and `n_waiting` belong to the event loop."""

    def __init__(self, address: str | None, n_workers: int | None) -> None:
        self.keeper = Keeper(address, n_workers, self._look, self._fail)
        self._lock = threading.Lock()
        self._queue = FairQueue()
        self._held: dict[asyncio.Task[Any], Held] = {}

    @property
    def n_slots(self) -> int:
        """How many jobs run at once."""
        return sum(self.keeper.workers.values())

    @property
    def n_waiting(self) -> int:
        """How many jobs wait for a slot."""
        with self._lock:
            return len(self._queue)

    def n_before(self, owners: Collection[str]) -> int | None:
        """How many other owners are served before all of these are; from any thread."""
        with self._lock:
            return self._queue.n_before(owners)

    def put(self, job: Job, first: bool = False) -> None:
        """Line up; from any thread."""
        with self._lock:
            self._queue.put(job, first)

    def dispatch(self) -> None:
        """Fill the free slots; ask for workers if there never were any."""
        self.keeper.start()
        while (worker := self._free_worker()) is not None and self.keeper.cluster is not None:
            with self._lock:
                job = self._queue.take(sweeps=self._has_room_for_sweep())
                if job is None:
                    return
                job.is_held = True
            task = _task(self.keeper.cluster.call(worker, job.function, *job.arguments))
            self._held[task] = Held(job, worker, time.monotonic())
            task.add_done_callback(self._finish)

    async def close(self) -> None:
        """Let go of all jobs and end the workers that were started here."""
        with self._lock:
            self._queue.clear()
        for held in self._held.values():
            held.job.cancel()
        await self.keeper.close()

    def _free_worker(self) -> str | None:
        """The first worker with the fewest jobs, so that one run alone stays where it is."""
        busy = [held.worker for held in self._held.values()]
        free = [name for name, n in self.keeper.workers.items() if busy.count(name) < n]
        return min(free, key=busy.count, default=None)

    def _has_room_for_sweep(self) -> bool:
        n_sweeps = sum(held.job.urgency == "sweep" for held in self._held.values())
        return n_sweeps < max(1, self.n_slots - 1)

    def _look(self) -> None:
        """Take back what a worker holds that is gone, or holds too long."""
        for task, held in list(self._held.items()):
            if held.worker not in self.keeper.workers:
                held.job.n_deaths += self.keeper.cluster is not None
                task.cancel()
            elif _is_late(held):
                self._replace(held.worker)
                held.job.n_deaths += DEATHS_OF_A_HANG
                task.cancel()
        self.dispatch()

    def _replace(self, worker: str) -> None:
        self.keeper.lose(worker)
        if self.keeper.cluster is not None:
            self.keeper.cluster.end_worker(worker)

    def _finish(self, task: asyncio.Task[Any]) -> None:
        job, worker, _ = held = self._held.pop(task)
        error = WorkersLostError() if task.cancelled() else task.exception()
        if not isinstance(error, WorkerDiedError | WorkersLostError):
            _hand_over(job, error or task.result())
            _soon(self.dispatch)
            return
        self.keeper.lose(worker)
        job.n_deaths += isinstance(error, WorkerDiedError)
        if job.n_deaths >= MAX_DEATHS:
            _hand_over(job, CallFailedError(_blame(held)))
        else:
            with self._lock:
                job.is_held = False
                self._queue.put(job, first=True)
        _soon(self.dispatch)

    def _fail(self, error: EngineError) -> None:
        with self._lock:
            jobs = self._queue.clear()
        for job in jobs:
            _hand_over(job, error)


def _is_late(held: Held) -> bool:
    limit = held.job.limit_seconds
    return limit is not None and time.monotonic() - held.since > limit


def _blame(held: Held) -> str:
    if _is_late(held):
        return f"it took longer than {held.job.limit_seconds:.0f} s, twice"
    return f"the worker's process ended {held.job.n_deaths} times, perhaps for want of memory"


def _task(coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    return asyncio.get_running_loop().create_task(coroutine)


def _soon(function: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_soon(function)


def _hand_over(job: Job, outcome: Any) -> None:
    """Call `on_done` on its own, so that its mistakes are logged and harm nobody else."""
    if not job.cancelled:
        asyncio.get_running_loop().call_soon(job.on_done, outcome)
