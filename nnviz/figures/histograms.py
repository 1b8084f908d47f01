"""Distributions of what flows through the layers: over time for one, side by side for all."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.figures.layout import axis, cursor, empty_figure, layout, step_axis, why_missing
from nnviz.figures.series import Series
from nnviz.figures.theme import FigureDict, sequential, token
from nnviz.records import BoolArray, FloatArray, LayerRecord, Snapshot

QUANTITY_NAMES = {
    "pre_activation": "pre-activation",
    "normalized": "normalized pre-activation",
    "activation": "activation",
    "weight": "weight",
    "gradient": "weight gradient",
}

LEAST_SHARE = 1e-3
"""Bins at the ends of the axis that never hold this share of the values are cut off."""


def histogram_heatmap(
    series: Series,
    layer_index: int,
    quantity: str,
    current_step: float | None = None,
    log_steps: bool = False,
) -> FigureDict:
    """One layer's distribution over time: shade is the share of values in a bin, log scale."""
    if not len(series):
        return empty_figure("No step has been recorded yet.")
    name = QUANTITY_NAMES.get(quantity, quantity)
    histograms = series.histograms(layer_index, quantity)
    share_TB = histograms.shares
    if not np.isfinite(share_TB).any():
        return empty_figure(f"The {name} of {series.layer_names[layer_index]} is not measured.")
    bins = shown_bins(share_TB)
    centers = ((histograms.edges[1:] + histograms.edges[:-1]) / 2)[bins]
    trace = _density_heatmap(series.steps, centers, share_TB[:, bins].T, name, log_steps)
    frame = layout(
        step_axis(log_steps, series.steps),
        axis(name, "value"),
        shapes=cursor(current_step, log_steps),
    )
    return {"data": [trace], "layout": frame}


def layer_histograms(snapshot: Snapshot, quantity: str, color: str | None = None) -> FigureDict:
    """The distribution of one quantity in every layer at one step, first layer at the top.

    `color` is a lane's own where lanes stand side by side.
    """
    name = QUANTITY_NAMES.get(quantity, quantity)
    layers = [layer for layer in snapshot.layers if layer.is_learned]
    if quantity in snapshot.output.histograms:
        layers.append(snapshot.output)
    if not any(quantity in layer.histograms for layer in layers):
        return why_missing(snapshot, f"The {name} is not measured at this step.")
    outlines = [_outline(layer, quantity, len(layers) - 1 - i) for i, layer in enumerate(layers)]
    x, y, share = (np.concatenate([part[i] for part in outlines]) for i in range(3))
    span = _span(x, y)
    data = [_filled(x, y, share, name, color), _missing_labels(layers, quantity, sum(span) / 2)]
    places = list(range(len(layers) - 1, -1, -1))
    yaxis = axis(
        "layer",
        "height: share of values",
        tickvals=places,
        ticktext=[layer.name for layer in layers],
        range=[-0.15, len(layers) + 0.05],
    )
    frame = layout(axis(name, "value", range=span), yaxis, showlegend=False)
    return {"data": data, "layout": frame}


def shown_bins(share_TB: FloatArray) -> slice:
    """The bins between the first and the last that hold a noticeable share at any time."""
    most_B = np.nan_to_num(share_TB).max(axis=0)
    noticeable = np.flatnonzero(most_B > LEAST_SHARE)
    if not len(noticeable):
        return slice(None)
    return slice(max(int(noticeable[0]) - 1, 0), int(noticeable[-1]) + 2)


def _density_heatmap(
    steps: FloatArray, centers: FloatArray, share_BT: FloatArray, name: str, log_steps: bool
) -> dict[str, Any]:
    known = np.where(share_BT > 0, share_BT, np.nan)
    x = np.where(steps > 0, steps, np.nan if len(steps) == 1 else 0.5) if log_steps else steps
    return {
        "type": "heatmap",
        "x": np.asarray(x, np.float32),
        "y": np.asarray(centers, np.float32),
        "z": np.log10(known).astype(np.float32),
        "zmin": -3.5,
        "zmax": 0.0,
        "colorscale": sequential(),
        "colorbar": {
            "title": {"text": "share of values", "side": "right", "font": {"size": 11}},
            "tickvals": [-3, -2, -1, 0],
            "ticktext": ["0.1%", "1%", "10%", "100%"],
            "thickness": 10,
            "outlinewidth": 0,
            "tickfont": {"size": 11},
        },
        "hovertemplate": f"step %{{x:,}}<br>{name} %{{y:.3g}}"
        "<br>share of values 10^%{z:.2f}<extra></extra>",
    }


def _outline(
    layer: LayerRecord, quantity: str, place: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """A layer's histogram as a closed step line standing on its place, and the shares on it."""
    histogram = layer.histograms.get(quantity)
    if histogram is None:
        nothing = np.full(1, np.nan, np.float32)
        return nothing, nothing, nothing
    share_B = histogram.counts_B / max(int(histogram.counts_B.sum()), 1)
    bins: BoolArray = np.zeros(len(share_B), dtype=bool)
    bins[shown_bins(share_B[None])] = True
    kept = share_B[bins]
    edges = histogram.edges
    left, right = edges[:-1][bins], edges[1:][bins]
    x = np.concatenate([left[:1], np.stack([left, right], 1).ravel(), right[-1:], [np.nan]])
    height = np.repeat(kept, 2) * 0.9 / max(float(kept.max()), 1e-12)
    y = place + np.concatenate([[0.0], height, [0.0, np.nan]])
    share = np.concatenate([[0.0], np.repeat(kept, 2), [0.0, np.nan]])
    return x.astype(np.float32), y.astype(np.float32), share.astype(np.float32)


def _filled(
    x: FloatArray, y: FloatArray, share: FloatArray, name: str, color: str | None
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "fill": "toself",
        "hoveron": "points",
        "x": x,
        "y": y,
        "customdata": share,
        "line": {"color": color or token("density"), "width": 1.2},
        "hovertemplate": f"{name} %{{x:.3g}}<br>%{{customdata:.1%}} of the values<extra></extra>",
    }


def _missing_labels(layers: list[LayerRecord], quantity: str, middle: float) -> dict[str, Any]:
    missing = [i for i, layer in enumerate(layers) if quantity not in layer.histograms]
    return {
        "type": "scatter",
        "mode": "text",
        "x": [middle] * len(missing),
        "y": [len(layers) - 1 - i + 0.35 for i in missing],
        "text": ["not measured"] * len(missing),
        "textfont": {"color": token("muted"), "size": 11},
        "hovertemplate": "this layer has no such quantity<extra></extra>",
    }


def _span(x: FloatArray, y: FloatArray) -> list[float]:
    known = x[np.isfinite(x) & np.isfinite(y)]
    low, high = float(known.min()), float(known.max())
    margin = 0.03 * (high - low) + 1e-9
    return [low - margin, high + margin]
