"""A panel: one chart with its title, as it is sent to a browser: its head, and its drawing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import plotly.graph_objects as go

from nnviz.feed.wire import Json, WirePanel, encode_figure


@dataclass(frozen=True)
class Choices:
    """A switch beside a panel's title: a setting of the page, its values with their words."""

    name: str
    values: Mapping[str, str]
    chosen: str


@dataclass(frozen=True)
class Grip:
    """A handle on a chart that the reader drags to set something called `name`.

    It stands at (x, y) in the units of the `axes`; without a y it is a line over the whole height,
    without an x one over the whole width. What is sent lies in low…high, in steps. `label` is
    written beside it, with the value for "{}".
    """

    name: str
    x: float | str | None = None
    y: float | None = None
    moves: Literal["x", "y", "xy"] = "x"
    low: float = 0.0
    high: float = 1.0
    step: float = 0.0
    label: str = ""
    axes: tuple[str, str] = ("x", "y")
    color: str = "lane_0"


@dataclass(frozen=True, eq=False)
class Panel:
    """One chart with its title.

    `figure` is a `go.Figure` or a plain `{"data": [...], "layout": {...}}`, which costs less. A
    colour may be a token, `var(--nnviz-train)`, which follows the light or dark theme. `span` is
    the width in columns of twelve; on a narrow page it is `medium`, or all on a telephone.
    """

    id: str
    title: str
    figure: go.Figure | Mapping[str, Any]
    help: str = ""
    """One sentence on what the chart shows, behind the ⓘ beside the title."""
    height: int = 260
    """Height of the drawing in pixels, without the title."""
    span: int = 6
    medium: int = 0
    """0: half of the width for up to six columns, else all of it."""
    short: int = 0
    """The height in a window that is not high; 0: the same."""
    choices: Choices | None = None
    grips: Sequence[Grip] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.span <= 12:
            raise ValueError(f"span must be from 1 to 12; got {self.span}")

    @property
    def head(self) -> Json:
        """Words and sizes: what stands there before the drawing comes."""
        medium = self.medium or (6 if self.span <= 6 else 12)
        return {
            **({"grips": [asdict(grip) for grip in self.grips]} if self.grips else {}),
            "id": self.id,
            "title": self.title,
            "help": self.help,
            "height": self.height,
            "span": self.span,
            "medium": medium,
            "short": self.short or self.height,
            "choices": None if self.choices is None else asdict(self.choices),
        }

    def wired(self) -> WirePanel:
        """The drawing, ready to be sent or compared."""
        traces, layout = encode_figure(self.figure)
        return WirePanel(self.id, layout, traces)


def heads(panels: Iterable[Panel]) -> list[Json]:
    """What stands on a page, in order. Raises ValueError where two have the same id."""
    found = [panel.head for panel in panels]
    ids = [head["id"] for head in found]
    if len(set(ids)) != len(ids):
        raise ValueError(f"panel ids must differ; got {', '.join(ids)}")
    return found
