"""How the learning signal reaches the layers, and how far each step moves their weights.

The verdict is nnviz's own convention on first/last RMS of the loss gradient at the
pre-activations: below 1e-3 vanishing, above 1e3 or not finite exploding, amber at 1e∓2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.figures.layers import layer_lines
from nnviz.figures.layout import (
    axis,
    cursor,
    empty_figure,
    layout,
    log_axis,
    log_range,
    log_ticks,
    note,
    positive_only,
    step_axis,
    why_missing,
)
from nnviz.figures.series import Series
from nnviz.figures.theme import FigureDict, sequential, token
from nnviz.records import FloatArray, Snapshot

VANISHING, EXPLODING = 1e-3, 1e3
AMBER_LOW, AMBER_HIGH = 1e-2, 1e2
USUAL_UPDATE_RATIO = 1e-3
"""cs231n's rule of thumb for the norm of an update over the norm of the weights."""

BEFORE_FIRST_STEP = "Gradients are measured from the first update on."


def flow_verdict(delta_rms_L: FloatArray) -> tuple[str, str]:
    """The verdict in words and its colour, from first to last learned layer."""
    if len(delta_rms_L) < 2:
        return "one layer: nothing to compare", "muted"
    if np.isnan(delta_rms_L).all():
        return "not measured", "muted"
    first, last = float(delta_rms_L[0]), float(delta_rms_L[-1])
    if not np.isfinite(delta_rms_L).all():
        return "exploding: not finite", "danger"
    if last == 0:
        return "no gradient at the output", "muted"
    ratio = first / last
    text = f"first / last = {ratio:.2g}"
    if ratio < VANISHING:
        return f"{text}: vanishing", "danger"
    if ratio > EXPLODING:
        return f"{text}: exploding", "danger"
    if ratio < AMBER_LOW or ratio > AMBER_HIGH:
        return f"{text}: at the limit", "warning"
    return f"{text}: healthy", "good"


def gradient_flow(snapshot: Snapshot, with_weights: bool = False) -> FigureDict:
    """RMS of the loss gradient at each learned layer, with the limits seen from the last one."""
    layers = snapshot.learned_layers
    delta = np.array([layer.delta_rms for layer in layers])
    if np.isnan(delta).all():
        return empty_figure(BEFORE_FIRST_STEP)
    verdict, colour = flow_verdict(delta)
    if not np.isfinite(positive_only(delta)).any():
        return why_missing(snapshot, f"The gradient is {verdict}.")
    names = [layer.name for layer in layers]
    data = [_flow_line(names, delta, "RMS of ∂L/∂z", colour, "solid")]
    shown = delta
    if with_weights:
        grad_norm = np.array([layer.grad_norm for layer in layers])
        data.append(_flow_line(names, grad_norm, "norm of ∂L/∂W", "muted", "dot"))
        shown = np.concatenate([delta, grad_norm])
    last = float(delta[-1])
    guided = bool(np.isfinite(last) and last > 0 and len(delta) > 1)
    limits = log_range(shown, [last * AMBER_LOW / 2] if guided else [])
    badge = note(f"<b>{verdict}</b>", 1, 1.0, xanchor="right", yanchor="bottom")
    badge["yshift"] = 22 if with_weights else 2
    badge["font"] = {"size": 12, "color": token(colour)}
    frame = layout(
        _layer_axis(names),
        log_axis("gradient", "loss per unit", **log_ticks(limits)),
        shapes=_flow_guides(last) if guided else [],
        annotations=[badge],
        showlegend=with_weights,
        margin={"l": 48, "r": 12, "t": 44 if with_weights else 26, "b": 36},
    )
    return {"data": data, "layout": frame}


