"""Lines with all their seeds: the mean of each, from the lowest to the highest seed.

Shapes: S seeds, K values on the x axis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnviz.experiments.normalization.training_records import TrialRecord
from nnviz.figures.layout import axis, empty_figure, layout
from nnviz.figures.theme import FigureDict, token
from nnviz.figures.traces import band, line
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
    lines: Sequence[SeedLine], xaxis: dict[str, Any], yaxis: dict[str, Any], marks: bool = True
) -> FigureDict:
    """Means as lines, seeds as bands; with `marks` the measured places as dots."""
    known = [each for each in lines if np.isfinite(each.y_SK).any()]
    if not known:
        return empty_figure("Nothing finite was measured yet.")
    data = [trace for each in known for trace in _drawn(each, marks)]
    return {
        "data": data,
        "layout": {**layout(xaxis, yaxis), "margin": {"l": 56, "r": 14, "t": 40, "b": 44}},
    }


def _drawn(one: SeedLine, marks: bool) -> list[dict[str, Any]]:
    has_SK = np.isfinite(one.y_SK)
    known_K = has_SK.any(axis=0)  # a place where no seed is back yet is left out
    y_SK, has_SK, x_K = one.y_SK[:, known_K], has_SK[:, known_K], one.x_K[known_K]
    mean_K = np.where(has_SK, y_SK, 0).sum(axis=0) / has_SK.sum(axis=0)
    low_K = np.where(has_SK, y_SK, np.inf).min(axis=0)
    high_K = np.where(has_SK, y_SK, -np.inf).max(axis=0)
    colour = token(one.colour)
    style: dict[str, Any] = {"mode": "lines+markers", "marker": {"size": 9}} if marks else {}
    return [
        band(x_K, low_K, high_K, "", colour, showlegend=False),
        line(x_K, mean_K, one.name, colour, "%{y:.3g} at %{x}", width=3, **style),
    ]


def trial_line(
    trials: Sequence[TrialRecord], kind: str, name: str, by: str, places: Sequence[float]
) -> SeedLine:
    """Test accuracies of one kind over the field `by` of its trainings."""
    seeds = sorted({trial.seed for trial in trials})
    found = {(getattr(t, by), t.seed): t.test_accuracy for t in trials if t.kind == kind}
    y_SK = [[found.get((place, seed), np.nan) for place in places] for seed in seeds]
    return SeedLine(name, COLOURS[kind], np.array(places), np.array(y_SK))


def image_pairs(pairs: Mapping[str, FloatArray]) -> FigureDict:
    """Rows of two images (2, H, W), unchanged and changed, each row in greys of its own."""
    first = next(iter(pairs.values()))[0]
    height, width = first.shape
    rows = []
    for pair_2HW in pairs.values():
        low, high = float(pair_2HW.min()), float(pair_2HW.max())
        shown_2HW = (pair_2HW - low) / max(high - low, 1e-9)
        row = np.hstack([shown_2HW[0], np.full((height, 2), np.nan), shown_2HW[1]])
        rows += [row, np.full((2, row.shape[1]), np.nan)]
    trace = {
        "type": "heatmap", "z": np.vstack(rows[:-1]), "showscale": False, "hoverinfo": "skip",
        "colorscale": [[0, token("zero")], [1, token("ink")]], "hoverongaps": False,
    }  # fmt: skip
    plain: dict[str, Any] = {"showgrid": False, "linecolor": "rgba(0,0,0,0)"}
    places = [height / 2 - 0.5 + k * (height + 2) for k in range(len(pairs))]
    yaxis = axis(
        "normalization", tickvals=places, ticktext=list(pairs), scaleanchor="x",
        range=[len(pairs) * (height + 2) - 2.5, -0.5], **plain,
    )  # fmt: skip
    xaxis = axis(
        "red of the same crop", tickvals=[width / 2 - 0.5, width * 1.5 + 1.5],
        ticktext=["as it is", "changed"], constrain="domain", **plain,
    )  # fmt: skip
    return {"data": [trace], "layout": layout(xaxis, yaxis)}
