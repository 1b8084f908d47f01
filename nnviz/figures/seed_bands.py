"""Lanes over many seeds: mean with its range, and paired differences with their interval.

Shapes: L lanes, T checkpoints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.figures.lanes import DASHES, lane_colour
from nnviz.figures.layout import axis, empty_figure, finite_only, layout, step_axis
from nnviz.figures.theme import FigureDict, token
from nnviz.records import BoolArray, FloatArray

BAND_OPACITY = 0.32


def seed_bands(
    checkpoints: Sequence[int],
    band_LT: tuple[FloatArray, FloatArray, FloatArray],
    names: Sequence[str],
    quantity: str,
    unit: str,
) -> FigureDict:
    """Each lane's mean over the seeds, from the lowest to the highest seed: mean, low, high."""
    steps_T = np.asarray(checkpoints, np.float32)
    mean_LT, low_LT, high_LT = map(finite_only, band_LT)
    if not np.isfinite(mean_LT).any():
        return empty_figure(f"No seed has a finite {quantity} yet.")
    data: list[dict[str, Any]] = []
    for place, name in enumerate(names):
        colour = lane_colour(place)
        data.append(_filled(steps_T, low_LT[place], high_LT[place], colour, f"{name}: all seeds"))
        hover = f"{name}: {quantity} %{{y:.4g}} {unit}, mean over seeds<extra></extra>"
        line = {"color": colour, "width": 2, "dash": DASHES[place % len(DASHES)]}
        data.append({**_trace(steps_T, mean_LT[place], name, hover), "line": line})
    frame = layout(step_axis(), axis(quantity, unit), hovermode="x unified")
    return {"data": data, "layout": frame}


def paired_difference(
    checkpoints: Sequence[int],
    difference_T: tuple[FloatArray, FloatArray, FloatArray],
    is_clear_T: BoolArray,
    quantity: str,
    unit: str,
) -> FigureDict:
    """One lane minus another, seed by seed: mean, low and high end of the interval.

    Stars mark where the interval leaves out 0. An infinite interval (too few seeds) is not drawn.
    """
    steps_T = np.asarray(checkpoints, np.float32)
    mean_T, low_T, high_T = map(finite_only, difference_T)
    if not np.isfinite(mean_T).any():
        return empty_figure("The two lanes have no seed on which both stayed finite.")
    hover = f"difference of {quantity}: %{{y:.4g}} {unit}, mean over seeds<extra></extra>"
    data = [
        _filled(steps_T, low_T, high_T, token("muted"), "simultaneous interval"),
        {
            **_trace(steps_T, mean_T, "mean difference", hover),
            "line": {"color": token("ink"), "width": 2},
        },
        {
            **_trace(steps_T[is_clear_T], mean_T[is_clear_T], "beyond seed noise", hover),
            "mode": "markers",
            "marker": {"size": 10, "symbol": "star", "color": token("danger")},
        },
    ]
    zero = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0}
    shapes = [{**zero, "line": {"color": token("guide"), "width": 1, "dash": "dash"}}]
    yaxis = axis(f"difference of {quantity}", unit)
    return {"data": data, "layout": layout(step_axis(), yaxis, shapes=shapes)}


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
        "opacity": BAND_OPACITY,
        "line": {"width": 0, "color": colour},
        "fillcolor": colour,
        "hoverinfo": "skip",
    }


def _trace(x: FloatArray, y: FloatArray, name: str, hover: str) -> dict[str, Any]:
    kind = {"type": "scatter", "mode": "lines+markers", "marker": {"size": 5}}
    return {**kind, "x": x, "y": y, "name": name, "hovertemplate": hover}
