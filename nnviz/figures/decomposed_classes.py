"""Where a classifier's bias and variance sit: by class, and over the plane.

Shapes: N points, C classes, K surfaces of H × H.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.experiments.complexity.records import UNITS, ComplexityRecord, ValueRecord
from nnviz.figures.layout import axis, empty_figure, layout
from nnviz.figures.theme import FigureDict, discrete_classes, token
from nnviz.figures.variable_points import MISSING, class_name
from nnviz.records import FloatArray, IntArray

N_BORDERS = 6


def decomposition_by_class(record: ComplexityRecord, place: int) -> FigureDict:
    """Mean bias and variance over the points of each class; whiskers: ± 1 standard error of that
    mean, as if other points of the class were drawn, and not as if other replicates were.
    """
    value, labels_N = record.at[place], record.evaluation.labels_N
    if value is None or labels_N is None:
        return empty_figure(MISSING)
    classes = np.unique(labels_N)
    names = [class_name(record, int(c)) for c in classes]
    unit = UNITS[record.loss]
    data = []
    for part in ("bias", "variance"):
        values_N = _contribution(value, part)
        mean_C = [values_N[labels_N == c].mean() for c in classes]
        error_C = [_error(values_N[labels_N == c]) for c in classes]
        name = record.part_name(part)
        data.append(
            {
                "type": "bar",
                "x": names,
                "y": np.asarray(mean_C, np.float32),
                "error_y": {"array": np.asarray(error_C, np.float32), "color": token("muted")},
                "name": name,
                "marker": {"color": token(part)},
                "hovertemplate": f"{name} of class %{{x}}: %{{y:.3g}} {unit},"
                " ± %{error_y.array:.2g} over its points<extra></extra>",
            }
        )
    frame = layout(
        axis("true class", type="category"), axis("mean over its points", unit), barmode="group"
    )
    return {"data": data, "layout": frame}


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
