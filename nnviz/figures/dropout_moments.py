"""Variances that dropout changes: measured beside theory, layer by layer, and before BatchNorm.

Shapes: O output units, L layers, K networks, G values of q.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.experiments.dropout.records import AlphaRecord, ShiftRecord, VarianceRecord
from nnviz.figures.layout import axis, layout, log_axis, log_range, log_ticks
from nnviz.figures.theme import FigureDict, token

NETWORK_COLOURS = ("muted", "density", "negative")


def variance_bars(record: VarianceRecord) -> FigureDict:
    """Measured variances with two standard errors, and the theory's as diamonds."""
    names = ["input", "after dropout", "linear, evaluation", "linear, training", "difference"]
    measured = [
        (record.evaluation.variance, record.evaluation.variance_error),
        (record.training.variance, record.training.variance_error),
        (record.linear_evaluation.variance, record.linear_evaluation.variance_error),
        (record.linear_training.variance, record.linear_training.variance_error),
        (record.linear_difference, record.linear_difference_error),
    ]
    expected = [
        np.nan,
        record.expected_training,
        record.expected_linear_evaluation,
        record.expected_linear_evaluation + record.expected_linear_difference,
        record.expected_linear_difference,
    ]
    values, errors = (np.array(part) for part in zip(*measured, strict=True))
    bars = {
        "type": "bar",
        "name": "measured ± 2 standard errors",
        "x": names,
        "y": values,
        "error_y": {"array": 2 * errors, "color": token("ink"), "thickness": 1.5},
        "marker": {"color": token("density"), "opacity": 0.75},
        "hovertemplate": "%{x}: measured %{y:.4g} value²<extra></extra>",
    }
    theory = {
        "type": "scatter",
        "mode": "markers",
        "name": "theory",
        "x": names,
        "y": np.array(expected),
        "marker": {"symbol": "diamond", "size": 11, "color": token("negative")},
        "hovertemplate": "%{x}: theory %{y:.4g} value²<extra></extra>",
    }
    frame = layout(axis("where"), axis("variance", "value²", rangemode="tozero"))
    return {"data": [bars, theory], "layout": {**frame, "margin": _margin()}}


def variance_over_mean(record: VarianceRecord, c: float, v: float, reach: float) -> FigureDict:
    """The theory's variance over the mean c of what comes in, its two parts, and the measured."""
    c_G = np.linspace(-reach, reach, 101)
    own_G = np.full(len(c_G), v / (1 - record.q))
    curves = [
        ("from the spread: v/(1 - q)", own_G, "test", "tozeroy"),
        ("and from the mean: + q c²/(1 - q)", own_G + record.q * c_G**2 / (1 - record.q),
         "negative", "tonexty"),
    ]  # fmt: skip
    data: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": c_G,
            "y": y_G,
            "fill": fill,
            "fillcolor": "rgba(128,128,128,0.14)",
            "line": {"color": token(colour), "width": 2},
            "hovertemplate": "%{y:.3g} at c = %{x:.2f}<extra></extra>",
        }
        for name, y_G, colour, fill in curves
    ]
    data.append(
        {
            "type": "scatter",
            "mode": "markers",
            "name": "measured",
            "x": [c],
            "y": [record.training.variance],
            "error_y": {"array": [2 * record.training.variance_error], "color": token("ink")},
            "marker": {"size": 11, "color": token("density")},
            "hovertemplate": "measured %{y:.4g} at c = %{x:.2f}<extra></extra>",
        }
    )
    highest = max(float(data[1]["y"].max()), record.training.variance, 1e-6)
    frame = layout(
        axis("mean c of what comes in", "value", range=[-reach, reach]),
        axis("variance after dropout", "value²", range=[0, 1.08 * highest]),
    )
    return {"data": data, "layout": {**frame, "margin": _margin()}}


def depth_lines(record: AlphaRecord, quantity: str, deepest: int) -> FigureDict:
    """Mean or deviation of the activations after each SELU block, one line a network."""
    values_KL = record.mean_KL if quantity == "mean" else record.std_KL
    layers = np.arange(1, values_KL.shape[1] + 1)
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": name,
            "x": layers,
            "y": values_L,
            "line": {"color": token(colour), "width": 2},
            "marker": {"size": 5},
            "hovertemplate": f"{name}: {quantity} %{{y:.3g}} after layer %{{x}}<extra></extra>",
        }
        for name, values_L, colour in zip(record.names, values_KL, NETWORK_COLOURS, strict=True)
    ]
    yaxis = axis(quantity, "value")
    if quantity == "deviation":
        limits = log_range(values_KL, guides=(1.0,), pad=0.1)
        yaxis = log_axis(quantity, "value", **log_ticks(limits))
    frame = layout(axis("layer", "1 = next to the input", range=[0.5, deepest + 0.5]), yaxis)
    return {"data": data, "layout": {**frame, "margin": _margin()}}


def ratio_curve(record: ShiftRecord) -> FigureDict:
    """The ratio of the variances over q in theory, and the measured one."""
    error = 2 * record.relative_error * np.sqrt(2) * record.ratio
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "theory",
            "x": record.q_G,
            "y": record.ratio_G,
            "line": {"color": token("guide"), "width": 2, "dash": "dash"},
            "hovertemplate": "theory: ratio %{y:.3g} at q = %{x:.2f}<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "name": "measured",
            "x": [record.q],
            "y": [record.ratio],
            "error_y": {"array": [error], "color": token("ink"), "thickness": 1.5},
            "marker": {"size": 11, "color": token("density")},
            "hovertemplate": "measured: ratio %{y:.3g} at q = %{x:.2f}<extra></extra>",
        },
    ]
    limits = log_range(np.append(record.ratio_G, record.ratio), guides=(0.9, 2.0), pad=0.05)
    yaxis = log_axis("variance ratio", "training / evaluation", **log_ticks(limits))
    frame = layout(axis("probability of dropping q", "share"), yaxis)
    return {"data": data, "layout": {**frame, "margin": _margin()}}


def variance_scatter(record: ShiftRecord) -> FigureDict:
    """Each output unit's variance in training over that in evaluation."""
    low = 0.0
    high = float(record.evaluation_O.max()) * 1.08
    ends = np.array([low, high])
    data = [
        _ray(ends, 1.0, "no shift"),
        _ray(ends, record.expected_ratio, f"theory: × {record.expected_ratio:.3g}"),
        {
            "type": "scatter",
            "mode": "markers",
            "name": "output units",
            "x": record.evaluation_O,
            "y": record.training_O,
            "text": [f"unit {unit}" for unit in range(len(record.training_O))],
            "marker": {"size": 8, "color": token("density"), "opacity": 0.85},
            "hovertemplate": "%{text}: %{y:.3g} in training, %{x:.3g} in evaluation (value²)"
            "<extra></extra>",
        },
    ]
    frame = layout(
        axis("variance in evaluation", "value²", rangemode="tozero"),
        axis("running variance of training", "value²", rangemode="tozero"),
    )
    return {"data": data, "layout": {**frame, "margin": _margin()}}


def _ray(ends: Any, slope: float, name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": ends,
        "y": ends * slope,
        "line": {"color": token("guide"), "width": 1.5, "dash": "dot" if slope == 1 else "dash"},
        "hovertemplate": f"{name}<extra></extra>",
    }


def _margin() -> dict[str, int]:
    return {"l": 52, "r": 12, "t": 30, "b": 40}
