"""One way that a reader's lanes went: their settings, their trainings, how far and how it ended."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from nnviz.runs.changes import difference, needs_new_network
from nnviz.runs.history import Entry
from nnviz.runs.reports import RunStatus
from nnviz.runs.timeline import Timeline
from nnviz.spec import ExperimentSpec

MAX_CHANGES = 100
"""Of one training; one more begins it anew."""


@dataclass(eq=False)
class Path:
    """`lanes` are the settings as asked for, `told` what made them differ from those before.

    `step` is how far the reader went, `latest` what was seen there last.
    """

    lanes: tuple[ExperimentSpec, ...]
    timelines: tuple[Timeline, ...]
    told: str = ""
    step: int = 0
    status: RunStatus = "paused"
    latest: Entry | None = None
    id: str = field(default_factory=lambda: secrets.token_hex(6))

    @classmethod
    def begin(cls, lanes: Sequence[ExperimentSpec], where: str, told: str = "") -> Path:
        """From step 0."""
        return cls(tuple(lanes), tuple(Timeline.begin(lane, where) for lane in lanes), told)

    def changed(self, lanes: Sequence[ExperimentSpec], step: int) -> Path:
        """Other settings: from `step` on where the weights can stay, else from step 0."""
        lanes, where = tuple(lanes), self.where
        if len(lanes) != len(self.lanes):
            return Path.begin(lanes, where, "Changed the lanes")
        pairs = list(zip(self.lanes, lanes, strict=True))
        words = dict.fromkeys(text for before, after in pairs for text in difference(before, after))
        told = f"Changed {', '.join(words)}"
        if any(needs_new_network(before, after) for before, after in pairs):
            return Path.begin(lanes, where, told)
        timelines = tuple(
            timeline.forked(step, lane.training)
            for timeline, lane in zip(self.timelines, lanes, strict=True)
        )
        if any(len(timeline.changes) > MAX_CHANGES for timeline in timelines):
            return Path.begin(lanes, where, told)
        return Path(lanes, timelines, told, step)

    @property
    def where(self) -> str:
        """The cluster that computes it; "" is this machine."""
        return self.timelines[0].where

    @property
    def is_fork(self) -> bool:
        """Whether it left another way later than at its start."""
        return any(timeline.changes for timeline in self.timelines)
