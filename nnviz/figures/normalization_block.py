"""A block of numbers drawn flat, with the numbers that share a mean framed together.

Samples are rows of tiles, channels are columns, space lies inside a tile, so that the groups of
every normalization are rectangles. Shapes: N samples, C channels, H × W positions.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from nnviz.figures.block_grid import BlockGrid, block_layout, outline
from nnviz.figures.theme import FigureDict, diverging, token
from nnviz.records import FloatArray, IntArray

MOST_NUMBERS = 40
"""Up to so many cells the numbers are written into them."""
DIMENSIONS = {2: "NC", 3: "NCL", 4: "NCHW"}
VEIL = 0.62


def block_figure(
    values: FloatArray, group_of: IntArray, index: tuple[int, ...], limit: float | None = None
) -> FigureDict:
    """The block with every group framed, the chosen cell's group bright and the rest veiled.

    `limit` is the value of the strongest colour; the largest |value| where it is left out.
    """
    finite = np.abs(values[np.isfinite(values)])
    limit = limit or (float(finite.max()) if finite.size else 1.0) or 1.0
    grid = BlockGrid(values.shape)
    own = int(group_of[index])
    boxes_K4 = grid.boxes(group_of)
    chosen = np.ravel_multi_index(index, values.shape)
    cells_M4 = grid.boxes(np.arange(values.size).reshape(values.shape))
    data = [
        _heatmap(grid, values, limit),
        _veil(grid, (group_of == own).astype(float)),
        _boxes(boxes_K4, token("muted"), 1),
        _boxes(boxes_K4[own : own + 1], token("ink"), 2.5),
        _boxes(cells_M4[chosen : chosen + 1], token("danger"), 2.5),
    ]
    return {"data": data, "layout": block_layout(grid)}


def cell_at(point: int | list[int], shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Which cell of a block a click on (row, column) of its heat map means; None between tiles."""
    if isinstance(point, int):
        return None
    grid = BlockGrid(shape)
    row, column = int(point[0]), int(point[1])
    (sample, y), (channel, x) = divmod(row, grid.height + 1), divmod(column, grid.width + 1)
    if y >= grid.height or x >= grid.width or sample >= shape[0] or channel >= shape[1]:
        return None
    return (sample, channel, y, x) if len(shape) == 4 else (sample, channel, x)[: len(shape)]


def _heatmap(grid: BlockGrid, values: FloatArray, limit: float) -> dict[str, Any]:
    x, y = grid.edges()
    trace: dict[str, Any] = {
        "type": "heatmap",
        "x": x,
        "y": y,
        "z": grid.spread(values),
        "text": _names(values.shape),
        "zmin": -limit,
        "zmax": limit,
        "colorscale": diverging(),
        "showscale": False,
        "hoverongaps": False,
        "hovertemplate": "%{text}: %{z:.4g}<extra></extra>",
    }
    if values.size <= MOST_NUMBERS:
        trace["texttemplate"] = "%{z:.2f}"
        trace["textfont"] = {"size": 11, "color": token("ink")}
    return trace


@lru_cache(maxsize=16)
def _names(shape: tuple[int, ...]) -> list[list[str]]:
    """What each cell is called, as rows and columns of the drawing; empty between tiles."""
    letters = DIMENSIONS[len(shape)].lower()
    places = [
        ", ".join(f"{letter} {i}" for letter, i in zip(letters, index, strict=True))
        for index in np.ndindex(*shape)
    ]
    numbers = np.arange(len(places), dtype=float).reshape(shape)
    return [
        ["" if number != number else places[int(number)] for number in row]
        for row in BlockGrid(shape).spread(numbers).tolist()
    ]


def _veil(grid: BlockGrid, own: FloatArray) -> dict[str, Any]:
    x, y = grid.edges()
    return {
        "type": "heatmap",
        "x": x,
        "y": y,
        "z": np.where(grid.spread(own) == 0, 1.0, np.nan),
        "colorscale": [[0, token("page")], [1, token("page")]],
        "opacity": VEIL,
        "showscale": False,
        "hoverinfo": "skip",
    }


def _boxes(boxes_K4: FloatArray, colour: str, width: float) -> dict[str, Any]:
    left, right, top, bottom = boxes_K4.T
    nothing = left * np.nan
    x = np.stack([left, right, right, left, left, nothing], axis=1)
    y = np.stack([top, top, bottom, bottom, top, nothing], axis=1)
    return outline(x.ravel(), y.ravel(), colour, width)
