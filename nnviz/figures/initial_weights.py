"""Freshly drawn weights, their spectrum, and units that start alike.

Shapes: R rows, C columns, B bins, K singular values, T steps, D units, F inputs of a unit.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nnviz.experiments.initial_weights.records import SymmetryRecord, WeightRecord
from nnviz.figures.layout import axis, empty_figure, layout
from nnviz.figures.theme import FigureDict, diverging, token
from nnviz.figures.traces import (
    Trace,
    line,
    log10,
    outline,
    power_axis,
    scientific,
    series_color,
    series_dash,
)
from nnviz.records import FloatArray

ROUNDING = 2e-14
"""Singular values below this share of the largest are rounding, and are not drawn."""
LEAST_REACH = 3.0
"""Of the plane of two weights: what a hand moves about in it stays in sight."""


def weight_image(record: WeightRecord) -> FigureDict:
    """The weight matrix as an image: a row a unit, kernels side by side."""
    limit = float(np.abs(record.weight_RC).max()) or 1.0
    trace = {
        "type": "heatmap",
        "z": record.weight_RC.astype(np.float32),
        "zmin": -limit,
        "zmax": limit,
        "colorscale": diverging(),
        "colorbar": {"thickness": 10, "outlinewidth": 0, "tickfont": {"size": 11}, "nticks": 5},
        "hovertemplate": "to unit %{y}, from input %{x}<br>weight %{z:.4g}<extra></extra>",
    }
    name = "input" if len(record.shape) == 2 else "input × kernel position"
    frame = layout(
        axis(name, "column", showgrid=False),
        axis("output unit", "row", autorange="reversed", showgrid=False),
    )
    return {"data": [trace], "layout": frame}


def weight_histogram(record: WeightRecord) -> FigureDict:
    """How the single weights are distributed, with the standard deviation expected of them."""
    x, y = outline(record.edges_B, record.share_B)
    bars = line(
        x, y, "weights", token("density"), "%{y:.1%} of the weights near %{x:.3g}", width=1.2
    )
    bars |= {"fill": "toself", "hoveron": "points"}
    data = [bars]
    if record.expected_std and record.expected_mean is not None:
        top = float(record.share_B.max()) * 1.05
        low, high = (record.expected_mean + sign * record.expected_std for sign in (-1, 1))
        data.append(
            line(
                [low, low, np.nan, high, high], [0, top, np.nan, 0, top],
                "mean ± std by definition", token("guide"), "%{x:.4g}", dash="dash", width=1.5,
            )
        )  # fmt: skip
    reach = weight_reach(record)
    frame = layout(
        axis("weight", "value", range=[-reach, reach]),
        axis("share of weights", "per bin", tickformat=".0%", rangemode="tozero"),
    )
    return {"data": data, "layout": frame}


def weight_reach(record: WeightRecord) -> float:
    """How far the axis of weights goes: the same for all spreads that a layer may start with."""
    usual = _reach(np.array([8 / np.sqrt(record.fan_in)]))
    return usual if record.std < usual else _reach(record.edges_B)


def _reach(values: FloatArray) -> float:
    """The next of 1, 2, 5, 10, … above all values, so that an axis moves seldom."""
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    power = 10.0 ** np.floor(np.log10(largest)) if largest > 0 else 1.0
    return float(next(step * power for step in (1, 2, 5, 10, 20) if step * power >= largest))


def singular_values(spectra: Mapping[str, FloatArray]) -> FigureDict:
    """Singular values in order, one line a matrix; 1 keeps a direction's length."""
    logs = {name: log10(_above_rounding(values)) for name, values in spectra.items()}
    every = np.concatenate(list(logs.values())) if logs else np.empty(0)
    if not np.isfinite(every).any():
        return empty_figure("All singular values are 0: every input gives the same output.")
    data = [
        line(
            np.arange(1.0, len(values_K) + 1), values_K, name, series_color(place),
            "%{text}, number %{x}", text=scientific(10**values_K), dash=series_dash(place),
            mode="lines+markers", marker={"size": 3},
        )
        for place, (name, values_K) in enumerate(logs.items())
    ]  # fmt: skip
    longest = max(len(each) for each in logs.values())
    ends = [1, max(longest, 2)]
    data.append(line(ends, [0, 0], "1: length kept", token("muted"), "1", dash="dot", width=1))
    frame = layout(
        axis("singular value", "in order of size", range=[0, longest + 1]),
        power_axis("size", "output per input", np.append(every, 0.0)),
    )
    return {"data": data, "layout": frame}


def _above_rounding(values_K: FloatArray) -> FloatArray:
    top = float(np.nanmax(values_K, initial=0.0))
    return np.where(values_K > ROUNDING * top, values_K, np.nan)


def unit_spread(record: SymmetryRecord, until: int | None = None) -> FigureDict:
    """Largest distance between two hidden units' weights over the steps, up to a moment."""
    shown = slice(None if until is None else until + 1)
    trace = line(
        record.steps_T[shown].astype(float),
        record.spread_T[shown],
        "distance",
        token("density"),
        "%{y:.3g} at step %{x}",
        mode="lines+markers",
        marker={"size": 4},
    )
    spread_T = record.spread_T
    top = 1.08 * float(spread_T[np.isfinite(spread_T)].max(initial=0.0))
    top = top if top > 1e-9 else 1.0
    last = float(record.steps_T[-1])
    frame = layout(
        axis("step", "updates", range=[-0.01 * last, 1.02 * last]),
        axis("distance between units", "largest, in weights", range=[-0.04 * top, top]),
    )
    return {"data": [trace], "layout": frame}


def unit_paths(record: SymmetryRecord, until: int | None = None) -> FigureDict:
    """Each hidden unit's way through the plane of its two input weights.

    `until` is the recorded moment at which it ends; the axes are those of the whole way.
    """
    reach = max(_reach(record.weight_TDF[:, :, :2]), LEAST_REACH)
    weight_TDF = record.weight_TDF[: until + 1 if until is not None else None]
    n_units = weight_TDF.shape[1]
    data: list[Trace] = [
        line(
            weight_TDF[:, unit, 0], weight_TDF[:, unit, 1], f"unit {unit + 1}", series_color(unit),
            "(%{x:.3f}, %{y:.3f})", dash=series_dash(unit),
        )
        for unit in range(n_units)
    ]  # fmt: skip
    marks = {
        "size": [10 + 3 * (n_units - unit) for unit in range(n_units)],
        "symbol": "circle-open",
        "line": {"width": 2},
        "color": [series_color(unit) for unit in range(n_units)],
    }
    end = line(
        weight_TDF[-1, :, 0], weight_TDF[-1, :, 1], "at the end" if until is None else "now",
        token("ink"), "(%{x:.3f}, %{y:.3f})", marker=marks, mode="markers",
    )  # fmt: skip
    limits = {"range": [-reach, reach]}
    frame = layout(
        axis("weight from x₁", "value", **limits), axis("weight from x₂", "value", **limits)
    )
    return {"data": [*data, end], "layout": {**frame, "showlegend": False}}
