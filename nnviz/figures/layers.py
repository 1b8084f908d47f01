"""One number of every layer over time, or at one step."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.figures.layout import (
    axis,
    cursor,
    empty_figure,
    finite_only,
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
from nnviz.figures.theme import FigureDict, depth_token, token
from nnviz.records import FloatArray, Snapshot

MAX_LINES = 8

FIELD_LABELS: dict[str, tuple[str, str]] = {
    "grad_norm": ("norm of ∂L/∂W", "loss per unit of weight"),
    "grad_rms": ("RMS of ∂L/∂W", "loss per unit of weight"),
    "delta_rms": ("RMS of ∂L/∂z", "loss per unit of z"),
    "weight_norm": ("weight norm", "L2"),
    "update_to_weight_ratio": ("update / weight", "ratio of norms"),
    "scale_mean": ("γ, mean", "factor"),
    "scale_std": ("γ, standard deviation", "factor"),
    "shift_mean": ("β, mean", "unit of the activation's input"),
    "shift_std": ("β, standard deviation", "unit of the activation's input"),
    "dead_fraction": ("dead units", "share of units"),
    "zero_fraction": ("zeros", "share of values"),
    "saturated_fraction": ("saturated", "share of values"),
    "negative_fraction": ("negative outputs", "share of values"),
    "mean": ("mean activation", "value"),
    "std": ("std of activation", "value"),
    "pre_activation_mean": ("mean pre-activation", "value"),
    "pre_activation_std": ("std of pre-activation", "value"),
    "output_mean": ("mean output", "value"),
    "output_std": ("std of output", "value"),
    "effective_rank": ("effective rank", "directions"),
    "sample_cosine": ("cosine between samples", "−1 to 1"),
    "unit_difference": ("difference of units", "over the largest norm"),
    "batch_mean_gap": ("gap of means", "value"),
    "batch_var_gap": ("gap of variances", "value²"),
}


def layer_lines(
    series: Series,
    field: str,
    current_step: float | None = None,
    log_scale: bool = False,
    log_steps: bool = False,
) -> FigureDict:
    """A number of each layer over time, one line a layer; of many layers eight are drawn."""
    if not len(series):
        return empty_figure("No step has been recorded yet.")
    name, _ = FIELD_LABELS[field]
    clean = positive_only if log_scale else finite_only
    values_TL = clean(series.layer(field))
    measured = np.flatnonzero(np.isfinite(values_TL).any(axis=0))
    if not len(measured):
        return empty_figure(f"{name}: not measured for this network so far.")
    picked = np.linspace(0, len(measured) - 1, min(len(measured), MAX_LINES)).round().astype(int)
    steps = positive_only(series.steps) if log_steps else series.steps.astype(np.float32)
    data = [
        _line(series, steps, values_TL[:, index], int(index), f"{name} %{{y:.3g}}")
        for index in measured[picked]
    ]
    yaxis = _value_axis(field, values_TL[:, measured], log_scale)
    frame = layout(
        step_axis(log_steps, series.steps), yaxis, shapes=cursor(current_step, log_steps)
    )
    if len(picked) < len(measured):
        words = f"{len(picked)} of {len(measured)} layers drawn"
        frame["annotations"] = [note(words, 0.01, 0.99, xanchor="left", yanchor="top")]
    return {"data": data, "layout": frame}


def layer_profile(snapshot: Snapshot, field: str, log_scale: bool = False) -> FigureDict:
    """A number of each layer at one step, input side to output."""
    name, unit = FIELD_LABELS[field]
    layers = [
        layer
        for layer in (*snapshot.layers, snapshot.output)
        if layer.is_learned or np.isfinite(getattr(layer, field))
    ]
    values = np.array([getattr(layer, field) for layer in layers], dtype=np.float64)
    shown = positive_only(values) if log_scale else finite_only(values)
    if not np.isfinite(shown).any():
        return why_missing(snapshot, f"{name}: not measured at this step.")
    names = [layer.name for layer in layers]
    every = -(-len(names) // 7)
    xaxis = axis(
        "layer",
        "input side → output",
        tickvals=list(range(0, len(names), every)),
        ticktext=names[::every],
        range=[-0.4, len(names) - 0.6],
    )
    yaxis = _value_axis(field, shown, log_scale)
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": np.arange(len(names), dtype=np.float32),
        "y": shown,
        "text": names,
        "line": {"color": token("density"), "width": 2},
        "marker": {"size": 8},
        "hovertemplate": f"%{{text}}: {name} %{{y:.3g}} ({unit})<extra></extra>",
    }
    return {"data": [trace], "layout": layout(xaxis, yaxis)}


def _value_axis(field: str, values: FloatArray, log_scale: bool) -> dict[str, Any]:
    name, unit = FIELD_LABELS[field]
    if log_scale:
        return log_axis(name, unit, **log_ticks(log_range(values)))
    known = values[np.isfinite(values)]
    if unit.startswith("share"):
        return axis(name, unit, range=[0.0, max(1.05 * float(known.max()), 0.1)])
    return axis(name, unit)


def _line(
    series: Series, steps: FloatArray, values_T: FloatArray, index: int, words: str
) -> dict[str, Any]:
    layer_name = series.layer_names[index]
    single = np.isfinite(values_T).sum() <= 1
    return {
        "type": "scatter",
        "mode": "lines+markers" if single else "lines",
        "x": steps,
        "y": values_T,
        "name": layer_name,
        "line": {"color": depth_token(index, len(series.layer_names)), "width": 1.8},
        "hovertemplate": f"{layer_name}: {words} at step %{{x:,}}<extra></extra>",
    }
