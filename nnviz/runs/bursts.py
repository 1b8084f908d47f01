"""One burst: what travels to a worker, what it does there, what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnviz.records import Snapshot
from nnviz.runs.history import Entry
from nnviz.spec import ExperimentSpec
from nnviz.spec.batches import batch_bounds
from nnviz.training import TrainingState, advance_lanes, initial_state


@dataclass(frozen=True)
class Burst:
    """A request: advance these lanes. Without states it starts them and records step 0."""

    specs: tuple[ExperimentSpec, ...]
    states: tuple[bytes, ...] | None
    n_steps: int
    seconds: float


@dataclass(frozen=True)
class Place:
    """Where the lanes stand: the lane that is furthest, its step and its place in the epoch."""

    lane: int = 0
    step: int = 0
    position: int = 0


@dataclass(frozen=True)
class BurstResult:
    """The lanes' states afterwards and the snapshots taken on the way."""

    states: tuple[bytes, ...]
    snapshots: tuple[tuple[Snapshot, ...], ...]
    furthest: Place


def run_burst(burst: Burst) -> BurstResult:
    """Advance the lanes; called on a worker. Depends on nothing but the request."""
    # Imported here: the app's process has no use for it.
    import torch

    torch.set_num_threads(1)
    states, snapshots = advance_lanes(_states(burst), burst.n_steps, burst.seconds)
    lane, furthest = max(enumerate(states), key=lambda numbered: numbered[1].step)
    return BurstResult(
        tuple(state.to_bytes() for state in states),
        tuple(map(tuple, snapshots)),
        Place(lane, furthest.step, furthest.position),
    )


def steps_to_epoch_end(spec: ExperimentSpec, position: int, n_epochs: int = 1) -> int:
    """Steps that end this epoch, `position` samples of which were used, and `n_epochs` - 1 more."""
    n_train, batch_size = spec.data.n_train, spec.training.batch_size
    whole = len(batch_bounds(n_train, batch_size))
    left = len(batch_bounds(n_train, batch_size, position)) or whole
    return left + (n_epochs - 1) * whole


def _states(burst: Burst) -> list[TrainingState]:
    if burst.states is None:
        return [initial_state(spec) for spec in burst.specs]
    states = []
    for spec, data in zip(burst.specs, burst.states, strict=True):
        state = TrainingState.from_bytes(data)
        same = state.spec.training == spec.training
        states.append(state if same else state.with_training(spec.training))
    return states


def lockstep(
    snapshots: Sequence[Sequence[Snapshot]], before: Entry | None
) -> list[tuple[int, Entry]]:
    """A burst's snapshots as (step, one snapshot a lane).

    A lane that has diverged stays at its last snapshot while the others go on.
    """
    lanes = [
        [*((before[number],) if before else ()), *taken] for number, taken in enumerate(snapshots)
    ]
    if not all(lanes):
        return []
    new = [snapshot for taken in snapshots for snapshot in taken]
    steps = {snapshot.step for snapshot in new if snapshot.divergence is None}
    if all(lane[-1].divergence for lane in lanes):
        steps |= {max((snapshot.step for snapshot in new), default=0)} if new else set()
    return [(step, tuple(_last_until(lane, step) for lane in lanes)) for step in sorted(steps)]


def _last_until(lane: list[Snapshot], step: int) -> Snapshot:
    return next((taken for taken in reversed(lane) if taken.step <= step), lane[0])
