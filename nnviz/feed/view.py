"""A view: what one panel of the live page shows of one to four lanes, and when it has a say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from nnviz.experiments.mode_gap.records import ModeGapRecord
from nnviz.feed.panels import Choices, Panel
from nnviz.figures import FigureDict, Flow, Ghost, Series
from nnviz.figures.shared_axes import AxisLimits, common_limits, with_limits
from nnviz.records import QUALITY, DataRecord, Snapshot, Task
from nnviz.spec import ExperimentSpec

Part = Literal["views", "modes", "seeds"]
Applies = Callable[[Sequence[ExperimentSpec]], bool]


@dataclass(frozen=True)
class Asked:
    """What the reader wants to see: which part of the page, names of views, what they show."""

    names: tuple[str, ...] = ()
    part: Part = "views"
    layer: str = ""
    """The block whose details are shown."""
    quantity: str = "activation"
    example: int = 0
    """The test point whose way through the network is shown."""
    flow: Flow = "train"
    """What pipelines show: both modes forward, or the gradient."""
    show_test: bool = True
    log_steps: bool = False
    log_loss: bool = True
    is_frozen: bool = False
    """Whether axes that lanes share stay as they are instead of following the data."""
    pin: tuple[str, int] | None = None
    """A layer and a unit of it, shown in the place of the answer."""


@dataclass(frozen=True)
class Repeated:
    """A repetition of the lanes: how many seeds, how far, and its verdict once it is over."""

    n_seeds: int
    fraction: float
    verdict: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """What the views draw from; sequences have one entry a lane."""

    names: Sequence[str]
    specs: Sequence[ExperimentSpec]
    series: Sequence[Series]
    snapshots: Sequence[Snapshot]
    data: Sequence[DataRecord]
    asked: Asked
    cursor: float | None = None
    """Where the cursor stands in charts over time; None while the newest is followed."""
    ghost: Ghost | None = None
    """Another way of the lanes, to lie faintly under the present one."""
    gaps: Sequence[tuple[int, Sequence[ModeGapRecord]]] = ()
    gap: Sequence[ModeGapRecord] | None = None
    repeated: Repeated | None = None
    """What a repetition of these lanes with many seeds has said so far."""

    @property
    def layer_index(self) -> int:
        """Place of the chosen block among all blocks of the first lane, 0 if it has none such."""
        names = [layer.name for layer in self.specs[0].layer_shapes]
        return names.index(self.asked.layer) if self.asked.layer in names else 0


@dataclass(frozen=True)
class View:
    """One panel for all lanes, or one a lane; `draw` gives as many figures."""

    name: str
    title: str
    help: str
    draw: Callable[[Shown], list[FigureDict]]
    span: int = 4
    height: int = 250
    lane_height: int = 0
    """Pixels that each lane adds to the height."""
    short: float = 1.0
    """Share of the height that is left of it in a window that is not high."""
    choices: Callable[[Asked], Choices] | None = None
    per_lane: bool = False
    shared: bool = False
    """Whether the lanes' figures stand on the same axes."""
    applies: Applies = lambda specs: True
    default: bool = True
    has_legend: bool = True

    def worded(self, task: Task) -> View:
        """Titled in the words of the task: accuracy of classes, R² of values."""
        if QUALITY[task] == "accuracy":
            return self
        title = self.title.replace("Accuracy", QUALITY[task]).replace("accuracy", QUALITY[task])
        return replace(self, title=title)

    def frames(self, names: Sequence[str], asked: Asked) -> list[Panel]:
        """The panels without a drawing: what stands there until the first one comes."""
        return self._panels(names, asked, [{"data": [], "layout": {}}] * len(names))

    def is_wanted(self, shown: Shown, panels: Collection[str]) -> bool:
        """Whether one of its panels is among these ids."""
        return any(panel.id in panels for panel in self.frames(shown.names, shown.asked))

    def panels(self, shown: Shown, kept: dict[str, AxisLimits] | None = None) -> list[Panel]:
        """Drawn; `kept` are the axes of when they were frozen, filled in where they are not."""
        drawn = self.draw(shown)
        if self.shared and (self.per_lane or kept is not None):
            limits = common_limits(drawn)
            if kept is not None:
                limits = kept.setdefault(self.name, limits)
            drawn = [with_limits(figure, limits) for figure in drawn]
        return self._panels(shown.names, shown.asked, drawn)

    def _panels(
        self, names: Sequence[str], asked: Asked, drawn: Sequence[FigureDict]
    ) -> list[Panel]:
        size = self.height + self.lane_height * len(names), self.span
        if not self.per_lane or len(names) == 1:
            figure = drawn[0] if self.has_legend else _without_legend(drawn[0])
            short, choices = round(self.short * size[0]), self.choices and self.choices(asked)
            return [Panel(self.name, self.title, figure, self.help, *size, 0, short, choices)]
        size = self.height, 12 // len(names)
        medium = 6 if len(names) in (2, 4) else 12 // len(names)
        return [
            Panel(f"{self.name}.{k}", f"{name}: {self.title[0].lower()}{self.title[1:]}",
                  drawn[k], self.help, *size, medium)
            for k, name in enumerate(names)
        ]  # fmt: skip


def one(draw: Callable[[Shown], FigureDict]) -> Callable[[Shown], list[FigureDict]]:
    """One figure for all lanes."""
    return lambda shown: [draw(shown)]


def each(
    draw: Callable[[Snapshot, DataRecord, Asked], FigureDict],
) -> Callable[[Shown], list[FigureDict]]:
    """A figure a lane, of its snapshot and data."""
    return lambda s: [
        draw(snapshot, data, s.asked) for snapshot, data in zip(s.snapshots, s.data, strict=True)
    ]


def _without_legend(figure: FigureDict) -> Mapping[str, object]:
    return {**figure, "layout": {**figure["layout"], "showlegend": False}}
