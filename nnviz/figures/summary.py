"""Small pictures without axes: a surface or a loss at a glance."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.figures.layout import empty_figure, finite_only, hidden_axis, layout
from nnviz.figures.series import Series
from nnviz.figures.surface import surface_heatmap
from nnviz.figures.theme import FigureDict, discrete_classes, diverging, token
from nnviz.records import DataRecord, FloatArray, Snapshot, has_classes

NO_MARGIN = {"l": 2, "r": 2, "t": 2, "b": 2}


def surface_thumbnail(snapshot: Snapshot, data: DataRecord | None = None) -> FigureDict:
    """The network's answer over the input plane, small and without axes."""
    if snapshot.surface is None:
        return empty_figure("no input plane")
    traces = [surface_heatmap(snapshot.surface)]
    if data is not None:
        traces.append(_small_points(data))
    frame = layout(
        hidden_axis(constrain="domain"),
        hidden_axis(constrain="domain", scaleanchor="x"),
        margin=NO_MARGIN,
        showlegend=False,
    )
    return {"data": traces, "layout": frame}


def loss_sparkline(series: Series) -> FigureDict:
    """Training and test loss over time, small and without axes."""
    if not len(series):
        return empty_figure("not started")
    data = [_spark(series, part) for part in ("train", "test")]
    frame = layout(hidden_axis(), hidden_axis(), margin=NO_MARGIN, showlegend=False)
    return {"data": data, "layout": frame}


def _spark(series: Series, part: str) -> dict[str, Any]:
    values: FloatArray = finite_only(series.run(f"{part}_loss"))
    return {
        "type": "scatter",
        "mode": "lines",
        "x": series.steps.astype(np.float32),
        "y": values,
        "name": part,
        "line": {"color": token(part), "width": 1.5},
        "hovertemplate": f"{part} loss %{{y:.3g}} at step %{{x}}<extra></extra>",
    }


def _small_points(data: DataRecord) -> dict[str, Any]:
    n_classes = max(len(data.class_names), 2)
    classes = {"colorscale": discrete_classes(n_classes), "cmin": -0.5, "cmax": n_classes - 0.5}
    shades = classes if has_classes(data.task) else {"colorscale": diverging()}
    outline = {"color": token("page"), "width": 0.5}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": np.asarray(data.train_x[:, 0], np.float32),
        "y": np.asarray(data.train_x[:, 1], np.float32),
        "name": "train",
        "marker": {
            "color": np.asarray(data.train_y, np.float32),
            "size": 3,
            "line": outline,
            **shades,
        },
        "hovertemplate": "train point, target %{marker.color:.3g}<extra></extra>",
    }
