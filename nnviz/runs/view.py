"""What there is to see of a reader's place."""

from __future__ import annotations

import math

from nnviz.records import Snapshot
from nnviz.runs.bursts import Burst
from nnviz.runs.grid import fine_stride, is_on
from nnviz.runs.history import Entry, History
from nnviz.runs.path import Path
from nnviz.runs.place import Place, n_steps_of
from nnviz.runs.reports import Event
from nnviz.runs.timeline import events
from nnviz.runs.trajectory import common_steps
from nnviz.training import TrainingState

WAY_SECONDS = 5.0
"""The longest way to a step that somebody asks about."""


class View(Place):
    """A place as it is looked at; looking moves it to where it is due by now."""

    @property
    def path(self) -> Path:
        """The way that is gone now; another one after a change."""
        return self._path

    @property
    def history(self) -> History:
        """What was passed so far."""
        self._look_around()
        return self._history

    @property
    def passed(self) -> tuple[tuple[int, ...], tuple[Entry, ...]]:
        """Steps and entries of the history, as the last look has left them."""
        return self._history.kept

    @property
    def current_step(self) -> int:
        """Updates so far."""
        self._look_around()
        return self._position

    @property
    def is_live(self) -> bool:
        """Whether something new may still come without another control."""
        return self.status == "running" or self._asks

    @property
    def speed(self) -> float | None:
        """The wished steps a second; None is as fast as it goes."""
        return self._pace.speed

    @property
    def waiting(self) -> str:
        """While there are no workers: since when, and what is done about it; or nothing."""
        return self._engine.waiting

    @property
    def place_in_line(self) -> int | None:
        """How many other trainings go before what this run waits for; None while it goes on."""
        if self.waiting or self.is_from_store:
            return None
        with self._lock:
            lanes = {lane.timeline.name: lane for lane in self._trajectories()}
            waits = any(map(self._store.waits, lanes.values()))
        return self._engine.n_before(lanes) if waits else None

    @property
    def is_from_store(self) -> bool:
        """Whether the steps that pass now were computed before."""
        with self._lock:
            going = [lane for lane in self._trajectories() if lane.end is None]
            ahead = min((lane.head for lane in going), default=math.inf)
            is_there = ahead > self._until or (ahead == self._until and not self._rate > 0)
            return self.status == "running" and is_there

    @property
    def updates_per_second(self) -> float:
        """Steps a second that workers take for each lane; NaN when they take none for this run."""
        if self.status != "running" or self.waiting or self.is_from_store:
            return math.nan
        with self._lock:
            return self._rate

    @property
    def events(self) -> tuple[Event, ...]:
        """What changed on this way, and when."""
        return events(self._path.timelines)

    @property
    def states(self) -> tuple[TrainingState, ...] | None:
        """Where the lanes stand, under the settings asked for; None before the start."""
        standing = self.standing
        if standing is None:
            return None
        return tuple(
            TrainingState.from_bytes(state).with_training(lane.training)
            for state, lane in zip(standing[1], self.lanes, strict=True)
        )

    def look(self, step: int) -> tuple[Entry | None, bool]:
        """What there is to see at a step that was passed, and whether it is exactly that step.

        If not, it is the last one kept before it; the step itself is computed meanwhile.
        """
        with self._lock:
            step = max(0, min(step, self._position))
            entry = self._entry(step)
            self._looking = step if entry is None else None
        self._look_around()
        return (self._history.at(step), False) if entry is None else (entry, True)

    def way_to(self, lane: int, step: int) -> Burst:
        """How a worker comes to where a lane stood at a step that was passed."""
        timeline = self._path.timelines[lane]
        with self._lock:
            trajectory = self._store.of(timeline)
            step = trajectory.last_step(max(0, min(step, self._position)))
            _, state = trajectory.nearest_state(step)
        return Burst(timeline, state, step, WAY_SECONDS)

    def ghost(self, path: Path) -> tuple[tuple[Snapshot, ...], ...]:
        """Another way's snapshots, a tuple a lane, as far as they are still there."""
        with self._lock:
            lanes = [self._store.of(timeline) for timeline in path.timelines]
            stride = fine_stride(n_steps_of(path.lanes))
            steps = sorted(s for s in common_steps(lanes, -1, path.step) if is_on(s, stride))
            return tuple(tuple(filter(None, map(lane.shown, steps))) for lane in lanes)
