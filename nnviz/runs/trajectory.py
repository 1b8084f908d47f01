"""What is known of one training: snapshots by step and, more sparsely, states.

A fork shares its parent's up to the step of the change. The caller locks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TypeVar

from nnviz.experiments.mode_gap.records import ModeGapRecord
from nnviz.records import Snapshot
from nnviz.runs.bursts import BurstResult
from nnviz.runs.grid import MIN_KEPT
from nnviz.runs.history import n_bytes
from nnviz.runs.timeline import Timeline
from nnviz.training import is_early

MAX_BYTES = 48 * 2**20
"""Of the snapshots and states of one trajectory."""
MAX_GAPS = 240
N_OFF_GRID = 24
"""States kept for those who rest between the steps of the grid."""

Kept = TypeVar("Kept")


class Trajectory:
    """One training, computed once for all who ask for it.

    `head` is how far it was taken; before its start -1, in a fork the step of the change. What is
    dropped to save memory is computed again when somebody asks.
    """

    def __init__(self, timeline: Timeline, parent: Trajectory | None = None) -> None:
        self.timeline, self.parent = timeline, parent
        self.fork_step = timeline.fork_step if parent else -1
        self.head = self.fork_step
        self._end: Snapshot | None = None
        self._gaps: dict[int, ModeGapRecord] = {}
        self._snapshots: dict[int, Snapshot] = {}
        self._states: dict[int, bytes] = {}
        self._off_grid: list[int] = []
        self._snapshot_bytes = self._state_bytes = 0

    @property
    def end(self) -> Snapshot | None:
        """The last snapshot of a training that has diverged: no step follows it.

        A change at that very step lets it go on, a later one comes too late.
        """
        inherited = None if self.parent is None else self.parent.end
        is_late = inherited is not None and inherited.step < self.fork_step
        return inherited if is_late else self._end

    @property
    def lineage(self) -> tuple[Trajectory, ...]:
        """It and what it was forked from, the first training last."""
        return (self, *(() if self.parent is None else self.parent.lineage))

    @property
    def n_bytes(self) -> int:
        """About how much memory it takes, without its parent."""
        held = len(self._snapshots) + len(self._gaps)
        return held * self._snapshot_bytes + self._state_bytes

    def recorded(self, step: int) -> Snapshot | None:
        """The snapshot of exactly this step, if there is one."""
        return self._owner(step)._snapshots.get(step)

    def shown(self, step: int) -> Snapshot | None:
        """The same; of a training that has diverged by then, its last one."""
        if self.end is not None and step >= self.end.step:
            return self.end
        return self.recorded(step)

    def steps(self, after: int, until: int) -> set[int]:
        """The recorded steps in (after, until]."""
        found = {step for step in self._snapshots if after < step <= until}
        if self.parent is not None and after < self.fork_step:
            found |= self.parent.steps(after, min(until, self.fork_step))
        return found

    def state(self, step: int) -> bytes | None:
        """The state at exactly this step, if it was kept."""
        return self._owner(step)._states.get(step)

    def state_steps(self, until: int) -> set[int]:
        """The steps up to `until` whose states were kept."""
        found = {step for step in self._states if step <= until}
        if self.parent is not None:
            found |= self.parent.state_steps(min(until, self.fork_step))
        return found

    def nearest_state(self, step: int) -> tuple[int, bytes | None]:
        """The last kept state not after `step`; (-1, None) is the start of the training."""
        nearest = max(self.state_steps(step), default=-1)
        return nearest, self.state(nearest) if nearest >= 0 else None

    def last_step(self, step: int) -> int:
        """`step`, or where the training stopped before it."""
        return step if self.end is None else min(step, self.end.step)

    @property
    def gap_steps(self) -> tuple[int, ...]:
        """The steps at which both modes were measured, those of the parent included."""
        inherited = () if self.parent is None else self.parent.gap_steps
        return (*(step for step in inherited if step <= self.fork_step), *self._gaps)

    def gap(self, step: int) -> ModeGapRecord | None:
        """What both modes gave at exactly this step, if that was measured."""
        return self._owner(step)._gaps.get(step)

    def keep_gap(self, step: int, gap: ModeGapRecord) -> None:
        """Keep what both modes gave; at most a few hundred of them."""
        owner = self._owner(step)
        gaps = {**owner._gaps, step: gap}
        owner._gaps = _halved(gaps, [step]) if len(gaps) > MAX_GAPS else gaps

    def deposit(self, result: BurstResult) -> None:
        """Keep what a burst brought."""
        for snapshot in result.snapshots:
            if snapshot.divergence is not None:
                self._owner(snapshot.divergence.step)._end = snapshot
                continue
            owner = self._owner(snapshot.step)
            owner._snapshots.setdefault(snapshot.step, snapshot)
            owner._snapshot_bytes = owner._snapshot_bytes or n_bytes(snapshot)
        for step, state in (*result.states, (result.step, result.state)):
            self._owner(step)._keep(step, state)
        self.head = max(self.head, result.step)

    def trim(self, seen: Iterable[int] = (), stood: Iterable[int] = ()) -> None:
        """Thin it and its parents until each fits; see `thin`."""
        while self.n_bytes > MAX_BYTES and self.thin(seen, stood):
            pass
        if self.parent is not None:
            self.parent.trim(seen, stood)

    def thin(self, seen: Iterable[int] = (), stood: Iterable[int] = ()) -> bool:
        """Drop every other snapshot and state; whether there was anything to drop.

        Snapshots at `seen` and states at `stood` are spared: somebody waits for them.
        """
        before = self.n_bytes
        early = {step for step in self._snapshots if is_early(step)}
        self._snapshots = _halved(self._snapshots, early.union(seen))
        self._gaps = _halved(self._gaps)
        self._states = _halved(self._states, {*self._off_grid[-2:], self.head, *stood})
        self._state_bytes = sum(map(len, self._states.values()))
        self._off_grid = [step for step in self._off_grid if step in self._states]
        return self.n_bytes < before

    def _keep(self, step: int, state: bytes) -> None:
        if step % MIN_KEPT and step not in self._states:
            self._off_grid.append(step)
        self._state_bytes += len(state) - len(self._states.get(step, b""))
        self._states[step] = state
        while len(self._off_grid) > N_OFF_GRID:
            self._state_bytes -= len(self._states.pop(self._off_grid.pop(0)))

    def _owner(self, step: int) -> Trajectory:
        found = self
        while found.parent is not None and step <= found.fork_step:
            found = found.parent
        return found


def common_steps(lanes: Sequence[Trajectory], after: int, until: int) -> set[int]:
    """The steps in (after, until] of which every lane has something to show.

    A lane that has diverged shows its last snapshot while the others go on; where all have, the
    last of these steps is the last there is.
    """
    recorded = [lane.steps(after, until) for lane in lanes]
    ends = [math.inf if lane.end is None else lane.end.step for lane in lanes]
    found = {
        step
        for step in set().union(*recorded)
        if all(step in own or step >= end for own, end in zip(recorded, ends, strict=True))
    }
    last = max(ends)
    if after < last <= until:
        return {step for step in found if step < last} | {int(last)}
    return found


def _halved(kept: dict[int, Kept], spared: Iterable[int] = ()) -> dict[int, Kept]:
    steps, spared = sorted(kept), set(spared)
    return {
        step: kept[step] for place, step in enumerate(steps) if place % 2 == 0 or step in spared
    }
