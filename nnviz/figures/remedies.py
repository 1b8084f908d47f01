"""What each remedy changes, against seed noise.

Shapes: L remedies, T checkpoints.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.experiments.overfitting.records import RemediesRecord, mean_and_error
from nnviz.figures.curves import LOSS_UNITS
from nnviz.figures.layout import (
    axis,
    empty_figure,
    finite_only,
    layout,
    log_axis,
    log_range,
    log_ticks,
    positive_only,
    step_axis,
    vertical_line,
)
from nnviz.figures.theme import FigureDict, token
from nnviz.figures.traces import line, series_color
from nnviz.records import QUALITY

OUTCOMES = {1: ("better beyond seed noise", "good"), -1: ("worse beyond seed noise", "danger"),
            0: ("smaller than seed noise", "muted")}  # fmt: skip


def remedy_changes(record: RemediesRecord, quality: bool = False) -> FigureDict:
    """Each remedy's change of the test loss at the end: mean over seeds and interval.

    With `quality` that of the test accuracy (or R²), which has a verdict of its own.
    """
    if not record.names:
        return empty_figure("No remedy has been measured yet.")
    unit = "" if quality else LOSS_UNITS[record.task]
    name = f"change of test {QUALITY[record.task]} (better →)" if quality else (
        "change of test loss (← better)"
    )  # fmt: skip
    rows = [_changes(record, outcome, unit, quality) for outcome in OUTCOMES]
    frame = layout(
        axis(name, unit, zeroline=False),
        axis("remedy", type="category", categoryorder="array",
             categoryarray=list(record.names[::-1]), nticks=0,
             range=[-0.6, len(record.names) - 0.4]),
        shapes=[vertical_line(0.0, token("ink"), dash="dash")],
    )  # fmt: skip
    return {"data": [trace for trace in rows if trace is not None], "layout": frame}


def remedy_curves(record: RemediesRecord, log_loss: bool = False) -> FigureDict:
    """Mean test loss over the steps: the network as it is and with each remedy."""
    unit, clean = LOSS_UNITS[record.task], positive_only if log_loss else finite_only
    data, means = [], []
    for place, (lane, name) in enumerate(zip(record.lanes, record.lane_names, strict=True)):
        mean_T, _ = mean_and_error(lane.test_loss_ST)
        colour = token("ink") if place == 0 else series_color(place - 1)
        steps = np.asarray(lane.checkpoints, np.float32)
        data.append(
            line(steps, clean(mean_T), name, colour, f"test loss %{{y:.4g}} {unit}",
                 width=3 if place == 0 else 2)
        )  # fmt: skip
        means.append(mean_T)
    values = np.concatenate(means)
    if not np.isfinite(values).any():
        return empty_figure("Every training diverged: lower the learning rate.")
    if log_loss:
        yaxis = log_axis("test loss", unit, **log_ticks(log_range(values, pad=0.1)))
    else:
        yaxis = axis("test loss", unit, range=[0.0, float(np.nanmax(values)) * 1.06])
    return {"data": data, "layout": layout(step_axis(), yaxis, hovermode="x unified")}


def _changes(
    record: RemediesRecord, outcome: int, unit: str, quality: bool
) -> dict[str, Any] | None:
    part = "accuracy_" if quality else ""
    change_L, low_L, high_L, ahead_L = (
        getattr(record, f"{part}{name}_L") for name in ("change", "low", "high", "ahead")
    )
    rows = np.flatnonzero(ahead_L == outcome)
    if not rows.size:
        return None
    name, colour = OUTCOMES[outcome]
    change = finite_only(change_L[rows])
    above, below = high_L[rows] - change, change - low_L[rows]
    shown = np.isfinite(above)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": change,
        "y": [record.names[row] for row in rows],
        "name": name,
        "marker": {"color": token(colour), "size": 12},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": np.where(shown, above, 0.0).astype(np.float32),
            "arrayminus": np.where(shown, below, 0.0).astype(np.float32),
            "color": token(colour),
            "thickness": 2,
        },
        "customdata": record.n_seeds_L[rows].astype(np.float32),
        "hovertemplate": f"%{{y}}: %{{x:+.3g}} {unit}, %{{customdata:d}} seeds<extra></extra>",
    }
