"""Bursts: from one state to a later one, the same numbers however the steps are cut.

A trainer is kept warm for the latest specs of this thread. Each burst loads its whole state into
it, so that a cold trainer gives the same numbers.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from nnviz.recorders import BackwardRecorder
from nnviz.records import DivergenceRecord, Snapshot
from nnviz.spec import ExperimentSpec
from nnviz.training.fastest import device_of, ready_trainer
from nnviz.training.snapshots import StepRecord, snapshot
from nnviz.training.state import TrainingState
from nnviz.training.trainer import Trainer
from nnviz.training.trusted import TrustedSteps, careful_update

N_WARM = 8
N_SNAPSHOTS = 100
_warm = threading.local()


def initial_state(spec: ExperimentSpec) -> TrainingState:
    """The state before the first update: fresh weights of the training seed."""
    return Trainer(spec).state()


def advance(
    state: TrainingState,
    n_steps: int | None = None,
    seconds: float | None = None,
    record: bool = True,
) -> tuple[TrainingState, list[Snapshot]]:
    """Train on for `n_steps` updates or about `seconds`, whichever ends first.

    It takes one update at least, and begins no other that would end after `seconds` if it took as
    long as the last. With `record`, snapshots are taken before the first update of all, after
    updates 1, 2, 4, 8, … and after the last one of the burst. A training that has diverged stays
    where it is. No global random state is read or written. Raises ValueError without any limit.
    """
    states, snapshots = advance_lanes([state], n_steps, seconds, record)
    return states[0], snapshots[0]


def advance_lanes(
    states: Sequence[TrainingState],
    n_steps: int | None = None,
    seconds: float | None = None,
    record: bool = True,
) -> tuple[list[TrainingState], list[list[Snapshot]]]:
    """`advance` for several trainings in lockstep: all are at the same step in every snapshot."""
    if n_steps is None and seconds is None:
        raise ValueError("advance needs n_steps or seconds")
    lanes = [_Lane(state, number, record) for number, state in enumerate(states)]
    pace = _Pace(time.perf_counter())
    for lane in lanes:
        lane.record_start()
    while any(lane.learns for lane in lanes) and (n_steps is None or pace.done < n_steps):
        last = pace.is_last(seconds, lanes)
        pace.done += 1
        for lane in lanes:
            lane.step(last or pace.done == n_steps, pace)
        if last or pace.is_over(seconds, lanes):
            break
    return [lane.finished() for lane in lanes], [lane.snapshots for lane in lanes]


def train(spec: ExperimentSpec) -> Iterator[Snapshot]:
    """The whole training of `spec.training.n_steps` updates, as about a hundred snapshots."""
    state, n_steps = initial_state(spec), spec.training.n_steps
    stride = max(1, n_steps // N_SNAPSHOTS)
    while state.step < n_steps and state.divergence is None:
        state, snapshots = advance(state, n_steps=min(stride, n_steps - state.step))
        yield from snapshots


class _Lane:
    """One training inside a burst."""

    def __init__(self, state: TrainingState, number: int, record: bool) -> None:
        self.trainer = _warm_trainer(state.spec, number)
        self.trainer.load(state)
        self.recorded = record
        self.snapshots: list[Snapshot] = []
        self.divergence: DivergenceRecord | None = state.divergence
        self._trusted = TrustedSteps(self.trainer)

    @property
    def is_recorded(self) -> bool:
        """Whether the last update has its snapshot."""
        return bool(self.snapshots) and self.snapshots[-1].step == self.trainer.step

    @property
    def learns(self) -> bool:
        return self.divergence is None

    def finished(self) -> TrainingState:
        self._diverge(self._trusted.settle())
        return self.trainer.state(self.divergence)

    def record_start(self) -> None:
        if self.recorded and self.trainer.step == 0 and self.learns:
            self.snapshots.append(self._standing())

    def step(self, last: bool, pace: _Pace) -> None:
        if not self.learns:
            return
        started = time.perf_counter()
        if not self.recorded or not (last or _is_early(self.trainer.step + 1)):
            self._diverge(self._trusted.step())
            self.trainer.step_seconds = time.perf_counter() - started
            return
        self._diverge(self._trusted.settle())
        if self.learns:
            self._recorded_step(pace)

    def _recorded_step(self, pace: _Pace) -> None:
        started = time.perf_counter()
        outcome = careful_update(self.trainer)
        self.trainer.step_seconds = time.perf_counter() - started
        if isinstance(outcome, DivergenceRecord):
            self._diverge(outcome)
        else:
            self.snapshots.append(snapshot(self.trainer, outcome, pace.rate))

    def _diverge(self, found: DivergenceRecord | None) -> None:
        if found is None:
            return
        self.divergence = found
        if self.recorded:
            self.snapshots.append(replace(self._standing(), divergence=found))

    def _standing(self) -> Snapshot:
        """A snapshot without an update: the next step's gradients, weights as they are."""
        trainer = self.trainer
        with trainer.untouched(), BackwardRecorder(trainer.network) as heard:
            loss = float(trainer.backward())
        step = StepRecord(loss, trainer.learning_rate, heard, trainer.gradient.cpu())
        return snapshot(trainer, step)


@dataclass
class _Pace:
    """How fast the steps of a burst go, recording included."""

    started: float
    done: int = 0

    def is_last(self, seconds: float | None, lanes: Sequence[_Lane]) -> bool:
        """Whether no further update would end in time after the next one."""
        if seconds is None:
            return False
        return self.elapsed + sum(lane.trainer.step_seconds for lane in lanes) >= seconds

    def is_over(self, seconds: float | None, lanes: Sequence[_Lane]) -> bool:
        """Whether the time is up and every lane that learns has its snapshot already."""
        late = seconds is not None and self.elapsed >= seconds
        return late and all(lane.is_recorded for lane in lanes if lane.learns)

    @property
    def elapsed(self) -> float:
        return time.perf_counter() - self.started

    @property
    def rate(self) -> float:
        return self.done / max(self.elapsed, 1e-9)


def _is_early(step: int) -> bool:
    return step & (step - 1) == 0


def _warm_trainer(spec: ExperimentSpec, lane: int) -> Trainer:
    """A trainer of this spec; lanes of one burst never share one."""
    kept: OrderedDict[tuple[ExperimentSpec, int], Trainer]
    kept = _warm.__dict__.setdefault("trainers", OrderedDict())
    key = (spec, lane)
    if key not in kept:
        kept[key] = ready_trainer(spec, device_of(spec))
        while len(kept) > N_WARM:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]
