"""Lanes side by side: one number of each layer by depth, a line a lane, at one step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.figures.layers import FIELD_LABELS
from nnviz.figures.layout import (
    axis,
    empty_figure,
    finite_only,
    layout,
    log_axis,
    log_range,
    log_ticks,
    positive_only,
    why_missing,
)
from nnviz.figures.theme import N_LANE_COLOURS, FigureDict, token
from nnviz.records import FloatArray, LayerRecord, Snapshot

DASHES = ("solid", "dash", "dot", "dashdot")
SYMBOLS = ("circle", "diamond", "square", "triangle-up")
"""Lanes that lie on each other stay visible, and those who see no colours can tell them apart."""


def lane_colour(place: int) -> str:
    """The colour of the lane at this place, from 0; never that of a class."""
    return token(f"lane_{place % N_LANE_COLOURS}")


def lane_profiles(
    snapshots: Sequence[Snapshot],
    names: Sequence[str],
    field: str,
    log_scale: bool = False,
    with_output: bool = True,
) -> FigureDict:
    """A number of every layer at one step, input side to output, one line a lane.

    Lanes may differ in depth: layers stand at their distance from the input. `with_output` False
    leaves the output layer out.
    """
    if not snapshots:
        return empty_figure("No step has been recorded yet.")
    label, unit = FIELD_LABELS[field]
    lanes = [_measured_layers(snapshot, field, with_output) for snapshot in snapshots]
    values = [np.array([getattr(layer, field) for layer in lane], float) for lane in lanes]
    clean = positive_only if log_scale else finite_only
    shown = [clean(lane) for lane in values]
    if not any(np.isfinite(lane).any() for lane in shown):
        return why_missing(snapshots[0], f"{label}: not measured at this step.")
    data = [
        _profile(place, name, [layer.name for layer in lane], y, f"{label} %{{y:.3g}} ({unit})")
        for place, (name, lane, y) in enumerate(zip(names, lanes, shown, strict=True))
    ]
    longest = [layer.name for layer in max(lanes, key=len)]
    every = -(-len(longest) // 7)
    xaxis = axis(
        "layer",
        "input side → output",
        tickvals=list(range(0, len(longest), every)),
        ticktext=longest[::every],
        range=[-0.4, len(longest) - 0.6],
    )
    return {"data": data, "layout": layout(xaxis, _value_axis(field, shown, log_scale))}


def _measured_layers(snapshot: Snapshot, field: str, with_output: bool) -> list[LayerRecord]:
    layers = (*snapshot.layers, snapshot.output) if with_output else snapshot.layers
    return [x for x in layers if x.is_learned or np.isfinite(getattr(x, field))]


def _profile(
    place: int, name: str, layers: list[str], values_L: FloatArray, words: str
) -> dict[str, Any]:
    style = place % len(DASHES)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": np.arange(len(layers), dtype=np.float32),
        "y": values_L,
        "text": layers,
        "name": name,
        "line": {"color": lane_colour(place), "width": 2, "dash": DASHES[style]},
        "marker": {"size": 8, "symbol": SYMBOLS[style]},
        "hovertemplate": f"{name}, %{{text}}: {words}<extra></extra>",
    }


def _value_axis(field: str, lanes: Sequence[FloatArray], log_scale: bool) -> dict[str, Any]:
    label, unit = FIELD_LABELS[field]
    values = np.concatenate(list(lanes))
    if log_scale:
        return log_axis(label, unit, **log_ticks(log_range(values)))
    if unit.startswith("share"):
        return axis(label, unit, range=[0.0, max(1.05 * float(np.nanmax(values)), 0.1)])
    return axis(label, unit)
