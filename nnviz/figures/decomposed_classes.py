"""Where a classifier's bias and variance sit: by class, by point, over the plane.

Shapes: N points, C classes, M points drawn, K surfaces of H × H.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.experiments.complexity.records import UNITS, ComplexityRecord, ValueRecord
from nnviz.figures.complexity_curves import part_name
from nnviz.figures.layout import axis, empty_figure, hidden_axis, layout, note
from nnviz.figures.misclassified import LABEL_ROOM, N_COLUMNS, tile_corners, tile_mosaic
from nnviz.figures.theme import (
    FigureDict,
    discrete_classes,
    sequential,
    token,
)
from nnviz.records import FloatArray, IntArray

N_IMAGES = 16
N_BORDERS = 6
MISSING = "Nothing has been measured here yet."


def decomposition_by_class(record: ComplexityRecord, place: int) -> FigureDict:
    """Mean bias and variance over the points of each class."""
    value, labels_N = record.at[place], record.evaluation.labels_N
    if value is None or labels_N is None:
        return empty_figure(MISSING)
    classes = np.unique(labels_N)
    names = [_class_name(record, int(c)) for c in classes]
    unit = UNITS[record.loss]
    data = []
    for part in ("bias", "variance"):
        values_N = _contribution(value, part)
        mean_C = [values_N[labels_N == c].mean() for c in classes]
        error_C = [_error(values_N[labels_N == c]) for c in classes]
        name = part_name(record, part)
        data.append(
            {
                "type": "bar",
                "x": names,
                "y": np.asarray(mean_C, np.float32),
                "error_y": {"array": np.asarray(error_C, np.float32), "color": token("muted")},
                "name": name,
                "marker": {"color": token(part)},
                "hovertemplate": f"{name} of class %{{x}}: %{{y:.3g}} {unit}<extra></extra>",
            }
        )
    frame = layout(
        axis("true class", type="category"), axis("mean over its points", unit), barmode="group"
    )
    return {"data": data, "layout": frame}


def variable_points(record: ComplexityRecord, place: int) -> FigureDict:
    """The points whose answers differ most between replicates: as images or in the plane."""
    value, evaluation = record.at[place], record.evaluation
    if value is None or evaluation.labels_N is None:
        return empty_figure(MISSING)
    if evaluation.image_shape is not None:
        return _images(record, value, evaluation.labels_N)
    if evaluation.points.ndim == 2 and evaluation.points.shape[1] == 2:
        return _plane(record, value)
    return _ranking(record, value, evaluation.labels_N)


def replicate_borders(record: ComplexityRecord, place: int) -> FigureDict:
    """The decision borders of a few replicates over the plane, with the test points."""
    value, evaluation = record.at[place], record.evaluation
    if value is None or value.surfaces_KHH is None or evaluation.grid_x_H is None:
        return empty_figure("Borders are drawn for data with two inputs.")
    x, y = (np.asarray(g, np.float32) for g in (evaluation.grid_x_H, evaluation.grid_y_H))
    n_classes = max(len(evaluation.class_names), 2)
    data = [
        _border(x, y, surface, number, n_classes)
        for number, surface in enumerate(value.surfaces_KHH[:N_BORDERS], start=1)
    ]
    data.append(_class_points(evaluation.points, evaluation.labels_N, n_classes))
    frame = layout(
        axis("x₁", "scaled", range=[float(x[0]), float(x[-1])], constrain="domain", showgrid=False),
        axis("x₂", "scaled", range=[float(y[0]), float(y[-1])], constrain="domain",
             showgrid=False, scaleanchor="x"),
        showlegend=False,
    )  # fmt: skip
    return {"data": data, "layout": frame}


def _contribution(value: ValueRecord, part: str) -> FloatArray:
    if part == "variance" and value.loss == "domingos":
        return np.asarray(value.risk_N - value.bias_N)
    return np.asarray(getattr(value, f"{part}_N"))


def _error(values: FloatArray) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")


def _class_name(record: ComplexityRecord, index: int) -> str:
    names = record.evaluation.class_names
    return names[index] if index < len(names) else str(index)


def _most_variable(value: ValueRecord, n: int) -> IntArray:
    return np.argsort(-value.variance_N, kind="stable")[:n]


def _images(record: ComplexityRecord, value: ValueRecord, labels_N: IntArray) -> FigureDict:
    chosen = _most_variable(value, N_IMAGES)
    shape = record.evaluation.image_shape or (1, 1)
    pixels = np.asarray(record.evaluation.points[chosen], np.float32).reshape(-1, *shape)
    x, y, values = tile_mosaic(pixels)
    left, bottom = tile_corners(len(chosen))
    words = [_point_words(record, value, labels_N, int(n)) for n in chosen]
    tiles = {
        "type": "heatmap",
        "x": x,
        "y": y,
        "z": values,
        "colorscale": sequential("ink"),
        "showscale": False,
        "hovertemplate": "pixel value %{z:.2f} (scaled)<extra></extra>",
    }
    labels = {
        "type": "scatter",
        "mode": "text",
        "x": (left + 0.5).astype(np.float32),
        "y": (bottom + 1.0 + LABEL_ROOM * 0.42).astype(np.float32),
        "text": words,
        "textfont": {"size": 12, "color": token("ink")},
        "hovertemplate": "true class: variance, %{text}<extra></extra>",
    }
    n_rows = -(-len(chosen) // N_COLUMNS)
    frame = layout(
        hidden_axis(range=[-0.16, N_COLUMNS * 1.16], constrain="domain"),
        hidden_axis(range=[-n_rows * (1 + LABEL_ROOM), 0], scaleanchor="x"),
        margin={"l": 8, "r": 8, "t": 24, "b": 4},
        showlegend=False,
        annotations=[
            note(f"true class: variance ({UNITS[record.loss]})", 0, 1.0, xanchor="left",
                 yanchor="bottom")
        ],
    )  # fmt: skip
    return {"data": [tiles, labels], "layout": frame}


def _point_words(
    record: ComplexityRecord, value: ValueRecord, labels_N: IntArray, index: int
) -> str:
    return f"{_class_name(record, int(labels_N[index]))}: {value.variance_N[index]:.2g}"


def _plane(record: ComplexityRecord, value: ValueRecord) -> FigureDict:
    points, unit = record.evaluation.points, UNITS[record.loss]
    marker = {
        "color": np.asarray(value.variance_N, np.float32),
        "colorscale": [[0.0, token("grid")], [1.0, token("variance")]],
        "cmin": 0.0,
        "cmax": float(max(value.variance_N.max(), 1e-9)),
        "size": 9,
        "line": {"color": token("muted"), "width": 0.7},
        "colorbar": {"title": {"text": "variance", "font": {"size": 11}}, "thickness": 10,
                     "tickfont": {"size": 11}},
    }  # fmt: skip
    data = {
        "type": "scatter",
        "mode": "markers",
        "x": np.asarray(points[:, 0], np.float32),
        "y": np.asarray(points[:, 1], np.float32),
        "marker": marker,
        "customdata": np.asarray(value.bias_N, np.float32),
        "hovertemplate": f"variance %{{marker.color:.3g}}, {record.bias_name} %{{customdata:.3g}}"
        f" {unit}<extra></extra>",
    }
    frame = layout(
        axis("x₁", "scaled", constrain="domain", showgrid=False),
        axis("x₂", "scaled", constrain="domain", showgrid=False, scaleanchor="x"),
        showlegend=False,
    )
    return {"data": [data], "layout": frame}


def _ranking(record: ComplexityRecord, value: ValueRecord, labels_N: IntArray) -> FigureDict:
    """The most variable points as bars, for data that is neither an image nor a plane."""
    chosen = _most_variable(value, N_IMAGES)
    names = [f"#{n} ({_class_name(record, int(labels_N[n]))})" for n in chosen]
    bars = {
        "type": "bar",
        "x": names,
        "y": np.asarray(value.variance_N[chosen], np.float32),
        "marker": {"color": token("variance")},
        "hovertemplate": f"variance of test point %{{x}}: %{{y:.3g}} {UNITS[record.loss]}"
        "<extra></extra>",
    }
    frame = layout(
        axis("test point (true class)", type="category", tickangle=-60, nticks=N_IMAGES),
        axis("variance", UNITS[record.loss]),
        showlegend=False,
    )
    return {"data": [bars], "layout": frame}


def _border(
    x: FloatArray, y: FloatArray, surface_HH: FloatArray, number: int, n_classes: int
) -> dict[str, Any]:
    levels = {"start": 0.5, "end": max(0.5, n_classes - 1.5), "size": 1, "coloring": "none"}
    return {
        "type": "contour",
        "x": x,
        "y": y,
        "z": np.asarray(surface_HH, np.float32),
        "contours": levels,
        "autocontour": False,
        "line": {"color": token(f"depth_{number}"), "width": 2},
        "showscale": False,
        "name": f"replicate {number}",
        "hovertemplate": f"border of replicate {number}<extra></extra>",
    }


def _class_points(points: FloatArray, labels_N: IntArray | None, n_classes: int) -> dict[str, Any]:
    labels = np.zeros(len(points)) if labels_N is None else labels_N
    return {
        "type": "scatter",
        "mode": "markers",
        "x": np.asarray(points[:, 0], np.float32),
        "y": np.asarray(points[:, 1], np.float32),
        "marker": {
            "color": np.asarray(labels, np.float32),
            "colorscale": discrete_classes(n_classes),
            "cmin": -0.5,
            "cmax": n_classes - 0.5,
            "size": 6,
            "line": {"color": token("page"), "width": 0.7},
        },
        "hovertemplate": "test point of class %{marker.color:d}<extra></extra>",
    }
