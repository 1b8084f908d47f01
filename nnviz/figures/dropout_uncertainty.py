"""A fitted curve whose dropout stays on: the mean answer, its spread, where the data are.

Shapes: G grid points, T passes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.experiments.dropout.records import UncertaintyRecord
from nnviz.figures.layout import axis, layout, note
from nnviz.figures.theme import FigureDict, token
from nnviz.records import FloatArray

MARGIN = {"l": 52, "r": 12, "t": 30, "b": 40}


def uncertainty_figure(record: UncertaintyRecord) -> FigureDict:
    """Mean ± two deviations over the passes, a few single passes, evaluation mode, the truth.

    The axis holds the same whenever in a training the network is asked.
    """
    low_G, high_G = (record.mean_G + sign * 2 * record.std_G for sign in (-1, 1))
    data = [
        _band_edge(record.x_G, low_G),
        {
            **_band_edge(record.x_G, high_G),
            "fill": "tonexty",
            "fillcolor": "rgba(128,128,128,0.22)",
            "name": "mean ± 2 deviations",
            "showlegend": True,
        },
        _passes(record),
        _curve(record.x_G, record.truth_G, "truth", "guide", "dash"),
        _curve(record.x_G, record.mean_G, "mean of the passes", "density", "solid"),
        _curve(record.x_G, record.evaluation_G, "evaluation mode", "negative", "dot"),
        _points(record),
    ]
    reach = 1.25 * max(1.2, float(np.abs(record.train_y).max()))
    frame = layout(
        axis("x"), axis("y", "value", range=[-reach, reach]), shapes=[_gap(record)],
        annotations=[_gap_words(record)],
    )  # fmt: skip
    return {"data": data, "layout": {**frame, "margin": MARGIN}}


def _gap(record: UncertaintyRecord) -> dict[str, Any]:
    """The interval without training points, shaded over the whole height."""
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": record.gap[0],
        "x1": record.gap[1],
        "y0": 0,
        "y1": 1,
        "fillcolor": token("warning"),
        "opacity": 0.1,
        "line": {"width": 0},
        "layer": "below",
    }


def _gap_words(record: UncertaintyRecord) -> dict[str, Any]:
    return note("no data", sum(record.gap) / 2, 0.99, xref="x", yanchor="top")


def _band_edge(x_G: FloatArray, y_G: FloatArray) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x_G,
        "y": y_G,
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _passes(record: UncertaintyRecord) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{len(record.passes_TG)} single passes",
        "x": np.tile(record.x_G, len(record.passes_TG)),
        "y": record.passes_TG.ravel(),
        "marker": {"size": 2.5, "color": token("density"), "opacity": 0.6},
        "hovertemplate": "one pass: %{y:.3g} at x = %{x:.3g}<extra></extra>",
    }


def _curve(x_G: FloatArray, y_G: FloatArray, name: str, colour: str, dash: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x_G,
        "y": y_G,
        "line": {"color": token(colour), "width": 2, "dash": dash},
        "hovertemplate": f"{name}: %{{y:.3g}} at x = %{{x:.3g}}<extra></extra>",
    }


def _points(record: UncertaintyRecord) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "training points",
        "x": record.train_x,
        "y": record.train_y,
        "marker": {"size": 6, "color": token("train")},
        "hovertemplate": "training point: y = %{y:.3g} at x = %{x:.3g}<extra></extra>",
    }
