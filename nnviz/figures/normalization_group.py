"""One group of numbers before and after normalization, and what leaves a batch with its samples.

Shapes: M members of the group.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.experiments.normalization.records import (
    KINDS,
    CellRecord,
    Influence,
    NormalizationKind,
)
from nnviz.figures.block_grid import outline
from nnviz.figures.layout import axis, empty_figure, layout
from nnviz.figures.theme import FigureDict, token
from nnviz.records import FloatArray

ROUNDING = 1e-9
"""Changes below come from the order of additions."""


def group_figure(cell: CellRecord, outputs_M: FloatArray) -> FigureDict:
    """The numbers of one group on two lines: as they come in, and as they go out."""
    deviation = float(np.sqrt(cell.variance))
    links_x = np.stack([cell.members_M, outputs_M, outputs_M * np.nan], axis=1).ravel()
    links_y = np.tile([1.0, 0.0, np.nan], len(outputs_M))
    after_mean, after_deviation = float(outputs_M.mean()), float(outputs_M.std())
    data = [
        outline(links_x, links_y, token("grid"), 1),
        _members(cell.members_M, 1.0, "x"),
        _members(outputs_M, 0.0, "y"),
        _spread_mark(cell.mean, deviation, 1.0, "before"),
        _spread_mark(after_mean, after_deviation, 0.0, "after"),
        _chosen(cell),
    ]
    yaxis = axis(
        "group of the cell",
        tickvals=[0, 1],
        ticktext=["after", "before"],
        range=[-0.55, 1.55],
        showgrid=False,
    )
    return {"data": data, "layout": layout(axis("number", "value"), yaxis, showlegend=False)}


def _members(values_M: FloatArray, height: float, letter: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": values_M,
        "y": np.full(len(values_M), height),
        "marker": {"size": 8, "color": token("density"), "opacity": 0.7},
        "hovertemplate": f"{letter} = %{{x:.4g}}<extra></extra>",
    }


def _spread_mark(mean: float, deviation: float, height: float, when: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [mean],
        "y": [height - 0.22],
        "marker": {"symbol": "diamond", "size": 9, "color": token("ink")},
        "error_x": {"array": [deviation], "color": token("ink"), "thickness": 2, "width": 5},
        "hovertemplate": f"{when}: mean %{{x:.4g}}, deviation {deviation:.4g}<extra></extra>",
    }


def _chosen(cell: CellRecord) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers+lines",
        "x": [cell.x, cell.torch_y],
        "y": [1, 0],
        "line": {"color": token("danger"), "width": 2},
        "marker": {"size": 11, "color": token("danger"), "symbol": "circle-open"},
        "hovertemplate": "the chosen cell: %{x:.4g}<extra></extra>",
    }


def influence_figure(influences: tuple[Influence, ...], chosen: NormalizationKind) -> FigureDict:
    """Largest change of the remaining samples' outputs, one bar a normalization."""
    changes = np.array([influence.largest_change for influence in influences])
    if not np.isfinite(changes).any():
        return empty_figure("There is no second sample that could be taken away.")
    words = [
        influence.why_missing or ("0" if change < ROUNDING else f"{change:.2g}")
        for influence, change in zip(influences, changes, strict=True)
    ]
    shown = np.nan_to_num(changes)
    trace = {
        "type": "bar",
        "x": list(KINDS),
        "y": shown,
        "text": words,
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": [token("train" if k == chosen else "muted") for k in KINDS]},
        "hovertemplate": "%{x}: largest change %{text}<extra></extra>",
    }
    top = max(float(shown.max()), 1e-3) * 1.2
    yaxis = axis("largest |Δy|", "value", range=[0, top])
    return {"data": [trace], "layout": layout(axis("normalization"), yaxis, showlegend=False)}
