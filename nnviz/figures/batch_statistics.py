"""BatchNorm's running statistics beside those of the batches it meets."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.figures.layout import (
    axis,
    cursor,
    empty_figure,
    finite_only,
    layout,
    note,
    positive_only,
    step_axis,
)
from nnviz.figures.series import GAP_FIELDS, Series
from nnviz.figures.theme import FigureDict, token
from nnviz.records import FloatArray, LayerRecord

NO_BATCH_NORM = "This layer has no batch normalization."
PANELS = (
    ("mean", "density", "circle", "value"),
    ("variance", "variance", "diamond", "value²"),
)


def batch_statistics(layer: LayerRecord) -> FigureDict:
    """Each channel's batch statistic over its running one; on the line evaluation = training."""
    statistics = layer.batch_statistics
    if statistics is None:
        return empty_figure(NO_BATCH_NORM)
    pairs = (
        (statistics.running_mean_D, statistics.batch_mean_D),
        (statistics.running_var_D, statistics.batch_var_D),
    )
    data: list[dict[str, Any]] = []
    for index, (running_D, batch_D) in enumerate(pairs):
        data += _identity_panel(finite_only(running_D), finite_only(batch_D), index)
    frame = layout(
        axis("running mean", "value", domain=[0, 0.42]),
        axis("batch mean", "value"),
        showlegend=False,
    )
    frame["xaxis2"] = axis("running variance", "value²", domain=[0.58, 1], anchor="y2")
    frame["yaxis2"] = axis("batch variance", "value²", anchor="x2")
    words = note("dashed: batch = running", 0, 1.0, xanchor="left", yanchor="bottom")
    frame["annotations"] = [words]
    frame["margin"] = {**frame["margin"], "t": 24}
    return {"data": data, "layout": frame}


def batch_statistics_gap(
    series: Series,
    layer_index: int,
    current_step: float | None = None,
    log_steps: bool = False,
) -> FigureDict:
    """Mean over channels of |batch - running| over time, for means and for variances."""
    if not len(series):
        return empty_figure("No step has been recorded yet.")
    gaps = [finite_only(series.layer(field)[:, layer_index]) for field in GAP_FIELDS]
    if not any(np.isfinite(gap).any() for gap in gaps):
        return empty_figure(NO_BATCH_NORM)
    steps = positive_only(series.steps) if log_steps else series.steps.astype(np.float32)
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": steps,
            "y": gap,
            "name": f"{title} ({unit})",
            "line": {"color": token(colour), "width": 2},
            "hovertemplate": f"gap of {title}s %{{y:.3g}} {unit} at step %{{x}}<extra></extra>",
        }
        for gap, (title, colour, _, unit) in zip(gaps, PANELS, strict=True)
    ]
    yaxis = axis("mean |batch − running|", "value, value²", rangemode="tozero")
    shapes = cursor(current_step, log_steps)
    return {"data": data, "layout": layout(step_axis(log_steps), yaxis, shapes=shapes)}


def _identity_panel(running_D: FloatArray, batch_D: FloatArray, index: int) -> list[dict[str, Any]]:
    title, colour, symbol, unit = PANELS[index]
    suffix = "" if index == 0 else "2"
    axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
    both = np.concatenate([running_D, batch_D])
    known = both[np.isfinite(both)]
    ends = np.array([known.min(), known.max()] if known.size else [0.0, 1.0], np.float32)
    identity = {
        "type": "scatter",
        "mode": "lines",
        "x": ends,
        "y": ends,
        "line": {"color": token("guide"), "width": 1, "dash": "dash"},
        "hovertemplate": "batch = running<extra></extra>",
        **axes,
    }
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": running_D,
        "y": batch_D,
        "text": [f"channel {channel}" for channel in range(len(running_D))],
        "marker": {"color": token(colour), "symbol": symbol, "size": 7, "opacity": 0.8},
        "hovertemplate": f"%{{text}}: {title} in the batch %{{y:.3g}}, running %{{x:.3g}} {unit}"
        "<extra></extra>",
        **axes,
    }
    return [identity, points]
