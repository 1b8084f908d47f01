"""Another way of the same lanes, drawn faintly under the present one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

import numpy as np

from nnviz.figures.layout import finite_only, positive_only
from nnviz.figures.series import Series
from nnviz.records import FloatArray

OPACITY = 0.4
NAME_LENGTH = 30


@dataclass(frozen=True)
class Ghost:
    """A way that was gone before: one series a lane, and what had made it, in words."""

    series: Sequence[Series]
    told: str

    @property
    def name(self) -> str:
        """As legend and hover call it."""
        words = self.told.removeprefix("Changed ")
        return f"before: {shorten(words, NAME_LENGTH, placeholder=' …')}"

    def fits(self, lanes: Sequence[Series]) -> bool:
        """Whether its curves can lie under those of `lanes`: as many, and of the same task."""
        pairs = zip(self.series, lanes, strict=False)
        return len(self.series) == len(lanes) and all(
            len(mine) and len(lane) and mine.latest.task == lane.latest.task for mine, lane in pairs
        )


def ghost_line(
    ghost: Ghost,
    lane: int,
    quantity: str,
    color: str,
    *,
    label: str = "",
    log_scale: bool = False,
    log_steps: bool = False,
    in_legend: bool = True,
) -> dict[str, Any]:
    """One quantity of one lane; `label` tells it apart from the ghost's other lines."""
    series = ghost.series[lane]
    steps: FloatArray = positive_only(series.steps) if log_steps else series.steps
    values = (positive_only if log_scale else finite_only)(series.run(quantity))
    words = f"{ghost.name}, {label}" if label else ghost.name
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.asarray(steps, np.float32),
        "y": values,
        "name": ghost.name,
        "legendgroup": "before",
        "legendrank": 2000,
        "showlegend": in_legend,
        "line": {"color": color, "width": 1.5, "dash": "4px,3px"},
        "opacity": OPACITY,
        "hovertemplate": f"{words}: %{{y:.4g}}<extra></extra>",
    }
