"""A small network under one dropout mask: who is silent, who speaks louder.

Shapes: D units of a layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.experiments.dropout.records import MaskedLayer
from nnviz.figures.layout import hidden_axis, layout, note
from nnviz.figures.theme import FigureDict, diverging, token
from nnviz.records import BoolArray, FloatArray

UNITS = 3
"""Place of the first trace of units; before it are the weights."""
ROOMY = 7
"""Layers of up to so many units have their values written above them, others beside."""


def masked_network(
    layers: Sequence[MaskedLayer], weights: Sequence[FloatArray], limit: float
) -> FigureDict:
    """Units as dots in the colour of what they hand on; ✕ is a dropped unit, faint its weights.

    `limit` is the value of the strongest colour. The units are the traces from `UNITS` on, a
    layer each.
    """
    heights = [_heights(len(layer.training_D)) for layer in layers]
    data = [
        _edges(layers, weights, heights, "grid", 1.0, alive=False, sign=0),
        _edges(layers, weights, heights, "positive", 1.6, alive=True, sign=1),
        _edges(layers, weights, heights, "negative", 1.6, alive=True, sign=-1),
        *[_units(layer, place, heights[place], limit) for place, layer in enumerate(layers)],
    ]
    names = [note(layer.name, place, 1.2, xref="x", yref="y") for place, layer in enumerate(layers)]
    frame = layout(
        hidden_axis(range=[-0.35, len(layers) - 0.5]),
        hidden_axis(range=[-0.08, 1.27]),
        showlegend=False,
        annotations=names,
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
    )
    return {"data": data, "layout": frame}


def _heights(n_units: int) -> FloatArray:
    """Heights from top to bottom, fewer units closer to the middle."""
    half = 0.5 * min(1.0, (n_units - 1) / 5)
    return np.linspace(0.5 + half, 0.5 - half, n_units)


def _kept(layer: MaskedLayer) -> BoolArray:
    return np.ones(len(layer.training_D), bool) if layer.kept_D is None else layer.kept_D


def _edges(
    layers: Sequence[MaskedLayer],
    weights: Sequence[FloatArray],
    heights: list[FloatArray],
    colour: str,
    width: float,
    alive: bool,
    sign: int,
) -> dict[str, Any]:
    x: list[float] = []
    y: list[float] = []
    for place, weight_DD in enumerate(weights):
        before, behind = layers[place], layers[place + 1]
        alive_DD = _kept(behind)[:, None] & _kept(before)[None, :]
        chosen = (alive_DD == alive) & ((sign == 0) | (np.sign(weight_DD) == sign))
        for unit, source in np.argwhere(chosen):
            x += [place, place + 1, np.nan]
            y += [heights[place][source], heights[place + 1][unit], np.nan]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.array(x, np.float32),
        "y": np.array(y, np.float32),
        "line": {"color": token(colour), "width": width},
        "opacity": 0.45 if alive else 0.8,
        "hoverinfo": "skip",
    }


def _units(layer: MaskedLayer, place: int, heights_D: FloatArray, limit: float) -> dict[str, Any]:
    kept_D = _kept(layer)
    roomy = len(kept_D) <= ROOMY
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": np.full(len(kept_D), place, float),
        "y": heights_D,
        "text": [
            f"{value:.2f}" if kept else "0"
            for value, kept in zip(layer.training_D, kept_D, strict=True)
        ],
        "textposition": "top center" if roomy else "middle right",
        "textfont": {"size": 11, "color": token("ink")},
        "hovertext": [_hover(layer, unit, bool(kept)) for unit, kept in enumerate(kept_D)],
        "marker": {
            "size": np.where(kept_D, 20, 15) if roomy else np.where(kept_D, 14, 11),
            "symbol": np.where(kept_D, 0, 4),
            "color": np.where(kept_D, layer.training_D, 0.0),
            "cmin": -limit,
            "cmax": limit,
            "colorscale": diverging(),
            "line": {
                "width": 1.6,
                "color": [token("ink") if kept else token("danger") for kept in kept_D],
            },
        },
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _hover(layer: MaskedLayer, unit: int, is_kept: bool) -> str:
    now = f"{layer.training_D[unit]:.3g} in this pass" if is_kept else "dropped in this pass"
    return f"{layer.name}, unit {unit}: {now}, {layer.evaluation_D[unit]:.3g} in evaluation"
