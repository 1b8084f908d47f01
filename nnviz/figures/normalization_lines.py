"""Lines with all their seeds: the mean of each, from the lowest to the highest seed.

Shapes: S seeds, K values on the x axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnviz.figures.layout import axis, empty_figure, layout
from nnviz.figures.theme import FigureDict, token
from nnviz.records import FloatArray

COLOURS = {
    "none": "muted",
    "batch": "lane_0",
    "layer": "lane_1",
    "instance": "lane_2",
    "group": "lane_3",
    "noisy": "lane_2",
}
"""The colour of each kind of normalization in every chart of its page."""


@dataclass(frozen=True)
class SeedLine:
    """One line: what was measured for each seed, NaN where it is missing."""

    name: str
    colour: str
    x_K: FloatArray
    y_SK: FloatArray


def seed_lines(
    lines: Sequence[SeedLine],
    xaxis: dict[str, Any],
    yaxis: dict[str, Any],
    marks: bool = True,
    shapes: Sequence[dict[str, Any]] = (),
) -> FigureDict:
    """Means as lines, seeds as bands; with `marks` the measured places as dots."""
    known = [line for line in lines if np.isfinite(line.y_SK).any()]
    if not known:
        return empty_figure("Nothing finite was measured yet.")
    data = [trace for line in known for trace in _drawn(line, marks)]
    frame = layout(xaxis, yaxis, shapes=list(shapes))
    return {"data": data, "layout": {**frame, "margin": {"l": 56, "r": 14, "t": 40, "b": 44}}}


def _drawn(line: SeedLine, marks: bool) -> list[dict[str, Any]]:
    has_SK = np.isfinite(line.y_SK)
    known_K = has_SK.any(axis=0)  # a place where no seed is back yet is left out
    y_SK, has_SK, x_K = line.y_SK[:, known_K], has_SK[:, known_K], line.x_K[known_K]
    mean_K = np.where(has_SK, y_SK, 0).sum(axis=0) / has_SK.sum(axis=0)
    low_K = np.where(has_SK, y_SK, np.inf).min(axis=0)
    high_K = np.where(has_SK, y_SK, -np.inf).max(axis=0)
    colour = token(line.colour)
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "fill": "toself",
            "x": np.concatenate([x_K, x_K[::-1]]),
            "y": np.concatenate([low_K, high_K[::-1]]),
            "line": {"width": 0, "color": colour},
            "fillcolor": colour,
            "opacity": 0.22,
            "hoverinfo": "skip",
            "showlegend": False,
        },
        {
            "type": "scatter",
            "mode": "lines+markers" if marks else "lines",
            "name": line.name,
            "x": x_K,
            "y": mean_K,
            "line": {"color": colour, "width": 3},
            "marker": {"size": 9, "color": colour},
            "hovertemplate": f"{line.name}: %{{y:.3g}} at %{{x}}<extra></extra>",
        },
    ]


def image_pairs(tiles: dict[str, tuple[str, FloatArray]]) -> FigureDict:
    """Rows of two images, unchanged and changed, each row in greys of its own."""
    parts = []
    for _, pair_2HW in tiles.values():
        low, high = float(pair_2HW.min()), float(pair_2HW.max())
        shown_2HW = (pair_2HW - low) / max(high - low, 1e-9)
        gap = np.full((shown_2HW.shape[1], 2), np.nan)
        parts += [np.hstack([shown_2HW[0], gap, shown_2HW[1]]), np.full((2, 0), 0.0)]
    wide = parts[0].shape[1]
    rows = np.vstack([part if part.shape[1] else np.full((2, wide), np.nan) for part in parts[:-1]])
    high = next(iter(tiles.values()))[1].shape[1]
    places = [high / 2 - 0.5 + k * (high + 2) for k in range(len(tiles))]
    trace = {
        "type": "heatmap", "z": rows, "colorscale": [[0, token("zero")], [1, token("ink")]],
        "showscale": False, "hoverinfo": "skip", "hoverongaps": False,
    }  # fmt: skip
    yaxis = axis(
        "normalization", tickvals=places, ticktext=[name for name, _ in tiles.values()],
        range=[len(rows) - 0.5, -0.5], scaleanchor="x", showgrid=False, linecolor="rgba(0,0,0,0)",
    )  # fmt: skip
    xaxis = axis(
        "red of the same crop", tickvals=[high / 2 - 0.5, high * 1.5 + 1.5],
        ticktext=["as it is", "changed"], constrain="domain", showgrid=False,
        linecolor="rgba(0,0,0,0)",
    )  # fmt: skip
    return {"data": [trace], "layout": layout(xaxis, yaxis)}
