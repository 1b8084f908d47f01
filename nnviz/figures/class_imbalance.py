"""Few against many: the boundary and the recalls over the class weight.

Shapes: W class weights tried.
"""

from __future__ import annotations

import numpy as np

from nnviz.experiments.objectives.records import ImbalanceRecord
from nnviz.figures.layout import axis, layout, log_axis
from nnviz.figures.theme import FigureDict, class_token, token
from nnviz.figures.traces import Trace, line, vertical
from nnviz.records import FloatArray


def boundary_plane(record: ImbalanceRecord) -> FigureDict:
    """The points of both classes and the boundary with and without the class weight."""
    data: list[Trace] = []
    for label, name, size in ((0, "class 0 (many)", 5), (1, "class 1 (few)", 7)):
        points = record.points_N2[record.label_N == label]
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": name,
                "showlegend": False,
                "x": points[:, 0].astype(np.float32),
                "y": points[:, 1].astype(np.float32),
                "marker": {
                    "color": class_token(label),
                    "size": size,
                    "opacity": 0.55 if label == 0 else 0.95,
                    "line": {"color": token("page"), "width": 0.5},
                },
                "hovertemplate": f"{name}: (%{{x:.2f}}, %{{y:.2f}})<extra></extra>",
            }
        )
    reach = float(np.abs(record.points_N2).max()) * 1.05
    for index, color, dash in ((0, "muted", "dash"), (record.chosen, "ink", "solid")):
        ends = _boundary(record.line_W3[index], reach)
        if ends is None or (index == 0 and dash == "solid"):
            continue
        few, many = record.minority_recall_W[index], record.majority_recall_W[index]
        name = f"weight {record.weight_W[index]:.3g}: {few:.0%} of few, {many:.0%} of many"
        hover = "x₁ = %{x:.2f}, x₂ = %{y:.2f}"
        data.append(line(*ends, name, token(color), hover, dash=dash, width=2.5))
    xaxis = axis("x₁", "standard deviations", range=[-reach, reach])
    square = {"scaleanchor": "x", "constrain": "domain"}
    yaxis = axis("x₂", "standard deviations", range=[-reach, reach], **square)
    return {"data": data, "layout": layout(xaxis, yaxis)}


def _boundary(line_3: FloatArray, reach: float) -> tuple[FloatArray, FloatArray] | None:
    """Where w·x + b = 0 crosses the drawn square, along its flatter axis."""
    t = np.array([-reach, reach]) * 1.5
    w1, w2, b = line_3
    if max(abs(w1), abs(w2)) < 1e-9:
        return None
    if abs(w1) >= abs(w2):
        return -(w2 * t + b) / w1, t
    return t, -(w1 * t + b) / w2


def recall_curve(record: ImbalanceRecord) -> FigureDict:
    """Recall of both classes on fresh points over the weight of class 1."""
    parts = [
        ("few", record.minority_recall_W, class_token(1), "solid"),
        ("many", record.majority_recall_W, class_token(0), "solid"),
        ("few, by theory", record.expected_minority_W, token("guide"), "dash"),
    ]
    data = [
        line(record.weight_W, values, name, color, "recall %{y:.1%}, weight %{x:.3g}", dash=dash)
        for name, values, color, dash in parts
    ]
    limits = [-0.05, float(np.log10(record.weight_W.max())) + 0.05]
    ticks = [1, 2, 5, 10, 20, 50, 100]
    xaxis = log_axis(
        "weight of class 1", "class 0: 1", range=limits, tickvals=ticks, ticktext=[*map(str, ticks)]
    )
    frame = layout(xaxis, axis("recall", "share found", range=[0, 1.03], tickformat=".0%"))
    frame["shapes"] = [vertical(record.balanced_weight, "good")]
    frame["annotations"] = [
        {
            "text": "balanced",
            "x": float(np.log10(record.balanced_weight)),
            "y": 0.04,
            "yref": "paper",
            "xref": "x",
            "showarrow": False,
            "xanchor": "left",
            "xshift": 4,
            "font": {"color": token("good"), "size": 11},
        }
    ]
    return {"data": data, "layout": frame}
