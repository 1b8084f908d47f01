"""Bursts: from one state to a later one, the same numbers however the steps are cut.

A trainer is kept warm for the latest specs of this thread. Each burst loads its whole state into
it, so that a cold trainer gives the same numbers.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
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

Steps = Callable[[int], bool]
"""Which steps, counted after the update."""


@dataclass(frozen=True)
class Stretch:
    """Where a training stands now, the snapshots of the way and the states kept there, by step.

    The last snapshot of a training that has diverged tells it, and stands where it stopped.
    """

    state: TrainingState
    snapshots: tuple[Snapshot, ...]
    states: tuple[TrainingState, ...]


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
    if n_steps is None and seconds is None:
        raise ValueError("advance needs n_steps or seconds")
    until = None if n_steps is None else state.step + n_steps
    burst = _Burst(state, is_early if record else _never, _never, records_last=record)
    burst.go(until, seconds)
    return burst.state(), burst.snapshots


def advance_to(
    state: TrainingState, until: int, seconds: float, *, recorded: Steps, kept: Steps
) -> Stretch:
    """Train on to step `until` or for about `seconds`, whichever ends first.

    Snapshots and copies of the state are taken at the steps that `recorded` and `kept` name, and
    at no others: what is recorded does not depend on how the steps are cut. It takes one update
    at least where `until` allows it.
    """
    burst = _Burst(state, recorded, kept)
    burst.go(until, seconds)
    return Stretch(burst.state(), tuple(burst.snapshots), tuple(burst.states))


def train(spec: ExperimentSpec) -> Iterator[Snapshot]:
    """The whole training of `spec.training.n_steps` updates, as about a hundred snapshots.

    A page's trainings have one thread each: after `torch.set_num_threads(1)` and on the same kind
    of processor the numbers are the page's, bit for bit.
    """
    state, n_steps = initial_state(spec), spec.training.n_steps
    stride = max(1, n_steps // N_SNAPSHOTS)
    while state.step < n_steps and state.divergence is None:
        state, snapshots = advance(state, n_steps=min(stride, n_steps - state.step))
        yield from snapshots


class _Burst:
    """One training on its way."""

    def __init__(
        self, state: TrainingState, recorded: Steps, kept: Steps, records_last: bool = False
    ) -> None:
        self.trainer = _warm_trainer(state.spec)
        self.trainer.load(state)
        self.snapshots: list[Snapshot] = []
        self.states: list[TrainingState] = []
        self._recorded, self._kept, self._records_last = recorded, kept, records_last
        self._records = records_last or recorded is not _never
        self._divergence: DivergenceRecord | None = state.divergence
        self._trusted = TrustedSteps(self.trainer)

    def state(self) -> TrainingState:
        """Where the training stands."""
        return self.trainer.state(self._divergence)

    def go(self, until: int | None, seconds: float | None) -> None:
        """Take the steps."""
        started = time.perf_counter()
        if self.trainer.step == 0 and self._divergence is None:
            if self._recorded(0):
                self.snapshots.append(self._standing())
            if self._kept(0):
                self.states.append(self.trainer.state())
        while self._divergence is None and (until is None or self.trainer.step < until):
            next_step, elapsed = self.trainer.step + 1, time.perf_counter() - started
            is_last = seconds is not None and elapsed + self.trainer.step_seconds >= seconds
            is_last |= next_step == until
            self._step(self._recorded(next_step) or (self._records_last and is_last))
            late = seconds is not None and time.perf_counter() - started >= seconds
            if is_last or (late and self._is_recorded):
                break
        self._diverge(self._trusted.settle())

    @property
    def _is_recorded(self) -> bool:
        """Whether the last update has its snapshot, or needs none."""
        if not self._records_last:
            return True
        return bool(self.snapshots) and self.snapshots[-1].step == self.trainer.step

    def _step(self, recorded: bool) -> None:
        started = time.perf_counter()
        if recorded:
            self._diverge(self._trusted.settle())
            if self._divergence is None:
                self._recorded_step()
        else:
            self._diverge(self._trusted.step())
            self.trainer.step_seconds = time.perf_counter() - started
        if self._divergence is None and self._kept(self.trainer.step):
            self._diverge(self._trusted.settle())
            if self._divergence is None:
                self.states.append(self.trainer.state())

    def _recorded_step(self) -> None:
        started = time.perf_counter()
        outcome = careful_update(self.trainer)
        self.trainer.step_seconds = time.perf_counter() - started
        if isinstance(outcome, DivergenceRecord):
            self._diverge(outcome)
        else:
            self.snapshots.append(snapshot(self.trainer, outcome))

    def _diverge(self, found: DivergenceRecord | None) -> None:
        if found is None:
            return
        self._divergence = found
        if self._records:
            self.snapshots.append(replace(self._standing(), divergence=found))

    def _standing(self) -> Snapshot:
        """A snapshot without an update: the next step's gradients, weights as they are."""
        trainer = self.trainer
        with trainer.untouched(), BackwardRecorder(trainer.network) as heard:
            loss = float(trainer.backward())
        step = StepRecord(loss, trainer.learning_rate, heard, trainer.gradient.cpu())
        return snapshot(trainer, step)


def is_early(step: int) -> bool:
    """Whether `step` is 0 or a power of two."""
    return step & (step - 1) == 0


def _never(step: int) -> bool:
    return False


def _warm_trainer(spec: ExperimentSpec) -> Trainer:
    kept: OrderedDict[ExperimentSpec, Trainer]
    kept = _warm.__dict__.setdefault("trainers", OrderedDict())
    if spec not in kept:
        kept[spec] = ready_trainer(spec, device_of(spec))
        while len(kept) > N_WARM:
            kept.popitem(last=False)
    kept.move_to_end(spec)
    return kept[spec]
