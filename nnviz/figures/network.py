"""The network as plain data for the browser: a tile a unit, a number a weight, and their words.

Shapes: K units with a tile (all columns, one after the other), G cells a side, E weights. What
changes from step to step stands in entries of its own; lengths in pixels are the browser's.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from nnviz.figures.network_layout import Column, has_weights, network_columns
from nnviz.figures.theme import FigureDict
from nnviz.records import DataRecord, FloatArray, Snapshot

MAX_EDGES = 600
"""The browser draws this many of the strongest weights."""
MAX_CELLS = 8_000
"""Tiles of a very large network get coarser beyond this many cells: a byte each, every frame."""
SCALE, MISSING = 127, -128
"""A tile's 1 and its "not measured"."""


def network_diagram(
    snapshot: Snapshot,
    data: DataRecord | None = None,
    captions: Sequence[str] = (),
    example: int = 0,
) -> FigureDict:
    """Input, blocks and output as columns of tiles joined by weights; dead units are flagged.

    `captions` says something short about each block, in order ("relu · batch norm"). Where samples
    have positions, tiles are the channels' maps for test point `example`. The one "trace" is drawn
    by the browser: tiles_KGG flat, row 0 of a tile at its bottom.
    """
    columns = network_columns(snapshot, data, tuple(captions), example)
    side = _side(columns)
    trace = {
        "type": "network",
        "columns": [column.words() for column in columns],
        **_ends(columns),
        "max_edges": MAX_EDGES,
        "side": side,
        "tiles": _tiles(columns, side),
        "weights": _weights(columns),
        "means": _units(columns, "unit_mean_D", np.nan).astype(np.float32),
        "stds": _units(columns, "unit_std_D", np.nan).astype(np.float32),
        "dead": _units(columns, "dead_D", 0).astype(np.uint8),
        "picture": _flat([column.picture_HW for column in columns]),
        "kernels": _flat([column.kernels_KIHW for column in columns]),
    }
    reading = _reading(columns, len(trace["weights"]), example)
    return {"data": [trace | {"reading": reading}], "layout": {}}


def _flat(parts: Sequence[FloatArray | None]) -> np.ndarray[Any, np.dtype[np.int8]]:
    """Values from -1 to 1, those of all columns one after the other."""
    known = [np.empty(0), *(np.ravel(part) for part in parts if part is not None)]
    scaled = np.rint(np.nan_to_num(np.concatenate(known)) * SCALE)
    return np.asarray(scaled, np.int8)


def _side(columns: Sequence[Column]) -> int:
    largest = max((c.values_KGG.shape[1] for c in columns if c.values_KGG is not None), default=1)
    n_tiles = sum(column.n_tiles for column in columns)
    return max(1, min(largest, int(np.sqrt(MAX_CELLS / max(n_tiles, 1)))))


def _tiles(columns: Sequence[Column], side: int) -> np.ndarray[Any, np.dtype[np.int8]]:
    tiles = [np.empty((0, side, side), np.int8)]
    for column in columns:
        values_KGG = np.full((column.n_tiles, side, side), np.nan)
        if column.values_KGG is not None:
            known_KGG = _resized(column.values_KGG, side)
            values_KGG[: len(known_KGG)] = known_KGG
        scaled_KGG = np.where(np.isfinite(values_KGG), np.rint(values_KGG * SCALE), MISSING)
        tiles.append(scaled_KGG.astype(np.int8))
    return np.concatenate(tiles).ravel()


def _resized(values_KGG: FloatArray, side: int) -> FloatArray:
    grid = values_KGG.shape[1]
    nearest = ((np.arange(side) + 0.5) * grid / side).astype(int)
    return values_KGG[:, nearest[:, None], nearest[None, :]]


def _ends(columns: Sequence[Column]) -> dict[str, Any]:
    """Column of each weight's end, its unit there, and the unit that it comes from."""
    ends = [np.empty((3, 0), np.uint8)]
    for place, (left, right) in enumerate(pairwise(columns), 1):
        if has_weights(left, right):
            to, start = np.indices((right.n_drawn, left.n_drawn), np.uint8).reshape(2, -1)
            ends.append(np.stack([np.full_like(to, place), to, start]))
    column, to, start = np.concatenate(ends, axis=1)
    return {"edge_column": column, "edge_to": to, "edge_from": start}


def _weights(columns: Sequence[Column]) -> FloatArray:
    """Every recorded weight between two drawn units, in the order of the ends."""
    weights = [np.empty(0, np.float32)]
    for left, right in pairwise(columns):
        if has_weights(left, right) and right.layer and right.layer.weight_DF is not None:
            weights.append(np.ravel(right.layer.weight_DF[: right.n_drawn, : left.n_drawn]))
    return np.concatenate(weights).astype(np.float32)


def _units(columns: Sequence[Column], field: str, missing: float) -> FloatArray:
    """A number of each unit with a tile."""
    numbers = [np.empty(0)]
    for column in columns:
        values_K = np.full(column.n_tiles, missing)
        known_D = getattr(column.layer, field, None)
        if known_D is not None and column.n_tiles:
            values_K[: len(known_D)] = known_D[: column.n_tiles]
        numbers.append(values_K)
    return np.concatenate(numbers)


def _reading(columns: Sequence[Column], n_weights: int, example: int) -> list[str]:
    """How to read the picture, in parts."""
    parts = [f"tile: {_tile(columns, example)}"]
    if any(column.kernels_KIHW is not None for column in columns):
        parts.append("beside it: its kernel")
    if n_weights:
        parts.append("line: weight, wider is stronger")
    if not all(has_weights(left, right) for left, right in pairwise(columns)):
        parts.append("grey bundle: weights not drawn one by one")
    if n_weights > MAX_EDGES:
        parts.append(f"{n_weights - MAX_EDGES} weaker weights not drawn")
    return parts


def _tile(columns: Sequence[Column], example: int) -> str:
    shown = {column.shows for column in columns if column.layer is not None}
    if "plane" in shown:
        return "what the unit computes over the input plane (blue +, orange −)"
    if "positions" in shown:
        return f"the channel's map for test point {example + 1}, or mean activation"
    return "mean activation of the unit (blue +, orange −)" if "mean" in shown else "not measured"
