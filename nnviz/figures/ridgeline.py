"""A distribution over time as ridges, the newest in front.

Shapes: R ridges (oldest first), B bins.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.figures.histograms import QUANTITY_NAMES, shown_bins
from nnviz.figures.layout import axis, empty_figure, layout
from nnviz.figures.series import HistogramSeries, Series
from nnviz.figures.theme import FigureDict, depth_token
from nnviz.records import FloatArray

MAX_RIDGES = 16
N_GROUPS = 6
OVERLAP = 2.6


def ridgeline(
    series: Series, layer_index: int, quantity: str, current_step: float | None = None
) -> FigureDict:
    """One layer's distribution at up to 16 steps until now on common bins, newest in front.

    Each ridge is scaled to its own peak; the hover gives the share of values in the bin.
    """
    if not len(series):
        return empty_figure("No step has been recorded yet.")
    histograms = series.histograms(layer_index, quantity)
    name = QUANTITY_NAMES.get(quantity, quantity)
    rows = ridge_rows(series, histograms, current_step)
    if not len(rows):
        return empty_figure(f"The {name} of {series.layer_names[layer_index]} is not measured.")
    share_RB = histograms.shares[rows]
    bins = shown_bins(share_RB)
    share_RB = share_RB[:, bins]
    centers_B = ((histograms.edges[1:] + histograms.edges[:-1]) / 2)[bins]
    steps_R = series.steps[rows]
    data = _ridges(centers_B, share_RB, steps_R, name)
    frame = layout(axis(name, "value"), _ridge_axis(steps_R), showlegend=False)
    return {"data": data, "layout": frame}


def ridge_rows(
    series: Series, histograms: HistogramSeries, current_step: float | None
) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Rows of the history to draw: evenly spread, the one at the cursor always among them."""
    until = np.inf if current_step is None else current_step
    measured = np.isfinite(histograms.shares[:, 0]) & (series.steps <= until)
    rows = np.flatnonzero(measured)
    if len(rows) <= MAX_RIDGES:
        return rows
    picked = np.linspace(0, len(rows) - 1, MAX_RIDGES).round().astype(int)
    return np.asarray(rows[picked])


def visible_ridges(share_RB: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Upper and lower outline of what each ridge shows behind the newer ones, oldest first.

    Baselines are R-1 (oldest) down to 0 (newest); a covered stretch has upper = lower.
    """
    peak_R = np.nanmax(share_RB, axis=1, keepdims=True)
    heights_RB = OVERLAP * share_RB / np.where(peak_R > 0, peak_R, 1.0)
    baselines_R = np.arange(len(share_RB) - 1, -1, -1.0)[:, None]
    top_RB = baselines_R + heights_RB
    horizon_RB = np.maximum.accumulate(top_RB[::-1], axis=0)[::-1]
    lower_RB = np.maximum(np.vstack([horizon_RB[1:], np.full_like(top_RB[:1], -1)]), baselines_R)
    return np.maximum(top_RB, lower_RB), lower_RB


def _ridges(
    centers_B: FloatArray, share_RB: FloatArray, steps_R: FloatArray, name: str
) -> list[dict[str, Any]]:
    upper_RB, lower_RB = visible_ridges(share_RB)
    groups = np.array_split(np.arange(len(share_RB)), N_GROUPS)
    data = []
    for index, group in enumerate(groups):
        outline = np.concatenate([upper_RB[group], lower_RB[group, ::-1]], axis=1)
        around = np.concatenate([centers_B, centers_B[::-1]])
        share = np.concatenate([share_RB[group], share_RB[group, ::-1]], axis=1)
        steps = np.broadcast_to(steps_R[group, None], share.shape)
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "fill": "toself",
                "hoveron": "points",
                "x": _with_gaps(np.broadcast_to(around, outline.shape), np.float16),
                "y": _with_gaps(outline, np.float16),
                "customdata": _with_gaps(share, np.float16),
                "text": _with_gaps(steps, np.float32),
                "name": "",
                "line": {"color": depth_token(index, N_GROUPS), "width": 1.2},
                "hovertemplate": f"step %{{text}}<br>{name} %{{x:.3g}}"
                "<br>%{customdata:.1%} of the values<extra></extra>",
            }
        )
    return data


def _with_gaps(rows: FloatArray, dtype: type[np.floating]) -> FloatArray:
    """One line after the other; centres of bins are exact in 16 bits, heights to half a pixel."""
    gap = np.full((len(rows), 1), np.nan)
    return np.concatenate([rows, gap], axis=1).astype(dtype).ravel()


def _ridge_axis(steps_R: FloatArray) -> dict[str, Any]:
    n_ridges = len(steps_R)
    labelled = np.unique(np.linspace(0, n_ridges - 1, min(n_ridges, 7)).round().astype(int))
    return axis(
        "step",
        "updates; newest in front",
        tickvals=(n_ridges - 1 - labelled).tolist(),
        ticktext=[f"{int(steps_R[index])}" for index in labelled],
        range=[-0.3, n_ridges - 1 + OVERLAP + 0.2],
    )
