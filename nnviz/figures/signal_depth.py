"""A signal forward and a gradient back through depth, theory drawn over the measurement.

Shapes: S seeds, L layers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from nnviz.experiments.signal_propagation.records import NoTheory, SignalRecord, TheoryRecord
from nnviz.figures.layout import axis, empty_figure, layout
from nnviz.figures.theme import FigureDict, token
from nnviz.figures.traces import (
    Trace,
    band,
    line,
    log10,
    power_axis,
    scientific,
    series_color,
    series_dash,
)
from nnviz.records import FloatArray

Quantity = Literal["forward", "backward", "weight_gradient"]
LABELS: dict[Quantity, tuple[str, str]] = {
    "forward": ("RMS of z", "unit of z"),
    "backward": ("RMS of ∂L/∂z", "loss per unit of z"),
    "weight_gradient": ("norm of ∂L/∂W", "loss per unit of weight"),
}


def signal_by_depth(
    signals: Mapping[str, SignalRecord],
    quantity: Quantity,
    theories: Mapping[str, TheoryRecord | NoTheory] | None = None,
    steady: int = 0,
) -> FigureDict:
    """One quantity in every layer; the line is the geometric mean over seeds, dots single seeds.

    Theory is dashed, with the band that finite width and the number of seeds allow. A
    `steady` axis ends at multiples of so many powers of ten.
    """
    name, unit = LABELS[quantity]
    logs_by_name = {label: log10(_values(signal, quantity)) for label, signal in signals.items()}
    every = np.concatenate([logs_SL.ravel() for logs_SL in logs_by_name.values()])
    if not np.isfinite(every).any():
        return empty_figure(f"{name}: nothing finite above 0 to draw.")
    traces: list[Trace] = []
    for place, (label, logs_SL) in enumerate(logs_by_name.items()):
        traces += _measured(label, logs_SL, place, single=len(signals) == 1)
    if theories is not None:
        for place, label in enumerate(signals):
            traces += _expected(theories.get(label), quantity, place, single=len(signals) == 1)
    shown = _range_of(every, traces)
    if steady:
        low, high = np.nanmin(shown), np.nanmax(shown)
        shown = steady * np.array([np.floor(low / steady), np.ceil(high / steady)])
    yaxis = power_axis(name, unit, shown)
    frame = layout(_depth_axis(max(s.depth for s in signals.values())), yaxis)
    return {"data": traces, "layout": frame}


def _values(signal: SignalRecord | TheoryRecord, quantity: Quantity) -> FloatArray:
    if isinstance(signal, TheoryRecord):
        return np.sqrt(signal.second_moment_L) if quantity == "forward" else signal.delta_rms_L
    return {
        "forward": np.sqrt(signal.second_moment_SL),
        "backward": signal.delta_rms_SL,
        "weight_gradient": signal.weight_grad_norm_SL,
    }[quantity]


def _measured(label: str, logs_SL: FloatArray, place: int, single: bool) -> list[Trace]:
    n_seeds, depth = logs_SL.shape
    layers = np.arange(1, depth + 1, dtype=float)
    mean_L = logs_SL.mean(axis=0)
    color = token("density") if single else series_color(place)
    mean = line(
        layers, mean_L, label, color, "layer %{x}, %{text}", text=scientific(10**mean_L),
        dash=series_dash(place), mode="lines+markers", marker={"size": 4},
    )  # fmt: skip
    if not single or n_seeds == 1:
        return [mean]
    every = logs_SL.ravel()
    dots = line(
        np.tile(layers, n_seeds), every, "a seed", color, "layer %{x}, %{text}",
        text=scientific(10**every), mode="markers", showlegend=False,
        marker={"size": 4, "color": color, "opacity": 0.35},
    )  # fmt: skip
    return [mean, dots]


def _expected(
    theory: TheoryRecord | NoTheory | None, quantity: Quantity, place: int, single: bool
) -> list[Trace]:
    if not isinstance(theory, TheoryRecord) or quantity not in ("forward", "backward"):
        return []
    logs_L = log10(_values(theory, quantity))
    if not np.isfinite(logs_L).any():
        return []
    layers = np.arange(1, len(logs_L) + 1, dtype=float)
    color = token("guide") if single else series_color(place)
    hover = "layer %{x}, %{text}"
    text = scientific(10**logs_L)
    dashed = line(layers, logs_L, "theory", color, hover, dash="dash", width=1.5, text=text)
    dashed["showlegend"] = place == 0
    if not single:
        return [dashed]
    spread_L = theory.forward_spread_L / 2 if quantity == "forward" else theory.backward_spread_L
    reach_L = spread_L / np.log(10)
    low_L, high_L = logs_L - reach_L, logs_L + reach_L
    allowed = band(layers, low_L, high_L, "3 σ of width and seeds", color, showlegend=False)
    return [allowed, dashed] if np.isfinite(reach_L).any() else [dashed]


def _range_of(measured: FloatArray, traces: Sequence[Trace]) -> FloatArray:
    """All measured values, and the theory's lines but not its bands."""
    lines = [np.asarray(t["y"]) for t in traces if t["name"] == "theory"]
    return np.concatenate([measured, *lines])


def _depth_axis(depth: int) -> dict[str, object]:
    return axis("layer", "1 = next to the input", range=[0.5, max(depth, 2) + 0.5], nticks=8)


def growth_bars(signals: Mapping[str, SignalRecord], expected: Mapping[str, float]) -> FigureDict:
    """Factor on the gradient's RMS from a layer to the one before it, √χ̂, measured and expected."""
    names = list(signals)
    measured = np.array([np.sqrt(np.mean(signal.growth_by_seed)) for signal in signals.values()])
    if not np.isfinite(measured).any():
        return empty_figure("A factor a layer needs at least two layers and a gradient.")
    theory = np.sqrt(np.array([expected.get(name, np.nan) for name in names]))
    colors = [series_color(place) for place in range(len(names))]
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": np.nan_to_num(measured),
        "y": names,
        "name": "measured",
        "marker": {"color": colors},
        "hovertemplate": "%{y}: × %{x:.3f} a layer<extra></extra>",
    }
    ticks = {
        "type": "scatter",
        "mode": "markers",
        "x": theory,
        "y": names,
        "name": "theory",
        "marker": {
            "symbol": "line-ns-open",
            "size": 16,
            "color": token("ink"),
            "line": {"width": 2},
        },
        "hovertemplate": "%{y}: theory × %{x:.3f} a layer<extra></extra>",
    }
    xaxis = axis("factor on the gradient", "a layer back, 1 = kept", rangemode="tozero")
    yaxis = axis("activation", "", type="category", autorange="reversed", dtick=1)
    one = {"type": "line", "x0": 1, "x1": 1, "xref": "x", "y0": 0, "y1": 1, "yref": "paper"}
    shapes = [{**one, "line": {"color": token("muted"), "width": 1, "dash": "dot"}}]
    return {"data": [bars, ticks], "layout": layout(xaxis, yaxis, shapes=shapes)}