def gradient_heatmap(
    series: Series, current_step: float | None = None, log_steps: bool = False
) -> FigureDict:
    """RMS of the loss gradient at the pre-activations: layers × steps, shade in powers of ten."""
    learned = list(series.learned)
    delta_TL = positive_only(series.layer("delta_rms")[:, learned]) if len(series) else None
    if delta_TL is None or not np.isfinite(delta_TL).any():
        return empty_figure(BEFORE_FIRST_STEP)
    names = [series.layer_names[index] for index in learned]
    steps = series.steps
    power_LT = np.log10(delta_TL.T)
    low, high = np.floor(np.nanmin(power_LT)), np.ceil(np.nanmax(power_LT))
    trace = {
        "type": "heatmap",
        "x": (positive_only(steps) if log_steps else steps.astype(np.float32)),
        "y": names,
        "z": power_LT,
        "zmin": low,
        "zmax": max(high, low + 1),
        "colorscale": sequential(),
        "colorbar": _power_bar("RMS of ∂L/∂z", float(high - low)),
        "hovertemplate": "step %{x:,}, layer %{y}<br>RMS of ∂L/∂z 10^%{z:.2f}<extra></extra>",
    }
    yaxis = axis(
        "layer",
        type="category",
        autorange="reversed",
        showgrid=False,
    )
    shapes = cursor(current_step, log_steps)
    frame = layout(step_axis(log_steps, series.steps, showgrid=False), yaxis, shapes=shapes)
    return {"data": [trace], "layout": frame}


def update_ratios(
    series: Series, current_step: float | None = None, log_steps: bool = False
) -> FigureDict:
    """Norm of each layer's actual change over the norm of its weights, beside the usual 1e-3."""
    figure = layer_lines(series, "update_to_weight_ratio", current_step, True, log_steps)
    if not figure["data"]:
        return empty_figure("The weights have not been updated yet.")
    frame = figure["layout"]
    known = series.layer("update_to_weight_ratio")
    limits = log_range(known, [USUAL_UPDATE_RATIO / 4, USUAL_UPDATE_RATIO * 4])
    frame["yaxis"] |= log_ticks(limits)
    frame["shapes"] = [
        _band(USUAL_UPDATE_RATIO / 3, USUAL_UPDATE_RATIO * 3, "good"),
        _level(USUAL_UPDATE_RATIO, "good"),
        *frame["shapes"],
    ]
    words = note("band: usual, about 10⁻³", 0.99, 0.99, xanchor="right", yanchor="top")
    frame["annotations"] = [*frame.get("annotations", []), words]
    return figure


def _flow_line(
    names: list[str], values: FloatArray, title: str, colour: str, dash: str
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": np.arange(len(names), dtype=np.float32),
        "y": positive_only(values),
        "text": names,
        "name": title,
        "line": {"color": token(colour), "width": 2, "dash": dash},
        "marker": {"size": 8},
        "hovertemplate": f"%{{text}}: {title} %{{y:.3g}}<extra></extra>",
    }


def _layer_axis(names: list[str]) -> dict[str, Any]:
    every = -(-len(names) // 7)
    return axis(
        "layer",
        "input side → output",
        tickvals=list(range(0, len(names), every)),
        ticktext=names[::every],
        range=[-0.4, len(names) - 0.6],
    )


def _flow_guides(last: float) -> list[dict[str, Any]]:
    return [
        _band(last * VANISHING, last * AMBER_LOW, "warning"),
        _band(last * 1e-30, last * VANISHING, "danger"),
        _band(last * AMBER_HIGH, last * EXPLODING, "warning"),
        _band(last * EXPLODING, last * 1e30, "danger"),
        _level(last, "guide"),
    ]


def _band(low: float, high: float, colour: str) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": low,
        "y1": high,
        "fillcolor": token(colour),
        "opacity": 0.12,
        "line": {"width": 0},
        "layer": "below",
    }


def _level(value: float, colour: str) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": value,
        "y1": value,
        "line": {"color": token(colour), "width": 1, "dash": "dash"},
        "layer": "below",
    }


def _power_bar(title: str, decades: float) -> dict[str, Any]:
    return {
        "title": {"text": title, "side": "right", "font": {"size": 11}},
        "tickprefix": "10<sup>",
        "ticksuffix": "</sup>",
        "dtick": max(1, round(decades / 6)),
        "tickformat": "d",
        "thickness": 10,
        "outlinewidth": 0,
        "tickfont": {"size": 11},
    }
