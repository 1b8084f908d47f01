"""The fits of many replicates along one input, and how their errors split there.

Shapes: R replicates, G points along the input.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.experiments.complexity.records import ComplexityRecord
from nnviz.figures.layout import axis, empty_figure, layout
from nnviz.figures.theme import FigureDict, token
from nnviz.figures.traces import line
from nnviz.records import FloatArray

MARGIN = 0.9
"""The vertical axis reaches this far beyond the truth, in its own range."""


def fit_cloud(record: ComplexityRecord, place: int) -> FigureDict:
    """The replicates' fits as thin lines, their mean, the truth, and one training set."""
    value, line_x = record.at[place], record.evaluation.line_x_G
    if value is None or value.lines_RG is None or line_x is None or value.mean_line_G is None:
        return empty_figure("No fit has been measured here yet.")
    truth = record.evaluation.line_truth_G
    x = np.asarray(line_x, np.float32)
    n = len(value.lines_RG)
    gap = np.full((n, 1), np.nan, np.float32)
    cloud = _line(
        np.tile(np.append(x, np.nan), n).astype(np.float32),
        np.hstack([value.lines_RG, gap]).ravel().astype(np.float32),
        f"{n} of {value.n_replicates} fits", "density", 1,
    )  # fmt: skip
    cloud["opacity"] = 0.28
    data = [cloud]
    if value.train_x is not None and value.train_y is not None:
        data.append(_points(value.train_x[0], value.train_y[0]))
    data.append(_line(x, value.mean_line_G, "their mean", "bias", 3))
    if truth is not None:
        data.append(_line(x, truth, "truth", "ink", 2, "dash"))
    frame = layout(axis("x"), axis("target", range=_range(truth)))
    return {"data": data, "layout": frame}


def errors_along(record: ComplexityRecord, place: int) -> FigureDict:
    """bias² and variance at each point of the input, shaded one above the other."""
    value, line_x = record.at[place], record.evaluation.line_x_G
    if value is None or value.bias_line_G is None or line_x is None:
        return empty_figure("Nothing has been measured here yet.")
    assert value.variance_line_G is not None
    x, data = np.asarray(line_x, np.float32), []
    below = np.zeros(len(x))
    parts = {"noise": np.full(len(x), value.noise), "variance": value.variance_line_G}
    parts["bias²"] = value.bias_line_G
    for name, values in parts.items():
        shown = np.maximum(values, 0.0)
        data.append(_area(x, below, below + shown, name, values))
        below = below + shown
    top = float(np.nanquantile(below, 0.98)) * 1.15 + 1e-9
    frame = layout(
        axis("x"), axis("error at x", "squared error", range=[0, top]), hovermode="x unified"
    )
    return {"data": data, "layout": frame}


def _line(
    x: FloatArray, y: FloatArray, name: str, colour: str, width: float, dash: str = "solid"
) -> dict[str, Any]:
    hover = "%{y:.3g} at x = %{x:.2f}"
    return line(x, y, name, token(colour), hover, width=width, dash=dash)


def _points(x: FloatArray, y: FloatArray) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": np.asarray(x, np.float32),
        "y": np.asarray(y, np.float32),
        "name": "one training set",
        "marker": {"color": token("train"), "size": 6},
        "hovertemplate": "training point: %{y:.3g} at x = %{x:.2f}<extra></extra>",
    }


def _area(
    x: FloatArray, low: FloatArray, high: FloatArray, name: str, values: FloatArray
) -> dict[str, Any]:
    """The area between two curves; a negative estimate is written in the hover, drawn as 0."""
    colour = token("bias" if name == "bias²" else name)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": np.asarray(high, np.float32),
        "name": name,
        "fill": "tozeroy" if not low.any() else "tonexty",
        "fillcolor": colour,
        "opacity": 0.85,
        "line": {"color": colour, "width": 1},
        "customdata": np.asarray(values, np.float32),
        "hovertemplate": f"{name}: %{{customdata:.3g}} squared error<extra></extra>",
    }


def _range(truth: FloatArray | None) -> list[float] | None:
    if truth is None:
        return None
    margin = MARGIN * float(np.ptp(truth)) / 2
    return [float(truth.min()) - margin, float(truth.max()) + margin]
