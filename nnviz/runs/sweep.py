"""A sweep: many independent calls in the background, results drawn as they arrive.

    sweep = shelf().new_sweep([(seed_chunk, (lanes, seeds, checkpoints)), …], owner=owner())
    sweep.results        # what has arrived so far, in order of arrival
    sweep.fraction, sweep.seconds_left, sweep.status, sweep.failures
    sweep.cancel()

A page keeps `sweep.id`, finds the sweep again with `shelf().sweep(id, owner)` and touches it at
every refresh: a sweep that nobody touches is cancelled. Calls run behind all live training, and
one that is under way can't be interrupted, so each should take a few seconds at most.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

from nnviz.runs.engine import Engine, engine
from nnviz.runs.fair_queue import EngineError, Job
from nnviz.runs.listeners import Callback, Listeners
from nnviz.spec import SpecError

Call = tuple[Callable[..., Any], tuple[Any, ...]]
"""A module-level function and its arguments; both travel to another process."""
SweepStatus = Literal["running", "finished", "cancelled", "failed"]

MAX_CALLS = 2000


class Sweep:
    """Calls under way; called from any thread. Plain attributes are for reading.

    `about` is whatever the page needs to know its question again (the settings' code, say).
    `watchers` are the owners whose pages may follow it. `results` holds results in order of
    arrival and `arrived` which call each belongs to; `failures` a sentence for each call that
    failed.
    """

    def __init__(
        self,
        calls: Sequence[Call],
        owner: str = "",
        about: str = "",
        on: Engine | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not 1 <= len(calls) <= MAX_CALLS:
            raise ValueError(f"a sweep has 1 to {MAX_CALLS} calls; got {len(calls)}")
        self.id = secrets.token_urlsafe(16)
        self.owner, self.about, self.n_calls = owner, about, len(calls)
        self.watchers = frozenset((owner,))
        self.status: SweepStatus = "running"
        self.results: tuple[Any, ...] = ()
        self.arrived: tuple[int, ...] = ()
        self.failures: dict[int, str] = {}
        self._clock, self._started, self._ended = clock, clock(), 0.0
        self._lock = threading.Lock()
        self._listeners = Listeners()
        self._jobs: list[Job] = []
        self._submit(calls, on or engine())

    @property
    def is_live(self) -> bool:
        """Whether results may still come."""
        return self.status == "running"

    @property
    def n_done(self) -> int:
        """Calls that are over, failed ones included."""
        return len(self.results) + len(self.failures)

    @property
    def fraction(self) -> float:
        """Share of the calls that are over."""
        return self.n_done / self.n_calls

    @property
    def seconds(self) -> float:
        """How long it has taken so far, or took in all."""
        return (self._clock() if self.is_live else self._ended) - self._started

    @property
    def seconds_left(self) -> float | None:
        """At the mean pace so far; None before anything is back, 0 at the end."""
        if not self.is_live:
            return 0.0
        done = self.n_done
        return self.seconds / done * (self.n_calls - done) if done else None

    def listen(self, callback: Callback) -> Callback:
        """Call `callback` when a result came or it ended; what is returned ends that.

        From any thread, with no lock held; it must be quick.
        """
        return self._listeners.add(callback)

    def join(self, owner: str) -> None:
        """Somebody else waits for the same results, and may see how far they are."""
        with self._lock:
            self.watchers |= {owner}

    def leave(self, owner: str) -> None:
        """This one waits no longer; when nobody does, it is cancelled."""
        with self._lock:
            self.watchers -= {owner}
        if not self.watchers:
            self.cancel()

    def cancel(self) -> None:
        """Forget what is not back yet; what has arrived stays."""
        with self._lock:
            if not self.is_live:
                return
            self._end("cancelled")
        self._listeners.ring()

    def _submit(self, calls: Sequence[Call], on: Engine) -> None:
        for number, (function, arguments) in enumerate(calls):
            job = on.submit(
                function,
                *arguments,
                on_done=partial(self._deliver, number),
                owner=self.owner or self.id,
                priority="sweep",
            )
            with self._lock:
                self._jobs.append(job)

    def _deliver(self, number: int, outcome: Any) -> None:
        with self._lock:
            if not self.is_live:
                return
            if isinstance(outcome, BaseException):
                self.failures = {**self.failures, number: _failure_text(outcome)}
            else:
                self.results = (*self.results, outcome)
                self.arrived = (*self.arrived, number)
            if self.n_done == self.n_calls:
                self._end("finished" if self.results else "failed")
        self._listeners.ring()

    def _end(self, status: SweepStatus) -> None:
        self.status, self._ended = status, self._clock()
        for job in self._jobs:
            job.cancel()
        self._jobs.clear()


def _failure_text(error: BaseException) -> str:
    if isinstance(error, SpecError | EngineError):
        return str(error)
    return f"{type(error).__name__}: {error}"
