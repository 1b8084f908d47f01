"""Following a run through both modes: each state that it passes is measured on a worker.

What was measured belongs to the trajectory, so that nothing is measured twice.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from nnviz.experiments.mode_gap.measured import mode_gap
from nnviz.experiments.mode_gap.records import ModeGapRecord
from nnviz.runs.engine import Engine
from nnviz.runs.run import Run
from nnviz.runs.trajectory import Trajectory

Gaps = tuple[ModeGapRecord, ...]


class ModeGaps:
    """One record a lane at the steps that `follow` has met; the run is only read."""

    def __init__(self, run: Run, on: Engine | None = None) -> None:
        self.run = run
        self.message = ""
        self._engine = on or run.engine
        self._asked: set[tuple[Trajectory, int]] = set()

    @property
    def is_behind(self) -> bool:
        """Whether the run stands where nothing has been measured yet."""
        standing = self.run.standing
        return not self.message and standing is not None and self._gaps(standing[0]) is None

    def entries(self) -> tuple[tuple[int, Gaps], ...]:
        """(step of the furthest lane, one record a lane) in order."""
        steps = {step for lane in self.run.trajectories for step in lane.gap_steps}
        found = [(step, self._gaps(step)) for step in sorted(steps)]
        until = self.run.current_step
        return tuple((step, gaps) for step, gaps in found if gaps is not None and step <= until)

    def at(self, step: int | None) -> Gaps | None:
        """The last records not after `step` (None: the newest), or the first ones, or None."""
        entries = self.entries()
        until = [gaps for taken, gaps in entries if step is None or taken <= step]
        return until[-1] if until else (entries[0][1] if entries else None)

    def follow(self) -> None:
        """Measure where the run stands now unless that is done or under way; returns at once."""
        standing = self.run.standing
        if standing is None:
            return
        for lane, state in zip(self.run.trajectories, standing[1], strict=True):
            step = lane.last_step(standing[0])
            if lane.gap(step) is not None or (lane, step) in self._asked:
                continue
            self._asked.add((lane, step))
            self._engine.submit(
                mode_gap,
                state,
                on_done=partial(self._deliver, lane, step),
                owner=lane.timeline.name,
            )

    def _gaps(self, step: int) -> Gaps | None:
        found = [lane.gap(lane.last_step(step)) for lane in self.run.trajectories]
        gaps = tuple(gap for gap in found if gap is not None)
        return gaps if len(gaps) == len(found) else None

    def _deliver(self, lane: Trajectory, step: int, outcome: Any) -> None:
        if isinstance(outcome, BaseException):
            self.message = f"The two modes could not be measured: {outcome}"
        else:
            self.message = ""
            self._asked.discard((lane, step))
            lane.keep_gap(step, outcome)
        self.run.ring()
