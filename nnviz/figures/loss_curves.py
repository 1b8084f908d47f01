"""Losses as curves with their gradients, and a sigmoid that starts sure and wrong.

Shapes: Z points of a curve, T steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from nnviz.experiments.objectives.records import LossCurveRecord, SaturationRecord
from nnviz.figures.layout import axis, empty_figure, layout
from nnviz.figures.theme import FigureDict, token
from nnviz.figures.traces import Trace, line, series_color, series_dash, vertical

LOSS_NAMES = {
    "mse": "squared error",
    "l1": "absolute error",
    "huber": "Huber",
    "bce_with_logits": "binary cross-entropy",
}


N_DRAWN = 200
"""Points of a line at most: more are not seen."""


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
    zero = {"zeroline": True, "zerolinecolor": token("muted")}
    yaxis = (
        axis("loss", "of one sample", range=[-0.3, 9])
        if which == "loss"
        else axis("∂L/∂output", "loss per unit", range=[-4.2, 4.2], **zero)
    )
    frame = layout(axis("output", "value, or logit", range=[-6.1, 6.1]), yaxis)
    frame["shapes"] = [vertical(target, "guide")]
    return {"data": data, "layout": frame}


def descent(records: Sequence[SaturationRecord], step: int) -> FigureDict:
    """The losses over the logit, and where the answers stand after a step of descent."""
    data: list[Trace] = []
    for place, record in enumerate(records):
        curve = line(
            record.z_Z[::4], record.loss_Z[::4], record.name, series_color(place),
            "%{y:.3g} at z = %{x:.2f}", dash=("solid", "dash")[place % 2],
        )  # fmt: skip
        z = float(np.clip(record.z_T[step], record.z_Z[0], record.z_Z[-1]))
        at = line(
            [z], [float(np.interp(z, record.z_Z, record.loss_Z))], record.name,
            series_color(place), f"%{{y:.3g}} at z = %{{x:.2f}}, step {step}", mode="markers",
            marker={"size": 18, "line": {"width": 2, "color": token("ink")}}, showlegend=False,
        )  # fmt: skip
        data += [curve, at]
    ends = [float(records[0].z_Z[0]) - 0.5, float(records[0].z_Z[-1]) + 0.5]
    xaxis = axis("z", "logit; the target is 1", range=ends)
    return {"data": data, "layout": layout(xaxis, axis("loss", "of one sample", range=[-0.4, 10]))}


def answers(records: Sequence[SaturationRecord], step: int | None = None) -> FigureDict:
    """The answer p = σ(z) over the steps of descent, up to one of them."""
    last = len(records[0].z_T) - 1
    until = last if step is None else step
    shown_T = np.unique(np.linspace(0, until, min(until + 1, N_DRAWN)).astype(int))
    data = [
        line(
            shown_T.astype(float),
            record.probability_T[shown_T],
            record.name,
            series_color(place),
            "p = %{y:.3f} at step %{x}",
            dash=("solid", "dash")[place % 2],
            width=3,
        )
        for place, record in enumerate(records)
    ]
    frame = layout(
        axis("step", "updates", range=[-0.02 * last, 1.02 * last]),
        axis("p = σ(z)", "should become 1", range=[-0.03, 1.03]),
    )
    return {"data": data, "layout": frame}
