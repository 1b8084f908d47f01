"""Bursts: from one state to a later one, the same numbers however the steps are cut.

A trainer is kept warm for the latest specs of this thread. Each burst loads its whole state into
it, so that a cold trainer gives the same numbers.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch

from nnviz.recorders import BackwardRecorder
from nnviz.records import DivergenceRecord, Snapshot
from nnviz.spec import ExperimentSpec
from nnviz.training.snapshots import StepRecord, snapshot
from nnviz.training.state import TrainingState
from nnviz.training.trainer import Trainer, is_finite

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

    With `record`, snapshots are taken before the first update of all, after updates 1, 2, 4,
    8, … and after the last one of the burst. A training that has diverged stays where it is.
    The caller's random state is left as it was. Raises ValueError without any limit.
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
    with _own_random_state():
        lanes = [_Lane(state, number, record) for number, state in enumerate(states)]
        pace = _Pace(time.perf_counter())
        if record:
            for lane in lanes:
                lane.record_start()
        while any(lane.learns for lane in lanes) and (n_steps is None or pace.done < n_steps):
            late = seconds is not None and pace.elapsed >= seconds
            pace.done += 1
            for lane in lanes:
                lane.step(late or pace.done == n_steps, pace)
            if late:
                break
        return [lane.state() for lane in lanes], [lane.snapshots for lane in lanes]


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

    @property
    def learns(self) -> bool:
        return self.divergence is None

    def state(self) -> TrainingState:
        return self.trainer.state(self.divergence)

    def record_start(self) -> None:
        if self.trainer.step == 0 and self.learns:
            self.snapshots.append(self._standing())

    def step(self, last: bool, pace: _Pace) -> None:
        if not self.learns:
            return
        if self.recorded and (last or _is_early(self.trainer.step + 1)):
            self._recorded_step(pace)
        elif is_finite(self.trainer.backward()):
            self.trainer.update()
        else:
            self._diverge()

    def _recorded_step(self, pace: _Pace) -> None:
        trainer = self.trainer
        with BackwardRecorder(trainer.network) as heard:
            loss = trainer.backward()
        if not is_finite(loss):
            self._diverge()
            return
        learning_rate = trainer.learning_rate
        gradient = trainer.gradient.to("cpu", copy=True)
        before = trainer.flat.detach().to("cpu", copy=True)
        trainer.update()
        taken = StepRecord(float(loss), learning_rate, heard, gradient, before)
        self.snapshots.append(snapshot(trainer, taken, pace.rate))

    def _diverge(self) -> None:
        self.divergence = self.trainer.divergence()
        if self.recorded:
            self.snapshots.append(replace(self._standing(), divergence=self.divergence))

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
        kept[key] = Trainer(spec)
        while len(kept) > N_WARM:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]


@contextmanager
def _own_random_state() -> Iterator[None]:
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else []
    with torch.random.fork_rng(devices=list(devices)):
        yield
