"""Lanes over many seeds: mean with its range, and paired differences with their interval.

Shapes: L lanes, T checkpoints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.experiments.seed_bands import Metric, SeedBandsRecord
from nnviz.experiments.verdict import NAMES, DifferenceRecord
from nnviz.figures.lanes import DASHES, lane_colour
from nnviz.figures.layout import (
    axis,
    empty_figure,
    finite_only,
    layout,
    log_axis,
    log_range,
    log_ticks,
    positive_only,
    step_axis,
)
from nnviz.figures.theme import FigureDict, token
from nnviz.records import FloatArray

BAND_OPACITY = 0.16


def seed_bands(
    record: SeedBandsRecord, names: Sequence[str], metric: Metric, log_scale: bool = False
) -> FigureDict:
    """Each lane's mean over the seeds, and the range from the lowest to the highest seed."""
    band, clean = record.band(metric), positive_only if log_scale else finite_only
    steps_T = np.asarray(record.checkpoints, np.float32)
    label, unit = NAMES[metric], _unit(metric)
    shown = [clean(values) for values in (band.mean_LT, band.low_LT, band.high_LT)]
    if not np.isfinite(shown[0]).any():
        return empty_figure(f"No seed has a finite {label} yet.")
    data: list[dict[str, Any]] = []
    for place, name in enumerate(names):
        mean_T, low_T, high_T = (values_LT[place] for values_LT in shown)
        data.append(_filled(steps_T, low_T, high_T, lane_colour(place), f"{name}: all seeds"))
        data.append(_mean(place, name, steps_T, mean_T, f"{label} %{{y:.4g}} {unit}, mean"))
    if log_scale:
        yaxis = log_axis(label, unit, **log_ticks(log_range(np.stack(shown))))
    else:
        yaxis = axis(label, unit)
    frame = layout(step_axis(), yaxis, hovermode="x unified")
    return {"data": data, "layout": frame}


def paired_difference(
    checkpoints: Sequence[int],
    difference: DifferenceRecord,
    metric: Metric,
    names: tuple[str, str],
) -> FigureDict:
    """First lane minus second, seed by seed: mean, simultaneous interval, and where it excludes 0.

    Where an interval is infinite, too few seeds are back, and only the mean is drawn.
    """
    steps_T = np.asarray(checkpoints, np.float32)
    mean_T = finite_only(difference.mean_T)
    if not np.isfinite(mean_T).any():
        return empty_figure("The two lanes have no seed in common on which both are finite.")
    low_T, high_T = finite_only(difference.low_T), finite_only(difference.high_T)
    words = f"{NAMES[metric]} of {names[0]} minus {names[1]}"
    clear = difference.ahead_T != 0
    line = {"color": token("ink"), "width": 2}
    hover = f"{words}: %{{y:.4g}} {_unit(metric)}, mean over seeds<extra></extra>"
    data = [
        _filled(steps_T, low_T, high_T, token("muted"), "simultaneous interval"),
        {**_trace(steps_T, mean_T, "mean difference", hover), "line": line},
        {
            **_trace(steps_T[clear], mean_T[clear], "beyond seed noise", hover),
            "mode": "markers",
            "marker": {"size": 9, "symbol": "star", "color": token("danger")},
        },
    ]
    zero = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0}
    shapes = [{**zero, "line": {"color": token("guide"), "width": 1, "dash": "dash"}}]
    yaxis = axis(f"difference of {NAMES[metric]}", _unit(metric))
    return {"data": data, "layout": layout(step_axis(), yaxis, shapes=shapes)}


def _unit(metric: Metric) -> str:
    return "loss" if metric.endswith("loss") else "share correct or R²"


def _filled(
    steps_T: FloatArray, low_T: FloatArray, high_T: FloatArray, colour: str, name: str
) -> dict[str, Any]:
    known = np.isfinite(low_T) & np.isfinite(high_T)
    x, low, high = steps_T[known], low_T[known], high_T[known]
    return {
        "type": "scatter",
        "mode": "lines",
        "fill": "toself",
        "x": np.concatenate([x, x[::-1]]),
        "y": np.concatenate([low, high[::-1]]),
        "name": name,
        "showlegend": False,
        "opacity": BAND_OPACITY * 2,
        "line": {"width": 0, "color": colour},
        "fillcolor": colour,
        "hoverinfo": "skip",
    }


def _mean(
    place: int, name: str, steps_T: FloatArray, mean_T: FloatArray, words: str
) -> dict[str, Any]:
    dash = DASHES[place % len(DASHES)]
    line = {"color": lane_colour(place), "width": 2, "dash": dash}
    return {**_trace(steps_T, mean_T, name, f"{name}: {words}<extra></extra>"), "line": line}


def _trace(x: FloatArray, y: FloatArray, name: str, hover: str) -> dict[str, Any]:
    kind = {"type": "scatter", "mode": "lines+markers", "marker": {"size": 5}}
    return {**kind, "x": x, "y": y, "name": name, "hovertemplate": hover}
