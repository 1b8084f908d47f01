"""Who is served next: work by urgency, and among equals each owner in turn."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal

Urgency = Literal["now", "live", "sweep"]
URGENCIES: tuple[Urgency, ...] = ("now", "live", "sweep")
SWEEP_EVERY = 4


class EngineError(RuntimeError):
    """Nothing can be run now; its text is for the reader."""


class SettingError(EngineError):
    """The engine was set up wrongly: trying again would not help."""


class WorkersLostError(EngineError):
    """All workers went away during a call, which is made again when they are back."""


class WorkerDiedError(EngineError):
    """The one worker that made the call ended or hung."""


class CallFailedError(EngineError):
    """The call itself seems to be what ends its workers, or makes them hang."""


@dataclass(eq=False)
class Job:
    """One call that waits for a worker; `on_done` gets its result or its exception.

    It is held by a worker, `is_held`, or waits. A worker that holds it for longer than
    `limit_seconds` is replaced. `n_deaths` counts the workers that ended while they held it.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    on_done: Callable[[Any], None]
    owner: str = ""
    urgency: Urgency = "live"
    limit_seconds: float | None = None
    is_held: bool = False
    n_deaths: int = 0
    cancelled: bool = False

    def cancel(self) -> None:
        """Forget the job; a result that is already on its way is thrown away."""
        self.cancelled = True


class FairQueue:
    """Waiting jobs: "now" before "live" before "sweep", round robin over owners within each.

    So that nothing starves, a waiting sweep gets every fourth turn. The caller locks.
    """

    def __init__(self) -> None:
        self._waiting: dict[Urgency, OrderedDict[str, deque[Job]]] = {
            urgency: OrderedDict() for urgency in URGENCIES
        }
        self._turn = 0

    def __len__(self) -> int:
        return sum(len(jobs) for owners in self._waiting.values() for jobs in owners.values())

    def n_before(self, owners: Collection[str]) -> int | None:
        """How many other owners are served before all of these are; None where none waits.

        Sweeps, which take turns of their own, do not count.
        """
        before: set[str] = set()
        found = None
        for urgency in ("now", "live"):
            for owner, jobs in self._waiting[urgency].items():
                if all(job.cancelled for job in jobs):
                    continue
                if owner in owners:
                    found = len(before)
                else:
                    before.add(owner)
        return found

    def put(self, job: Job, first: bool = False) -> None:
        """Line up behind the owner's other jobs, or before them."""
        jobs = self._waiting[job.urgency].setdefault(job.owner, deque())
        if first:
            jobs.appendleft(job)
            self._waiting[job.urgency].move_to_end(job.owner, last=False)
        else:
            jobs.append(job)

    def take(self, sweeps: bool = True) -> Job | None:
        """The next job that was not cancelled, or None; `sweeps` False leaves sweeps waiting."""
        self._turn += 1
        order = URGENCIES if self._turn % SWEEP_EVERY else ("sweep", "now", "live")
        for urgency in order:
            if urgency == "sweep" and not sweeps:
                continue
            if (job := self._take_from(self._waiting[urgency])) is not None:
                return job
        return None

    def clear(self) -> list[Job]:
        """Empty the queue and say what was in it."""
        jobs = [
            job for owners in self._waiting.values() for line in owners.values() for job in line
        ]
        for owners in self._waiting.values():
            owners.clear()
        return [job for job in jobs if not job.cancelled]

    @staticmethod
    def _take_from(owners: OrderedDict[str, deque[Job]]) -> Job | None:
        while owners:
            owner, jobs = next(iter(owners.items()))
            job = jobs.popleft()
            if jobs:
                owners.move_to_end(owner)
            else:
                del owners[owner]
            if not job.cancelled:
                return job
        return None
