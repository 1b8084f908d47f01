"""One unit through a gradient descent in which one step is too large.

Shapes: T steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.experiments.nonlinearity.records import DeadUnitRecord
from nnviz.figures.layout import axis, layout
from nnviz.figures.theme import FigureDict, token
from nnviz.figures.traces import band, line, series_color

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


def dead_unit_lines(records: Sequence[DeadUnitRecord], jump_at: int) -> FigureDict:
    """The unit's largest pre-activation over the steps; shaded where it is dead."""
    steps = np.arange(len(records[0].loss_T), dtype=float)
    drawn = np.concatenate([record.highest_T for record in records])
    drawn = np.clip(drawn[np.isfinite(drawn)], -FURTHEST, FURTHEST)
    low, high = min(-0.2, float(drawn.min()) * 1.15), max(0.2, float(drawn.max()))
    data = [band(steps[[0, -1]], np.full(2, low), np.zeros(2), "dead: z ≤ 0", token("danger"))]
    data += [
        line(
            steps, record.highest_T, record.name.replace("_", " "), series_color(place),
            "largest z %{y:.3f} at step %{x}", dash=("solid", "dash", "dot")[place % 3],
            width=max(1.3, 2.5 - 0.4 * place),
        )
        for place, record in enumerate(records)
    ]  # fmt: skip
    frame = layout(
        axis("step", "updates", range=[0, len(steps) - 1]),
        axis("largest z", "over all inputs", range=[1.05 * low, 1.08 * high]),
        shapes=[
            _mark(token("warning"), x0=jump_at, x1=jump_at, y0=0, y1=1, yref="paper"),
            _mark(token("ink"), x0=0, x1=1, y0=0, y1=0, xref="paper"),
        ],
    )
    return {"data": data, "layout": frame}


def _mark(color: str, **ends: Any) -> dict[str, Any]:
    return {"type": "line", "line": {"color": color, "width": 1, "dash": "dot"}, **ends}
