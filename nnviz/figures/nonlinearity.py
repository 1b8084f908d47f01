"""Why a network needs a bend, and where a bend can kill a unit.

Shapes: G grid points a side, T steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, assert_never

import numpy as np

from nnviz.experiments.nonlinearity.records import CollapseRecord, DeadUnitRecord
from nnviz.figures.layout import axis, empty_figure, layout
from nnviz.figures.theme import FigureDict, diverging, token
from nnviz.figures.traces import (
    Trace,
    band,
    line,
    log10,
    power_axis,
    scientific,
    series_color,
)
from nnviz.records import FloatArray

SHADE = 0.75
FURTHEST = 10.0
"""A diverging pre-activation leaves the chart here."""


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
    if value_GG is None:
        return empty_figure("No activation stands between the layers.")
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


def bend_along(record: CollapseRecord) -> FigureDict:
    """The outputs along the steepest direction of the single layer."""
    parts = [
        ("stack", record.stack_T, "density", "solid", 5),
        ("one layer", record.product_T, "ink", "dot", 2),
    ]
    if record.bent_T is not None:
        parts.append(("with activation", record.bent_T, "negative", "solid", 2))
    hover = "%{y:.4g} at %{x:.2f}"
    data = [
        line(record.way_T, value_T, name, token(color), hover, dash=dash, width=width)
        for name, value_T, color, dash, width in parts
    ]
    frame = layout(axis("way along the steepest direction", "input units"), axis("output", "value"))
    return {"data": data, "layout": frame}


def dead_unit_lines(
    records: Sequence[DeadUnitRecord],
    quantity: Literal["highest", "gradient", "loss"],
    jump_at: int | None = None,
) -> FigureDict:
    """The unit's range of pre-activations, its gradient, or the loss, over the steps."""
    steps = np.arange(len(records[0].loss_T), dtype=float)
    data: list[Trace] = []
    for place, record in enumerate(records):
        name, color = record.name.replace("_", " "), series_color(place)
        style: dict[str, Any] = {
            "dash": ("solid", "dash", "dot")[place % 3],
            "width": 2.5 - 0.4 * place,
        }
        if quantity == "highest":
            data.append(
                line(
                    steps, record.highest_T, name, color, "largest z %{y:.3f} at step %{x}", **style
                )
            )
            continue
        values = log10(record.gradient_T if quantity == "gradient" else record.loss_T)
        text = scientific(record.gradient_T if quantity == "gradient" else record.loss_T)
        data.append(line(steps, values, name, color, "%{text} at step %{x}", text=text, **style))
    frame = layout(axis("step", "updates", range=[0, len(steps) - 1]), _dead_axis(quantity, data))
    frame["shapes"] = _marks(quantity == "highest", jump_at)
    if quantity == "highest":
        x = steps[[0, -1]]
        drawn = np.concatenate([record.highest_T for record in records])
        drawn = np.clip(drawn[np.isfinite(drawn)], -FURTHEST, FURTHEST)
        low = min(-0.2, float(drawn.min()) * 1.15)
        frame["yaxis"]["range"] = [low * 1.05, max(0.2, float(drawn.max())) * 1.08]
        data.insert(
            0, band(x, np.full(2, low), np.zeros(2), "dead: z ≤ 0 on all inputs", token("danger"))
        )
    return {"data": data, "layout": frame}


def _dead_axis(
    quantity: Literal["highest", "gradient", "loss"], data: Sequence[Trace]
) -> dict[str, Any]:
    match quantity:
        case "highest":
            return axis("largest pre-activation", "over all inputs")
        case "gradient":
            title, unit = "gradient of the unit", "norm"
        case "loss":
            title, unit = "loss", "squared error"
        case _:
            assert_never(quantity)
    return power_axis(title, unit, np.concatenate([np.asarray(trace["y"]) for trace in data]))


def _marks(zero: bool, jump_at: int | None) -> list[dict[str, Any]]:
    shapes: list[dict[str, Any]] = []
    stroke = {"color": token("warning"), "width": 1.5, "dash": "dot"}
    if jump_at is not None:
        ends = {"x0": jump_at, "x1": jump_at, "y0": 0, "y1": 1}
        shapes.append({"type": "line", "xref": "x", "yref": "paper", **ends, "line": stroke})
    if zero:
        ends = {"x0": 0, "x1": 1, "y0": 0, "y1": 0}
        thin = {"color": token("ink"), "width": 1}
        shapes.append({"type": "line", "xref": "paper", "yref": "y", **ends, "line": thin})
    return shapes
