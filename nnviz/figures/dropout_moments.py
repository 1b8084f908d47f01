"""Variances that dropout changes: over the mean, layer by layer, and before batch norm.

Shapes: L layers, K networks, G values of q or of the mean.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.experiments.dropout.records import AlphaRecord, ShiftRecord, VarianceRecord
from nnviz.figures.layout import axis, layout, log_axis, log_range, log_ticks
from nnviz.figures.theme import FigureDict, token

MARGIN = {"l": 52, "r": 12, "t": 30, "b": 40}
NETWORK_COLOURS = ("muted", "density", "negative")


def variance_over_mean(record: VarianceRecord, c: float, v: float, reach: float) -> FigureDict:
    """The theory's variance over the mean c of what comes in, its two parts, and the measured."""
    c_G = np.linspace(-reach, reach, 101)
    own_G = np.full(len(c_G), v / (1 - record.q))
    curves = [
        ("from the spread: v/(1 − q)", own_G, "test", "tozeroy"),
        ("and from the mean: + q c²/(1 − q)", own_G + record.q * c_G**2 / (1 - record.q),
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
    frame["legend"]["traceorder"] = "normal"
    return {"data": data, "layout": {**frame, "margin": MARGIN}}


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
    return {"data": data, "layout": {**frame, "margin": MARGIN}}


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
    return {"data": data, "layout": {**frame, "margin": MARGIN}}
