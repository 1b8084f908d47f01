"""XOR by a single layer and by one hidden layer.

Shapes: G grid points a side, T steps, S seeds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnviz.experiments.nonlinearity.records import XorRecord
from nnviz.figures.layout import axis, layout
from nnviz.figures.nonlinearity import plane
from nnviz.figures.theme import FigureDict, class_token, token
from nnviz.figures.traces import series_color
from nnviz.records import FloatArray

XOR_POINTS = ((-1, -1, 0), (-1, 1, 1), (1, -1, 1), (1, 1, 0))


def xor_plane(grid_G: FloatArray, logit_GG: FloatArray) -> FigureDict:
    """P(class 1) over the plane, the border between the answers, and the four points."""
    probability_GG = 1 / (1 + np.exp(-np.clip(logit_GG, -60, 60)))
    figure = plane(grid_G, probability_GG, 1.0, "P(class 1) =", low=0.0)
    figure["data"][0]["showscale"] = False
    largest = float(np.abs(logit_GG).max()) or 1.0
    edge = {
        "type": "contour",
        "x": figure["data"][0]["x"],
        "y": figure["data"][0]["y"],
        "z": (logit_GG / largest).astype(np.float32),
        "showscale": False,
        "hoverinfo": "skip",
        "contours": {"coloring": "none", "start": 0, "end": 0, "size": 1},
        "line": {"color": token("ink"), "width": 3},
    }
    x, y, label = (list(part) for part in zip(*XOR_POINTS, strict=True))
    points = {
        "type": "scatter",
        "mode": "markers+text",
        "x": x,
        "y": y,
        "text": [str(c) for c in label],
        "textfont": {"color": token("page"), "size": 13},
        "marker": {
            "size": 22,
            "color": [class_token(c) for c in label],
            "line": {"color": token("ink"), "width": 1.5},
        },
        "hovertemplate": "point (%{x}, %{y}) of class %{text}<extra></extra>",
    }
    figure["data"] += [edge, points]
    return figure


def xor_seeds(records: Sequence[XorRecord]) -> FigureDict:
    """How many of the four points each seed has right."""
    data = []
    for place, record in enumerate(records):
        seeds = np.arange(len(record.accuracy_S))
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": seeds,
                "y": 4 * record.accuracy_S,
                "name": record.name,
                "marker": {
                    "color": series_color(place),
                    "size": 13 - 4 * place,
                    "symbol": ("circle-open", "circle")[place % 2],
                    "line": {"width": 2, "color": series_color(place)},
                },
                "hovertemplate": f"{record.name}: seed %{{x}} has %{{y}} points right"
                "<extra></extra>",
            }
        )
    xaxis = axis("seed", "start of the weights", range=[-0.7, len(records[0].accuracy_S) - 0.3])
    yaxis = axis("right", "of 4", tickvals=[0, 2, 4], range=[-0.5, 4.5])
    return {"data": data, "layout": layout(xaxis, yaxis)}
