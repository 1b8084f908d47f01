"""The chain of bursts behind a run: what is submitted next, and what comes back.

Controls come from any thread, bursts come back on the engine's. All state is behind one lock,
which is never held while something is submitted.
"""

from __future__ import annotations

import math
import secrets
import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

from nnviz.runs.aim import Aim
from nnviz.runs.bursts import Burst, BurstResult, Place, lockstep, run_burst
from nnviz.runs.changes import difference
from nnviz.runs.engine import Engine, engine
from nnviz.runs.fair_queue import Job, Urgency
from nnviz.runs.history import History
from nnviz.runs.pace import Meter, Pace
from nnviz.runs.reports import Event, RunStatus, divergence_text, failure_text, lanes_text
from nnviz.spec import ExperimentSpec
from nnviz.training import TrainingState

MAX_LANES = 4
BURST_LIMIT_SECONDS = 30.0


class Chain:
    """Lanes that learn in lockstep from step 0, one burst after the other.

    Plain attributes are for reading. `lanes` are the specs as asked for last; `divergences`
    holds a sentence for each lane that has diverged; `version` grows whenever anything changes.
    Each burst has its number, `_generation`: one that a reset has overtaken is thrown away.
    """

    def __init__(
        self, lanes: Sequence[ExperimentSpec], owner: str = "", on: Engine | None = None
    ) -> None:
        if not 1 <= len(lanes) <= MAX_LANES:
            raise ValueError(f"a run has 1 to {MAX_LANES} lanes; got {len(lanes)}")
        self.id = secrets.token_urlsafe(16)
        self.owner = owner
        self.history = History()
        self.lanes: tuple[ExperimentSpec, ...] = tuple(lanes)
        self.version = 0
        self._engine = on or engine()
        self._lock = threading.Lock()
        self._pace, self._meter = Pace(), Meter()
        self._generation = 0
        self._job: Job | None = None
        with self._lock:
            self._begin_anew()
        self._kick()

    @property
    def is_live(self) -> bool:
        """Whether something new may still come without another control."""
        return self.status == "running" or self._is_busy

    @property
    def current_step(self) -> int:
        """Updates so far."""
        return self._place.step

    @property
    def target(self) -> int:
        """The step at which `train` ends."""
        return self._aim.target

    @property
    def speed(self) -> float | None:
        """The wished steps a second; None is as fast as it goes."""
        return self._pace.speed

    @property
    def updates_per_second(self) -> float:
        """Steps a second of each lane, over about the last second; NaN at rest."""
        is_going = self.status == "running" and not self.waiting
        return self._meter.rate if is_going else math.nan

    @property
    def waiting(self) -> str:
        """While there are no workers: since when, and what is done about it; or nothing."""
        return self._engine.waiting

    @property
    def state_bytes(self) -> tuple[bytes, ...] | None:
        """Where the lanes stand, as `TrainingState.to_bytes` writes it; None before the start."""
        return self._states

    @property
    def states(self) -> tuple[TrainingState, ...] | None:
        """Where the lanes stand, or None before the first burst is back."""
        states = self._states
        return None if states is None else tuple(map(TrainingState.from_bytes, states))

    # What follows down to _kick is called with the lock held.

    @property
    def _is_queued(self) -> bool:
        """Whether the next burst, not the one that measures step 0, waits for a worker."""
        return bool(self._states and self._job is not None and not self._job.is_held)

    def _begin_anew(self) -> None:
        self._forget_burst()
        self.status: RunStatus = "paused"
        self.message = ""
        self.events: tuple[Event, ...] = ()
        self.divergences: tuple[str | None, ...] = (None,) * len(self.lanes)
        self._trained = self.lanes
        self._states: tuple[bytes, ...] | None = None
        self._place = Place()
        self._aim = Aim(self.lanes)
        self.history.clear()
        self.version += 1

    def _forget_burst(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job = None
        self._generation += 1
        self._is_busy = self._is_waiting = False

    def _go(self) -> None:
        if all(self.divergences):
            self._aim.rest()
            return
        if self._is_waiting:
            self._forget_burst()
        if self.status != "running":
            self._meter.restart(self._place.step)
            self._pace.restart()
        self.status, self.message = "running", lanes_text(self.divergences)
        self.version += 1

    def _rest(self, status: RunStatus, message: str = "") -> None:
        self._aim.rest()
        self.status, self.message = status, message
        self.version += 1

    def _next_burst(self) -> tuple[Burst, Urgency] | float | None:
        """The burst to submit now, the seconds until one is due, or None."""
        if self._is_busy or self._is_waiting or self.status in ("failed", "stopped"):
            return None
        if self._states is None:
            self._is_busy = True
            return Burst(self.lanes, None, 0, 0.0), "now"
        n_left = self._aim.n_left(self._place, self.lanes)
        if n_left == 0:
            return None
        if (wait := self._pace.wait) > 0 and self._aim.kind != "steps":
            self._is_waiting = True
            return wait
        self._note_change()
        self._is_busy = True
        urgency: Urgency = "now" if self._aim.kind == "steps" or self._pace.is_first else "live"
        return Burst(self.lanes, self._states, *self._pace.start(n_left)), urgency

    def _note_change(self) -> None:
        """The lanes' training as it is from this step on, in words."""
        pairs = list(zip(self._trained, self.lanes, strict=True))
        told = [difference(before.training, after.training) for before, after in pairs]
        texts = list(dict.fromkeys(text for lane in told for text in lane))
        if texts and self._place.step:
            self.events = (*self.events, Event(self._place.step, ", ".join(texts)))
        self._trained = self.lanes

    def _accept(self, result: BurstResult) -> None:
        for step, entry in lockstep(result.snapshots, self.history.latest):
            self.history.add(step, entry)
        self._pace.took(result.furthest.step - self._place.step)
        self._states, self._place = result.states, result.furthest
        self._meter.reached(self._place.step)
        if latest := self.history.latest:
            self.divergences = tuple(
                divergence_text(lane.divergence) if lane.divergence else None for lane in latest
            )
        if any(self.divergences):
            self.message = lanes_text(self.divergences)
        if all(self.divergences):
            self._rest("diverged", self.message)
        elif not self._aim.n_left(self._place, self.lanes) and self._place.step:
            done = self._place.step == self._aim.target
            self._rest("finished" if done else "paused", self.message)
        self.version += 1

    def _kick(self) -> None:
        """Submit the next burst if there is one to do; called without the lock."""
        with self._lock:
            due = self._next_burst()
            self._generation += due is not None
            generation = self._generation
        if isinstance(due, float):
            self._engine.call_later(due, partial(self._is_due, generation))
        elif due is not None:
            burst, urgency = due
            job = self._engine.submit(
                run_burst,
                burst,
                on_done=partial(self._deliver, generation),
                owner=self.owner or self.id,
                priority=urgency,
                limit_seconds=BURST_LIMIT_SECONDS,
            )
            with self._lock:
                if generation == self._generation and self._is_busy:
                    self._job = job

    def _is_due(self, generation: int) -> None:
        with self._lock:
            if generation != self._generation:
                return
            self._is_waiting = False
        self._kick()

    def _deliver(self, generation: int, outcome: Any) -> None:
        with self._lock:
            if generation != self._generation:
                return
            self._is_busy, self._job = False, None
            if isinstance(outcome, BaseException):
                told = failure_text(outcome, self.lanes, self._place.step)
                self._rest("failed", told)
            else:
                self._accept(outcome)
        self._kick()
