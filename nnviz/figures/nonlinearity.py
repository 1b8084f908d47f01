"""Why a network needs a bend: a stack of layers over the plane of its inputs.

Shapes: G grid points a side.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from nnviz.experiments.nonlinearity.records import CollapseRecord
from nnviz.figures.layout import axis, hidden_axis, layout
from nnviz.figures.theme import FigureDict, diverging, token
from nnviz.figures.traces import Trace
from nnviz.records import FloatArray

SHADE = 0.75


def plane(
    grid_G: FloatArray, value_GG: FloatArray, limit: float, words: str, low: float | None = None
) -> FigureDict:
    """A function over the input plane, blue above the middle and orange below it."""
    trace = {
        "type": "heatmap",
        "x": grid_G.astype(np.float32),
        "y": grid_G.astype(np.float32),
        "z": value_GG.astype(np.float32),
        "zmin": -limit if low is None else low,
        "zmax": limit,
        "colorscale": diverging(),
        "zsmooth": "fast",
        "opacity": SHADE,
        "colorbar": {"thickness": 10, "outlinewidth": 0, "tickfont": {"size": 11}, "nticks": 5},
        "hovertemplate": f"x₁ %{{x:.2f}}, x₂ %{{y:.2f}}<br>{words} %{{z:.4g}}<extra></extra>",
    }
    ends = [float(grid_G[0]), float(grid_G[-1])]
    frame = layout(
        axis("x₁", "input", range=ends, constrain="domain", showgrid=False, nticks=5),
        axis("x₂", "input", range=ends, scaleanchor="x", constrain="domain", showgrid=False),
        showlegend=False,
    )
    return {"data": [trace], "layout": frame}


def collapse_surface(
    record: CollapseRecord, which: Literal["stack", "product", "bent"]
) -> FigureDict:
    """The stack, the single layer that it multiplies to, or the stack with a bend inside."""
    surfaces = {"stack": record.stack_GG, "product": record.product_GG, "bent": record.bent_GG}
    value_GG = surfaces[which]
    assert value_GG is not None, "no activation stands between the layers"
    shown = [each for each in surfaces.values() if each is not None]
    limit = max(float(np.abs(each).max()) for each in shown) or 1.0
    figure = plane(record.grid_G, value_GG, limit, "output")
    figure["data"].append(_level_lines(record.grid_G, value_GG, limit))
    return figure


def _level_lines(grid_G: FloatArray, value_GG: FloatArray, limit: float) -> Trace:
    x = grid_G.astype(np.float32)
    return {
        "type": "contour",
        "x": x,
        "y": x,
        "z": value_GG.astype(np.float32),
        "contours": {"coloring": "none", "start": -limit, "end": limit, "size": limit / 5},
        "line": {"color": token("ink"), "width": 0.8},
        "showscale": False,
        "hoverinfo": "skip",
    }


def stack_row(n_layers: int) -> FigureDict:
    """The layers in a row, the first one around 0.5: after layer k is at k, before all at 0."""
    x = np.arange(n_layers) + 0.5
    layers = {
        "type": "scatter",
        "mode": "lines+markers+text",
        "x": x,
        "y": np.zeros(n_layers),
        "text": [str(number + 1) for number in range(n_layers)],
        "marker": {"symbol": "square", "size": 34, "color": token("panel"),
                   "line": {"color": token("density"), "width": 2}},
        "line": {"color": token("guide"), "width": 2},
        "hovertemplate": "Linear layer %{text}<extra></extra>",
    }  # fmt: skip
    frame = layout(
        hidden_axis(range=[-0.6, n_layers + 0.1]), hidden_axis(range=[-1, 1]), showlegend=False,
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
    )  # fmt: skip
    return {"data": [layers], "layout": frame}
