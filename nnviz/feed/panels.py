"""A panel: one chart with its title, as it is sent to a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from nnviz.feed.wire import Json, WirePanel, encode_figure


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

    def __post_init__(self) -> None:
        if not 1 <= self.span <= 12:
            raise ValueError(f"span must be from 1 to 12; got {self.span}")

    @property
    def meta(self) -> Json:
        """Words and sizes."""
        medium = self.medium or (6 if self.span <= 6 else 12)
        return {
            "title": self.title,
            "help": self.help,
            "height": self.height,
            "span": self.span,
            "medium": medium,
        }

    def wired(self) -> WirePanel:
        """The panel ready to be sent or compared."""
        traces, layout = encode_figure(self.figure)
        return WirePanel(self.id, self.meta, layout, traces)
