"""What a unit is by itself, as a page asks for it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from nnviz.experiments.unit.measured import unit_seen
from nnviz.experiments.unit.records import AskedUnit, UnitRecord
from nnviz.feed.question import Question
from nnviz.feed.wire import Json
from nnviz.runs.inquiry import Inquiry
from nnviz.spec.by_hand import Index, LayerName


class Unit(Question):
    """A unit of a layer where the training stood."""

    ask: Literal["unit"]
    layer: LayerName
    unit: Index

    @property
    def inquiry(self) -> tuple[Inquiry, Any]:
        """Look at it there."""
        return unit_seen, AskedUnit(self.layer, self.unit)

    def told(self, found: UnitRecord) -> Json:
        """Every field by its name; what does not exist is null."""
        return asdict(found)
