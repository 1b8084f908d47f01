"""Following a run through both modes: each state it reaches is measured on a worker."""

from __future__ import annotations

import threading
from typing import Any

from nnviz.experiments.mode_gap.measured import mode_gaps
from nnviz.experiments.mode_gap.records import ModeGapRecord
from nnviz.runs.engine import Engine, engine
from nnviz.runs.run import Run

MAX_KEPT = 240

Gaps = tuple[ModeGapRecord, ...]


class ModeGaps:
    """One record a lane for the states that `follow` has met, by step; the run is only read."""

    def __init__(self, run: Run, on: Engine | None = None) -> None:
        self.run = run
        self.version = 0
        self.message = ""
        self._engine = on or engine()
        self._lock = threading.Lock()
        self._kept: dict[int, Gaps] = {}
        self._measured: tuple[bytes, ...] | None = None
        self._is_busy = False

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps that were measured, in order."""
        return tuple(self._kept)

    @property
    def is_behind(self) -> bool:
        """Whether the run stands where nothing has been measured yet."""
        return self._is_busy or self.run.state_bytes is not self._measured

    def entries(self) -> tuple[tuple[int, Gaps], ...]:
        """(step of the furthest lane, one record a lane) in order."""
        return tuple(self._kept.items())

    def at(self, step: int | None) -> Gaps | None:
        """The last records not after `step` (None: the newest), or the first ones, or None."""
        kept = list(self._kept.items())
        if not kept:
            return None
        until = [gaps for taken, gaps in kept if step is None or taken <= step]
        return until[-1] if until else kept[0][1]

    def follow(self) -> None:
        """Measure where the run stands now unless that is done or under way; returns at once."""
        states = self.run.state_bytes
        with self._lock:
            if states is None or states is self._measured or self._is_busy:
                return
            self._is_busy, self._measured = True, states
        self._engine.submit(
            mode_gaps, states, on_done=self._deliver, owner=self.run.owner, priority="live"
        )

    def _deliver(self, outcome: Any) -> None:
        with self._lock:
            self._is_busy = False
            self.version += 1
            if isinstance(outcome, BaseException):
                self.message = f"The two modes could not be measured: {outcome}"
                return
            self.message = ""
            step = max(record.step for record in outcome)
            kept = {taken: gaps for taken, gaps in self._kept.items() if taken < step}
            if len(kept) >= MAX_KEPT:
                kept = {t: gaps for place, (t, gaps) in enumerate(kept.items()) if place % 2 == 0}
            self._kept = {**kept, step: outcome}
