"""Losses as curves with their gradients, and a sigmoid that starts sure and wrong.

Shapes: Z points of a curve, T steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from nnviz.experiments.objectives.records import (
    LossCurveRecord,
    SaturationRecord,
)
from nnviz.figures.layout import axis, empty_figure, layout
from nnviz.figures.theme import FigureDict, token
from nnviz.figures.traces import (
    Trace,
    line,
    log10,
    power_axis,
    series_color,
    series_dash,
    vertical,
)

LOSS_NAMES = {
    "mse": "squared error",
    "l1": "absolute error",
    "huber": "Huber",
    "bce_with_logits": "binary cross-entropy from logits",
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
    frame["shapes"] = [vertical(start, "warning")]
    return {"data": data, "layout": frame}
