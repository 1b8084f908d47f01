"""One burst: what travels to a worker, what it does there, what comes back."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import torch

from nnviz.records import Snapshot
from nnviz.runs.grid import is_on
from nnviz.runs.timeline import Timeline
from nnviz.spec import ExperimentSpec, TrainingSpec
from nnviz.spec.batches import batch_bounds, epoch_is_over
from nnviz.training import TrainingState, advance_to, device_of, initial_state


@dataclass(frozen=True)
class Burst:
    """A request: take this training from a state (None: from its start) to step `until`.

    Recorded are the steps of the grids, each given as (stride, last step), and `recorded`; kept
    are the states at multiples of `keep_every` (0: none) and at `kept`.
    """

    timeline: Timeline
    state: bytes | None
    until: int
    seconds: float
    grids: tuple[tuple[int, int], ...] = ()
    keep_every: int = 0
    recorded: frozenset[int] = frozenset()
    kept: frozenset[int] = frozenset()

    def records(self, step: int) -> bool:
        """Whether there is to be a snapshot of `step`."""
        on_grid = any(step <= last and is_on(step, stride) for stride, last in self.grids)
        return on_grid or step in self.recorded

    def keeps(self, step: int) -> bool:
        """Whether the state at `step` is to be kept."""
        return step in self.kept or bool(self.keep_every and step % self.keep_every == 0)


@dataclass(frozen=True)
class BurstResult:
    """Where the training stands, and what was taken on the way; states by step, as bytes."""

    step: int
    state: bytes
    snapshots: tuple[Snapshot, ...]
    states: tuple[tuple[int, bytes], ...]


def run_burst(burst: Burst) -> BurstResult:
    """Take the training on; called on a worker. Depends on nothing but the request."""
    torch.set_num_threads(1)
    ends = time.perf_counter() + burst.seconds
    state = _start(burst)
    snapshots: list[Snapshot] = []
    kept: list[TrainingState] = []
    while True:
        until = min(burst.until, burst.timeline.next_change(state.step) or burst.until)
        part = advance_to(
            under(state, burst.timeline.training_at(state.step)),
            until,
            ends - time.perf_counter(),
            recorded=burst.records,
            kept=burst.keeps,
        )
        state = part.state
        snapshots += part.snapshots
        kept += part.states
        if state.step < until or until == burst.until or time.perf_counter() >= ends:
            break
    states = tuple((one.step, one.to_bytes()) for one in kept)
    return BurstResult(state.step, state.to_bytes(), tuple(snapshots), states)


def _start(burst: Burst) -> TrainingState:
    if burst.state is not None:
        return TrainingState.from_bytes(burst.state)
    spec = burst.timeline.spec
    device = device_of(spec).type
    own = spec.training.model_copy(update={"device": device})
    return initial_state(ExperimentSpec(data=spec.data, network=spec.network, training=own))


def under(state: TrainingState, training: TrainingSpec) -> TrainingState:
    """The state under these settings; "auto" stays on the device that was found at the start."""
    if training.device == "auto":
        training = training.model_copy(update={"device": state.spec.training.device})
    if training == state.spec.training:
        return state
    return replace(state.with_training(training), divergence=None)


def steps_to_epoch_end(timeline: Timeline, step: int, n_epochs: int = 1) -> int:
    """Steps from `step` on that end its epoch and `n_epochs` - 1 more."""
    n_train = timeline.spec.data.n_train
    start, position = 0, 0
    while True:
        batch_size = timeline.training_at(start).batch_size
        if epoch_is_over(n_train, batch_size, position):
            position = 0
        whole = len(batch_bounds(n_train, batch_size))
        bounds = batch_bounds(n_train, batch_size, position)
        end = min(timeline.next_change(start) or step, step)
        if end - start >= len(bounds):
            position, n = 0, (end - start - len(bounds)) % whole
            bounds = batch_bounds(n_train, batch_size)
        else:
            n = end - start
        position = bounds[n - 1][1] if n else position
        if end == step and timeline.training_at(step).batch_size == batch_size:
            left = len(bounds) - n or whole
            return left + (n_epochs - 1) * whole
        start = end
