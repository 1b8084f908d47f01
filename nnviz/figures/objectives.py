"""Losses: cross-entropy step by step, curves with gradients, class weights, saturation.

Shapes: N samples, C classes, W class weights tried, Z points of a curve, T steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from nnviz.experiments.objectives.records import (
    CrossEntropyRecord,
    ImbalanceRecord,
    LossCurveRecord,
    SaturationRecord,
)
from nnviz.figures.layout import axis, empty_figure, layout
from nnviz.figures.theme import FigureDict, class_token, token
from nnviz.figures.traces import Trace, line, log10, power_axis, series_color, series_dash
from nnviz.records import FloatArray

LOSS_NAMES = {
    "mse": "squared error",
    "l1": "absolute error",
    "huber": "Huber",
    "bce_with_logits": "binary cross-entropy from logits",
}
STEPS = {
    "logits": ("logit z", "value"),
    "softmax": ("softmax p", "probability"),
    "log": ("−log p", "nats"),
    "gradient": ("∂L/∂z", "loss per unit of z"),
}


def class_bars(
    record: CrossEntropyRecord, sample: int, step: Literal["logits", "softmax", "log", "gradient"]
) -> FigureDict:
    """One step of cross-entropy for one sample, a bar a class; the target is outlined."""
    values_C = {
        "logits": record.logits_NC,
        "softmax": record.softmax_NC,
        "log": -record.log_softmax_NC,
        "gradient": record.gradient_NC,
    }[step][sample]
    target = int(record.target_N[sample])
    name, unit = STEPS[step]
    is_target = [c == target and not record.ignored_N[sample] for c in range(len(values_C))]
    data: list[Trace] = [_bars(values_C, is_target, name)]
    if step in ("softmax", "log") and record.target_share_NC[sample].any():
        data.append(
            _label_marks(record.target_share_NC[sample])
            if step == "softmax"
            else _shares(values_C, record.target_share_NC[sample])
        )
    classes = [f"class {c}" for c in range(len(values_C))]
    xaxis = axis(
        "class",
        "target outlined",
        tickvals=list(range(len(classes))),
        ticktext=classes,
        range=[-0.6, len(classes) - 0.4],
    )
    options: dict[str, Any] = {"range": [0, 1.08]} if step == "softmax" else {}
    yaxis = axis(name, unit, zeroline=True, zerolinecolor=token("muted"), **options)
    return {"data": data, "layout": layout(xaxis, yaxis, showlegend=len(data) > 1)}


def _bars(values_C: FloatArray, is_target: Sequence[bool], name: str) -> Trace:
    colors = [class_token(c) for c in range(len(values_C))]
    edge = [token("ink") if hit else "rgba(0,0,0,0)" for hit in is_target]
    return {
        "type": "bar",
        "x": np.arange(len(values_C)),
        "y": values_C.astype(np.float32),
        "name": name,
        "text": [f"{v:.3f}" for v in values_C],
        "textposition": "auto",
        "showlegend": False,
        "marker": {"color": colors, "line": {"color": edge, "width": 3}},
        "hovertemplate": f"class %{{x}}: {name} = %{{y:.4f}}<extra></extra>",
    }


def _label_marks(share_C: FloatArray) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": np.arange(len(share_C)),
        "y": share_C,
        "name": "label (what p should be)",
        "marker": {
            "symbol": "line-ew-open",
            "size": 34,
            "color": token("ink"),
            "line": {"width": 3},
        },
        "hovertemplate": "class %{x}: label %{y:.3f}<extra></extra>",
    }


def _shares(values_C: FloatArray, share_C: FloatArray) -> Trace:
    picked = [f"× {share:.3g}" if share else "" for share in share_C]
    return {
        "type": "scatter",
        "mode": "text",
        "x": np.arange(len(share_C)),
        "y": values_C.astype(np.float32),
        "text": picked,
        "textposition": "top center",
        "name": "× share of the label that picks it",
        "cliponaxis": False,
        "hovertemplate": "class %{x}: picked with %{text}<extra></extra>",
    }


def sample_losses(record: CrossEntropyRecord) -> FigureDict:
    """Each sample's weighted loss, and the reduced one as a line."""
    n = len(record.loss_N)
    colors = [
        token("muted") if ignored else class_token(int(t))
        for ignored, t in zip(record.ignored_N, record.target_N, strict=True)
    ]
    text = [
        "ignored" if ignored else f"{v:.3f}"
        for ignored, v in zip(record.ignored_N, record.loss_N, strict=True)
    ]
    bars: Trace = {
        "type": "bar",
        "x": np.arange(1, n + 1),
        "y": record.loss_N.astype(np.float32),
        "name": "weighted loss",
        "text": text,
        "textposition": "auto",
        "showlegend": False,
        "marker": {"color": colors},
        "hovertemplate": "sample %{x}: %{text} nats<extra></extra>",
    }
    data = [bars]
    if np.isfinite(record.loss):
        data.append(
            line(
                [0.4, n + 0.6],
                [record.loss] * 2,
                "reduced loss",
                token("ink"),
                "%{y:.4f} nats",
                dash="dash",
            )
        )
    xaxis = axis(
        "sample", "colour: its target", tickvals=list(range(1, n + 1)), range=[0.4, n + 0.6]
    )
    return {
        "data": data,
        "layout": layout(xaxis, axis("weight × loss", "nats", rangemode="tozero")),
    }


