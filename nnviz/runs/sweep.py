"""A sweep: many independent calls in the background, results drawn as they arrive.

    sweep = sweeps().start([(seed_chunk, (lanes, seeds, checkpoints)), …], owner=owner())
    sweep.results        # what has arrived so far, in order of arrival
    sweep.fraction, sweep.seconds_left, sweep.status, sweep.failures
    sweep.cancel()

A page keeps `sweep.id`, finds the sweep again with `sweeps().get(id, owner)` and touches it at
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
from nnviz.spec import SpecError

Call = tuple[Callable[..., Any], tuple[Any, ...]]
"""A module-level function and its arguments; both travel to another process."""
SweepStatus = Literal["running", "finished", "cancelled", "failed"]

MAX_CALLS = 2000
MAX_SWEEPS_PER_OWNER = 4
MAX_SWEEPS = 64
CANCEL_AFTER_SECONDS = 120.0
DROP_AFTER_SECONDS = 1800.0
REAP_EVERY_SECONDS = 5.0


class TooManySweepsError(RuntimeError):
    """No room for another sweep; its text is for the reader."""


class Sweep:
    """Calls under way; called from any thread. Plain attributes are for reading.

    `about` is whatever the page needs to know its question again (the settings' code, say).
    `results` holds results in order of arrival and `arrived` which call each belongs to;
    `failures` a sentence for each call that failed. `version` grows with every change.
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
        self.status: SweepStatus = "running"
        self.results: tuple[Any, ...] = ()
        self.arrived: tuple[int, ...] = ()
        self.failures: dict[int, str] = {}
        self.version = 0
        self._clock, self._started, self._ended = clock, clock(), 0.0
        self._lock = threading.Lock()
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

    def cancel(self) -> None:
        """Forget what is not back yet; what has arrived stays."""
        with self._lock:
            if self.is_live:
                self._end("cancelled")

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
            self.version += 1
            if self.n_done == self.n_calls:
                self._end("finished" if self.results else "failed")

    def _end(self, status: SweepStatus) -> None:
        self.status, self._ended = status, self._clock()
        self.version += 1
        for job in self._jobs:
            job.cancel()
        self._jobs.clear()


class SweepRegistry:
    """All sweeps of this process by id, oldest first; knowing id and owner gives access."""

    def __init__(
        self, on: Engine | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._on, self._clock = on, clock
        self._lock = threading.Lock()
        self._sweeps: dict[str, Sweep] = {}
        self._touched: dict[str, float] = {}
        self._is_watched = False

    def __len__(self) -> int:
        return len(self._sweeps)

    def start(self, calls: Sequence[Call], owner: str, about: str = "") -> Sweep:
        """Submit all calls now. Raises TooManySweepsError where no room can be made."""
        with self._lock:
            self._make_room(owner)
        sweep = Sweep(calls, owner, about, self._on, self._clock)
        with self._lock:
            self._sweeps[sweep.id] = sweep
            self._touched[sweep.id] = self._clock()
            first, self._is_watched = not self._is_watched, True
        if first:
            self._reap_later()
        return sweep

    def get(self, sweep_id: str, owner: str) -> Sweep | None:
        """The owner's sweep of this id, or None."""
        found = self._sweeps.get(sweep_id)
        return found if found is not None and found.owner == owner else None

    def touch(self, sweep_id: str) -> None:
        """Somebody is looking at this sweep."""
        with self._lock:
            if sweep_id in self._sweeps:
                self._touched[sweep_id] = self._clock()

    def drop(self, sweep_id: str) -> None:
        """Cancel and forget a sweep."""
        with self._lock:
            self._forget(sweep_id)

    def reap(self) -> None:
        """Cancel what nobody has touched for long, and later forget it."""
        now = self._clock()
        with self._lock:
            for sweep_id, touched in list(self._touched.items()):
                if now - touched >= CANCEL_AFTER_SECONDS:
                    self._sweeps[sweep_id].cancel()
                if now - touched >= DROP_AFTER_SECONDS:
                    self._forget(sweep_id)

    def _forget(self, sweep_id: str) -> None:
        self._touched.pop(sweep_id, None)
        sweep = self._sweeps.pop(sweep_id, None)
        if sweep is not None:
            sweep.cancel()

    def _make_room(self, owner: str) -> None:
        own = [sweep for sweep in self._sweeps.values() if sweep.owner == owner]
        for few, sweeps_ in ((MAX_SWEEPS_PER_OWNER, own), (MAX_SWEEPS, self._sweeps.values())):
            resting = [sweep for sweep in sweeps_ if not sweep.is_live]
            if len(sweeps_) >= few and resting:
                self._forget(resting[0].id)
        if sum(sweep.owner == owner for sweep in self._sweeps.values()) >= MAX_SWEEPS_PER_OWNER:
            raise TooManySweepsError(
                f"{MAX_SWEEPS_PER_OWNER} of your repetitions are under way; cancel one first"
            )
        if len(self._sweeps) >= MAX_SWEEPS:
            raise TooManySweepsError(
                f"all {MAX_SWEEPS} places for repetitions are taken; try again in a few minutes"
            )

    def _reap_later(self) -> None:
        def reap() -> None:
            self.reap()
            self._reap_later()

        (self._on or engine()).call_later(REAP_EVERY_SECONDS, reap)


_sweeps: SweepRegistry | None = None
_sweeps_lock = threading.Lock()


def sweeps() -> SweepRegistry:
    """The process's one registry of sweeps."""
    global _sweeps
    with _sweeps_lock:
        if _sweeps is None:
            _sweeps = SweepRegistry()
        return _sweeps


def _failure_text(error: BaseException) -> str:
    if isinstance(error, SpecError | EngineError):
        return str(error)
    return f"{type(error).__name__}: {error}"
