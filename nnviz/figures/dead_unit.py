"""One unit through a gradient descent in which one step is too large.

Shapes: T steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, assert_never

import numpy as np

from nnviz.experiments.nonlinearity.records import DeadUnitRecord
from nnviz.figures.layout import axis, layout
from nnviz.figures.theme import FigureDict, token
from nnviz.figures.traces import Trace, band, line, log10, power_axis, scientific, series_color

FURTHEST = 10.0
"""A diverging pre-activation leaves the chart here."""


def rate_bars(learning_rate: float, jump_rate: float, jump_at: int, n_shown: int) -> FigureDict:
    """The learning rate of the first steps, one of them larger."""
    steps = np.arange(1, n_shown + 1)
    rates = np.where(steps == jump_at, jump_rate, learning_rate)
    bars = {
        "type": "bar",
        "x": steps,
        "y": rates,
        "marker": {"color": token("warning")},
        "hovertemplate": "learning rate %{y:.3g} at step %{x}<extra></extra>",
    }
    frame = layout(
        axis("step", "updates", range=[0.3, n_shown + 0.7]),
        axis("learning rate", "step per gradient", range=[0, 21]),
    )
    return {"data": [bars], "layout": {**frame, "showlegend": False}}


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
        data.insert(0, band(x, np.full(2, low), np.zeros(2), "dead: z ≤ 0", token("danger")))
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
