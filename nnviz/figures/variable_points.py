"""The points whose answers differ most between replicates: as images, in the plane, or ranked.

Shapes: N points, M points drawn.
"""

from __future__ import annotations

import numpy as np

from nnviz.experiments.complexity.records import UNITS, ComplexityRecord, ValueRecord
from nnviz.figures.layout import axis, empty_figure, hidden_axis, layout, note
from nnviz.figures.misclassified import LABEL_ROOM, N_COLUMNS, tile_corners, tile_mosaic
from nnviz.figures.theme import FigureDict, sequential, token
from nnviz.records import IntArray

N_IMAGES = 16
MISSING = "Nothing has been measured here yet."


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


def class_name(record: ComplexityRecord, index: int) -> str:
    """The name of a class, or its number."""
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
    return f"{class_name(record, int(labels_N[index]))}: {value.variance_N[index]:.2g}"


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
    names = [f"#{n} ({class_name(record, int(labels_N[n]))})" for n in chosen]
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
