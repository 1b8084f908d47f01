"""A block of numbers drawn flat, with the numbers that share a mean framed together.

Samples are rows of tiles, channels are columns, space lies inside a tile, so that the groups of
every normalization are rectangles. Shapes: N samples, C channels, H × W positions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.figures.block_grid import BlockGrid, block_layout, outline
from nnviz.figures.theme import FigureDict, diverging, token
from nnviz.records import BoolArray, FloatArray, IntArray

MOST_NUMBERS = 40
"""Up to so many cells the numbers are written into them."""
DIMENSIONS = {2: "NC", 3: "NCL", 4: "NCHW"}
VEIL = 0.72


def block_figure(
    values: FloatArray, group_of: IntArray, index: tuple[int, ...], limit: float | None = None
) -> FigureDict:
    """The block with every group framed, the chosen cell's group bright and the rest veiled.

    `limit` is the value of the strongest colour; the largest |value| where it is left out.
    """
    finite = np.abs(values[np.isfinite(values)])
    limit = limit or (float(finite.max()) if finite.size else 1.0) or 1.0
    grid = BlockGrid(values.shape)
    own = group_of == group_of[index]
    data = [
        _heatmap(grid, values, limit),
        _veil(grid, own.astype(float)),
        _frames(grid, group_of),
        _frame(grid, own, token("ink"), 2.5),
        _frame(grid, _only(values.shape, index), token("danger"), 2.5),
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
        "text": _names(grid),
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


def _names(grid: BlockGrid) -> list[list[str]]:
    letters = DIMENSIONS[len(grid.shape)].lower()
    numbers = np.arange(np.prod(grid.shape), dtype=float).reshape(grid.shape)
    places = [
        ", ".join(
            f"{letter} {i}"
            for letter, i in zip(letters, np.unravel_index(k, grid.shape), strict=True)
        )
        for k in range(numbers.size)
    ]
    return [
        ["" if np.isnan(number) else places[int(number)] for number in row]
        for row in grid.spread(numbers)
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


def _frames(grid: BlockGrid, group_of: IntArray) -> dict[str, Any]:
    corners = [_corners(grid.box(group_of == group)) for group in np.unique(group_of)]
    x, y = (np.concatenate([corner[i] for corner in corners]) for i in range(2))
    return outline(x, y, token("muted"), 1)


def _frame(grid: BlockGrid, member: BoolArray, colour: str, width: float) -> dict[str, Any]:
    return outline(*_corners(grid.box(member)), colour, width)


def _corners(box: tuple[float, float, float, float]) -> tuple[FloatArray, FloatArray]:
    left, right, top, bottom = box
    x = np.array([left, right, right, left, left, np.nan])
    return x, np.array([top, top, bottom, bottom, top, np.nan])


def _only(shape: tuple[int, ...], index: tuple[int, ...]) -> BoolArray:
    member = np.zeros(shape, dtype=bool)
    member[index] = True
    return member
