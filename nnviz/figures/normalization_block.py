"""A block of numbers drawn flat, with the numbers that share a mean framed together.

Samples are rows of tiles, channels are columns, space lies inside a tile, so that the groups of
every normalization are rectangles. Shapes: N samples, C channels, H × W positions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.figures.layout import axis, layout
from nnviz.figures.theme import FigureDict, diverging, token
from nnviz.records import FloatArray, IntArray

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
    grid = _Grid(values.shape)
    own = group_of == group_of[index]
    data = [
        _heatmap(grid, values, limit),
        _veil(grid, own),
        _frames(grid, group_of),
        _frame(grid, own, token("ink"), 2.5),
        _frame(grid, _only(values.shape, index), token("danger"), 2.5),
    ]
    return {"data": data, "layout": _layout(grid)}


def cell_at(point: int | list[int], shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Which cell of a block a click on (row, column) of its heat map means; None between tiles."""
    if isinstance(point, int):
        return None
    grid = _Grid(shape)
    row, column = int(point[0]), int(point[1])
    (sample, y), (channel, x) = divmod(row, grid.height + 1), divmod(column, grid.width + 1)
    if y >= grid.height or x >= grid.width or sample >= shape[0] or channel >= shape[1]:
        return None
    return (sample, channel, y, x) if len(shape) == 4 else (sample, channel, x)[: len(shape)]


class _Grid:
    """Where the cells of a block lie; row 0 is the top of sample 0."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.n_samples, self.n_channels = shape[:2]
        self.height = shape[2] if len(shape) == 4 else 1
        self.width = shape[-1] if len(shape) > 2 else 1
        self.gap = 0.22 * max(self.height, self.width) ** 0.5

    def spread(self, values: FloatArray) -> FloatArray:
        """Values as rows and columns of the drawing, with an empty row and column per tile."""
        shape = (self.n_samples, self.n_channels, self.height, self.width)
        tiles_NCHW = np.asarray(values, float).reshape(shape)
        padded = np.pad(tiles_NCHW, ((0, 0), (0, 0), (0, 1), (0, 1)), constant_values=np.nan)
        rows = self.n_samples * (self.height + 1)
        return padded.transpose(0, 2, 1, 3).reshape(rows, -1)[:-1, :-1]

    def left(self, channel: int) -> float:
        """Left side of a tile."""
        return float(channel * (self.width + self.gap))

    def top(self, sample: int) -> float:
        """Upper side of a tile; y grows downwards."""
        return float(sample * (self.height + self.gap))

    def edges(self) -> tuple[FloatArray, FloatArray]:
        """Edges of the columns and of the rows."""
        lefts = np.array([self.left(c) for c in range(self.n_channels)])
        tops = np.array([self.top(n) for n in range(self.n_samples)])
        x = (lefts[:, None] + np.arange(self.width + 1)).ravel()
        y = (tops[:, None] + np.arange(self.height + 1)).ravel()
        return x.astype(float), y.astype(float)

    def box(self, member: FloatArray) -> tuple[float, float, float, float]:
        """Left, right, top and bottom around the cells that are members."""
        where = np.argwhere(member.reshape(self.n_samples, self.n_channels, -1, self.width))
        low, high = where.min(axis=0), where.max(axis=0)
        return (
            self.left(low[1]) + low[3],
            self.left(high[1]) + high[3] + 1,
            self.top(low[0]) + low[2],
            self.top(high[0]) + high[2] + 1,
        )


def _heatmap(grid: _Grid, values: FloatArray, limit: float) -> dict[str, Any]:
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
        trace["textfont"] = {"size": 11}
    return trace


def _names(grid: _Grid) -> list[list[str]]:
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


def _veil(grid: _Grid, own: FloatArray) -> dict[str, Any]:
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


def _frames(grid: _Grid, group_of: IntArray) -> dict[str, Any]:
    corners = [_corners(grid.box(group_of == group)) for group in np.unique(group_of)]
    x, y = (np.concatenate([corner[i] for corner in corners]) for i in range(2))
    return outline(x, y, token("muted"), 1)


def _frame(grid: _Grid, member: FloatArray, colour: str, width: float) -> dict[str, Any]:
    return outline(*_corners(grid.box(member)), colour, width)


def _corners(box: tuple[float, float, float, float]) -> tuple[FloatArray, FloatArray]:
    left, right, top, bottom = box
    x = np.array([left, right, right, left, left, np.nan])
    return x, np.array([top, top, bottom, bottom, top, np.nan])


def outline(x: FloatArray, y: FloatArray, colour: str, width: float) -> dict[str, Any]:
    """A thin line that answers no hover; NaN lifts the pen."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"color": colour, "width": width},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _only(shape: tuple[int, ...], index: tuple[int, ...]) -> FloatArray:
    member = np.zeros(shape)
    member[index] = 1
    return member


def _layout(grid: _Grid) -> dict[str, Any]:
    x, y = grid.edges()
    inside = {2: "", 3: "positions l in a tile", 4: "columns w in a tile"}[len(grid.shape)]
    below = {2: "", 3: "", 4: "rows h in a tile"}[len(grid.shape)]
    plain = {"showgrid": False, "constrain": "domain", "showline": False}
    centers_x = [grid.left(c) + grid.width / 2 for c in range(grid.n_channels)]
    centers_y = [grid.top(n) + grid.height / 2 for n in range(grid.n_samples)]
    pad = 0.02 * max(x[-1], y[-1])
    xaxis = axis(
        "channel c" if len(grid.shape) > 2 else "feature c",
        inside,
        tickvals=centers_x,
        ticktext=[str(c) for c in range(grid.n_channels)],
        range=[-pad, x[-1] + pad],
        **plain,
    )
    yaxis = axis(
        "sample n",
        below,
        tickvals=centers_y,
        ticktext=[str(n) for n in range(grid.n_samples)],
        range=[y[-1] + pad, -pad],
        **plain,
    )
    return layout(xaxis, yaxis, margin={"l": 44, "r": 6, "t": 6, "b": 36})
