"""Lanes as pipelines, one above the other: their parts in order, what flows on every wire.

Shapes: W wires drawn, B bins, G grid points a side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.figures.lanes import lane_colour
from nnviz.figures.layout import empty_figure
from nnviz.figures.pipeline_cells import Cells, bars, brief, mark_differing
from nnviz.figures.pipeline_columns import Flow, PipelineLane, columns_of, drawn, in_order
from nnviz.figures.theme import FigureDict, class_token
from nnviz.records import QUALITY, Snapshot, SurfaceRecord, has_classes

ANSWER_STRIDE = 2


def pipeline(
    snapshots: Sequence[Snapshot], lanes: Sequence[PipelineLane], opened: str, flow: Flow
) -> FigureDict:
    """All lanes at one step: of the `opened` block each part and wire, of the others the last wire.

    Lanes stand on common axes, column by column; a histogram is as high as its own highest bar,
    exact zeros are drawn apart. The figure is one trace of the type "pipeline" for the browser's
    own painter.
    """
    if not any(flow in taken.wires for taken in snapshots):
        return empty_figure("This pass was not recorded at this step.")
    blocks = drawn(in_order(lanes), opened)
    columns = columns_of(lanes, blocks, opened)
    pairs = zip(snapshots, lanes, strict=True)
    cells = [Cells(taken, lane, columns, opened, flow) for taken, lane in pairs]
    mark_differing(cells)
    reach_C, bins_C, bars_WB = bars(cells)
    trace = {
        "type": "pipeline",
        "flow": flow,
        "opened": opened,
        "blocks": blocks,
        "columns": [{"block": c.block, "slot": c.slot, "last": c.is_last} for c in columns],
        "reach": reach_C,
        "bins": bins_C,
        "bars": bars_WB,
        "lanes": [
            {
                "name": lane.name,
                "own": lane.own,
                "color": lane_colour(place),
                "told": _told(taken, flow),
                "cells": own.told,
            }
            for place, (lane, taken, own) in enumerate(zip(lanes, snapshots, cells, strict=True))
        ],
        **_answers(snapshots),
    }
    return {"data": [trace], "layout": {}}


def _told(taken: Snapshot, flow: Flow) -> str:
    """What stands at the end of a lane: how good it is, or how its gradient grows."""
    if taken.divergence is not None:
        return "diverged"
    if flow == "gradient":
        growth = growth_per_layer(taken)
        return "" if growth is None else f"χ̂ {brief(growth)} a layer"
    if not math.isfinite(taken.test_accuracy):
        return ""
    form = ".0%" if has_classes(taken.task) else ".2f"
    return f"test {QUALITY[taken.task]} {taken.test_accuracy:{form}}"


def growth_per_layer(taken: Snapshot) -> float | None:
    """χ̂ = (δ₁² / δ_L²)^(1/(L−1)), δ the RMS of ∂L/∂z: from the last learned layer to the first."""
    delta_L = [layer.delta_rms for layer in taken.learned_layers]
    if len(delta_L) < 2 or not all(math.isfinite(delta) and delta > 0 for delta in delta_L):
        return None
    return float((delta_L[0] / delta_L[-1]) ** (2 / (len(delta_L) - 1)))


def _answers(snapshots: Sequence[Snapshot]) -> dict[str, Any]:
    """The answers over the plane, small: shades of a value, or classes by colour."""
    surfaces = [taken.surface for taken in snapshots]
    if any(surface is None for surface in surfaces):
        return {}
    known = [surface for surface in surfaces if surface is not None]
    if known[0].n_classes > 2:
        labels = [_thin(surface.label_GG) for surface in known]
        colors = [class_token(place) for place in range(known[0].n_classes)]
        return {"answers": np.stack(labels).astype(np.uint8), "classes": colors}
    return {"answers": np.stack([_shade(surface) for surface in known])}


def _shade(surface: SurfaceRecord) -> Any:
    value_GG = _thin(surface.value_GG)
    if surface.n_classes:
        signed_GG = 2 * value_GG - 1
    else:
        signed_GG = value_GG / max(float(np.abs(value_GG).max()), 1e-12)
    return np.nan_to_num(np.clip(signed_GG * 127, -127, 127)).astype(np.int8)


def _thin(values_GG: Any) -> Any:
    return np.asarray(values_GG)[::ANSWER_STRIDE, ::ANSWER_STRIDE]