def loss_lines(
    curves: Sequence[LossCurveRecord], which: Literal["loss", "gradient"], target: float
) -> FigureDict:
    """Losses of one sample over the network's output, or their gradients."""
    if not curves:
        return empty_figure("Choose at least one loss.")
    data = [
        line(
            curve.output_Z,
            curve.loss_Z if which == "loss" else curve.gradient_Z,
            LOSS_NAMES[curve.name],
            series_color(place),
            "%{y:.3f} at output %{x:.2f}",
            dash=series_dash(place),
        )
        for place, curve in enumerate(curves)
    ]
    yaxis = (
        axis("loss", "of one sample", range=[-0.3, 9])
        if which == "loss"
        else axis(
            "∂L/∂output",
            "loss per unit",
            range=[-4.2, 4.2],
            zeroline=True,
            zerolinecolor=token("muted"),
        )
    )
    frame = layout(axis("output", "value, or logit"), yaxis)
    stroke = {"color": token("ink"), "width": 1.5, "dash": "dot"}
    frame["shapes"] = [
        {
            "type": "line",
            "x0": target,
            "x1": target,
            "xref": "x",
            "y0": 0,
            "y1": 1,
            "yref": "paper",
            "line": stroke,
        }
    ]
    return {"data": data, "layout": frame}


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
    weight = record.weight_W[record.chosen]
    lines = [(0, "boundary, weight 1", "muted", "dash")]
    if record.chosen:
        lines.append((record.chosen, f"boundary, weight {weight:.3g}", "ink", "solid"))
    for index, name, color, dash in lines:
        ends = _boundary(record.line_W3[index], reach)
        if ends is not None:
            data.append(
                line(
                    *ends, name, token(color), "x₁ = %{x:.2f}, x₂ = %{y:.2f}", dash=dash, width=2.5
                )
            )
    frame = layout(
        axis("x₁", "standard deviations", range=[-reach, reach]),
        axis(
            "x₂", "standard deviations", range=[-reach, reach], scaleanchor="x", constrain="domain"
        ),
    )
    return {"data": data, "layout": frame}


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
    logs = log10(record.weight_W)
    text = [f"weight {w:.3g}" for w in record.weight_W]
    parts = [
        ("class 1 (few)", record.minority_recall_W, class_token(1), "solid"),
        ("class 0 (many)", record.majority_recall_W, class_token(0), "solid"),
        ("class 1 by theory", record.expected_minority_W, token("guide"), "dash"),
    ]
    data = [
        line(logs, values, name, color, "recall %{y:.1%}, %{text}", text=text, dash=dash)
        for name, values, color, dash in parts
    ]
    ticks = [1, 2, 5, 10, 20, 50, 100, 200, 500]
    shown = [t for t in ticks if t <= record.weight_W.max() * 1.05]
    xaxis = axis(
        "weight of class 1",
        "weight of class 0 is 1",
        tickvals=np.log10(shown).tolist(),
        ticktext=[str(t) for t in shown],
    )
    frame = layout(xaxis, axis("recall", "share found", range=[0, 1.03], tickformat=".0%"))
    frame["shapes"] = [
        _vertical(float(np.log10(record.weight_W[record.chosen])), "ink"),
        _vertical(float(np.log10(record.balanced_weight)), "good"),
    ]
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


def _vertical(x: float, color: str) -> dict[str, Any]:
    stroke = {"color": token(color), "width": 1.5, "dash": "dot"}
    return {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": x,
        "x1": x,
        "y0": 0,
        "y1": 1,
        "line": stroke,
    }


def saturation_lines(
    records: Sequence[SaturationRecord],
    quantity: Literal["loss", "gradient", "probability"],
    start: float,
) -> FigureDict:
    """Loss or gradient over the logit, or the probability over the steps."""
    data: list[Trace] = []
    for place, record in enumerate(records):
        color, dash = series_color(place), ("solid", "dash")[place % 2]
        if quantity == "probability":
            steps = np.arange(len(record.probability_T), dtype=float)
            data.append(
                line(
                    steps,
                    record.probability_T,
                    record.name,
                    color,
                    "p = %{y:.3f} at step %{x}",
                    dash=dash,
                )
            )
        elif quantity == "loss":
            data.append(
                line(
                    record.z_Z,
                    record.loss_Z,
                    record.name,
                    color,
                    "%{y:.3g} at z = %{x:.2f}",
                    dash=dash,
                )
            )
        else:
            size = np.abs(record.gradient_Z)
            text = [f"{g:.3g}" for g in record.gradient_Z]
            data.append(
                line(
                    record.z_Z,
                    log10(size),
                    record.name,
                    color,
                    "∂L/∂z = %{text} at z = %{x:.2f}",
                    text=text,
                    dash=dash,
                )
            )
    if quantity == "probability":
        frame = layout(
            axis("step", "updates"), axis("p = σ(z)", "should become 1", range=[-0.03, 1.03])
        )
        return {"data": data, "layout": frame}
    yaxis = (
        axis("loss", "of one sample", rangemode="tozero")
        if quantity == "loss"
        else power_axis(
            "|∂L/∂z|", "loss per unit of z", np.concatenate([np.asarray(t["y"]) for t in data])
        )
    )
    frame = layout(axis("z", "logit; the target is 1"), yaxis)
    frame["shapes"] = [_vertical(start, "warning")]
    return {"data": data, "layout": frame}
