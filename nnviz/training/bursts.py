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
from dataclasses import replace

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
    trainer = _cold_trainer(spec)
    return trainer.state()


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
        started, done = time.perf_counter(), 0
        if record:
            for lane in lanes:
                lane.record_start()
        while any(lane.learns for lane in lanes) and (n_steps is None or done < n_steps):
            late = seconds is not None and time.perf_counter() - started >= seconds
            last = late or (n_steps is not None and done + 1 == n_steps)
            rate = (done + 1) / max(time.perf_counter() - started, 1e-9)
            for lane in lanes:
                lane.step(last, rate)
            done += 1
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
        trainer = self.trainer
        if trainer.step == 0 and self.learns:
            with trainer.untouched(), BackwardRecorder(trainer.network) as heard:
                loss = float(trainer.backward())
            start = StepRecord(loss, trainer.learning_rate, heard, None)
            self.snapshots.append(snapshot(trainer, start))

    def step(self, last: bool, rate: float) -> None:
        if not self.learns:
            return
        if not self.recorded or not (last or _is_early(self.trainer.step + 1)):
            if is_finite(self.trainer.backward()):
                self.trainer.update()
            else:
                self._diverge()
            return
        self._recorded_step(rate)

    def _recorded_step(self, rate: float) -> None:
        trainer = self.trainer
        with BackwardRecorder(trainer.network) as heard:
            loss = trainer.backward()
        if not is_finite(loss):
            self._diverge()
            return
        learning_rate, before = trainer.learning_rate, trainer.flat.detach().clone()
        trainer.update()
        taken = StepRecord(float(loss), learning_rate, heard, before)
        self.snapshots.append(snapshot(trainer, taken, rate))

    def _diverge(self) -> None:
        trainer = self.trainer
        self.divergence = trainer.divergence()
        if self.recorded:
            with trainer.untouched(), BackwardRecorder(trainer.network) as heard:
                loss = float(trainer.backward())
            last = StepRecord(loss, trainer.learning_rate, heard, None)
            self.snapshots.append(replace(snapshot(trainer, last), divergence=self.divergence))


def _is_early(step: int) -> bool:
    return step & (step - 1) == 0


def _cold_trainer(spec: ExperimentSpec) -> Trainer:
    return Trainer(spec)


def _warm_trainer(spec: ExperimentSpec, lane: int) -> Trainer:
    """A trainer of this spec; lanes of one burst never share one."""
    kept: OrderedDict[tuple[ExperimentSpec, int], Trainer]
    kept = _warm.__dict__.setdefault("trainers", OrderedDict())
    key = (spec, lane)
    if key not in kept:
        kept[key] = _cold_trainer(spec)
        while len(kept) > N_WARM:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]


@contextmanager
def _own_random_state() -> Iterator[None]:
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else []
    with torch.random.fork_rng(devices=list(devices)):
        yield
