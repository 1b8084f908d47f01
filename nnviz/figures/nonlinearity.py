"""Why a network needs a bend: collapsed stacks, dead units, XOR.

Shapes: G grid points a side, T steps, S seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from nnviz.experiments.nonlinearity.records import CollapseRecord, DeadUnitRecord, XorRecord
from nnviz.figures.layout import axis, empty_figure, layout
from nnviz.figures.theme import FigureDict, class_token, diverging, token
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

XOR_POINTS = ((-1, -1, 0), (-1, 1, 1), (1, -1, 1), (1, 1, 0))
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
    direction = record.weight_2 / max(float(np.linalg.norm(record.weight_2)), 1e-12)
    reach = float(record.grid_G[-1])
    t = np.linspace(-reach, reach, 81)
    index = [
        np.clip(np.searchsorted(record.grid_G, t * d), 0, len(record.grid_G) - 1) for d in direction
    ]
    parts = [
        ("stack", record.stack_GG, "density", "solid", 5),
        ("one layer", record.product_GG, "ink", "dot", 2),
    ]
    if record.bent_GG is not None:
        parts.append(("with activation", record.bent_GG, "negative", "solid", 2))
    data = [
        line(
            t,
            value_GG[index[1], index[0]],
            name,
            token(color),
            "%{y:.4g} at %{x:.2f}",
            dash=dash,
            width=width,
        )
        for name, value_GG, color, dash, width in parts
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
        low = min(-0.2, *(float(record.highest_T.min()) for record in records)) * 1.15
        data.insert(
            0, band(x, np.full(2, low), np.zeros(2), "dead: z ≤ 0 on all inputs", token("danger"))
        )
    return {"data": data, "layout": frame}


def _dead_axis(quantity: str, data: Sequence[Trace]) -> dict[str, Any]:
    if quantity == "highest":
        return axis("largest pre-activation", "over all inputs")
    title, unit = (
        ("gradient of the unit", "norm") if quantity == "gradient" else ("loss", "squared error")
    )
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


def xor_plane(record: XorRecord) -> FigureDict:
    """P(class 1) over the plane for the shown seed, and the four points."""
    figure = plane(record.grid_G, record.probability_GG, 1.0, "P(class 1) =", low=0.0)
    edge = {
        "type": "contour",
        "x": figure["data"][0]["x"],
        "y": figure["data"][0]["y"],
        "z": record.probability_GG.astype(np.float32),
        "showscale": False,
        "hoverinfo": "skip",
        "contours": {"coloring": "none", "start": 0.5, "end": 0.5, "size": 1},
        "line": {"color": token("ink"), "width": 2},
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


def xor_accuracy(records: Sequence[XorRecord]) -> FigureDict:
    """How many of the seeds end with how many of the four points right."""
    levels = np.arange(5)
    data = []
    for place, record in enumerate(records):
        counts = [int((np.round(record.accuracy_S * 4) == level).sum()) for level in levels]
        data.append(
            {
                "type": "bar",
                "x": levels,
                "y": counts,
                "name": record.name,
                "marker": {"color": series_color(place)},
                "hovertemplate": f"{record.name}: %{{y}} of {len(record.accuracy_S)} seeds have %{{x}} points right<extra></extra>",
            }
        )
    xaxis = axis("points right", "of 4", tickvals=levels.tolist(), range=[-0.6, 4.6])
    yaxis = axis("seeds", "count", range=[0, len(records[0].accuracy_S) * 1.05])
    return {"data": data, "layout": layout(xaxis, yaxis, barmode="group")}


def xor_loss(records: Sequence[XorRecord]) -> FigureDict:
    """Median loss over the seeds, with the range from the best to the worst."""
    data: list[Trace] = []
    for place, record in enumerate(records):
        steps, color = record.steps_T.astype(float), series_color(place)
        low_T, high_T = record.loss_TS.min(axis=1), record.loss_TS.max(axis=1)
        data.append(
            band(steps, low_T, high_T, f"{record.name}: all seeds", color, showlegend=False)
        )
        median_T = np.median(record.loss_TS, axis=1)
        data.append(line(steps, median_T, record.name, color, "median %{y:.3f} nats at step %{x}"))
    guide = line(
        [0, float(records[0].steps_T[-1])],
        [np.log(2)] * 2,
        "ln 2: guessing",
        token("muted"),
        "0.693 nats",
        dash="dot",
        width=1,
    )
    frame = layout(axis("step", "updates"), axis("cross-entropy", "nats", rangemode="tozero"))
    return {"data": [*data, guide], "layout": frame}
