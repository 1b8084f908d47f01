"""Where the cells of a block of numbers lie when it is drawn flat.

Samples are rows of tiles, channels are columns, space lies inside a tile. Shapes: N samples, C
channels, H × W positions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.figures.layout import axis, layout
from nnviz.records import FloatArray, IntArray


class BlockGrid:
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

    def boxes(self, group_of: IntArray) -> FloatArray:
        """Left, right, top and bottom around the cells of each of K groups, (K, 4)."""
        shape = (self.n_samples, self.n_channels, self.height, self.width)
        n, c, h, w = np.indices(shape).reshape(4, -1)
        left, top = c * (self.width + self.gap) + w, n * (self.height + self.gap) + h
        ids = group_of.ravel()
        low_K2 = np.full((int(ids.max()) + 1, 2), np.inf)
        high_K2 = -low_K2
        corner = np.stack([left, top], axis=1)
        np.minimum.at(low_K2, ids, corner)
        np.maximum.at(high_K2, ids, corner + 1)
        return np.stack([low_K2[:, 0], high_K2[:, 0], low_K2[:, 1], high_K2[:, 1]], axis=1)


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


def block_layout(grid: BlockGrid) -> dict[str, Any]:
    """Axes that name samples and channels, row 0 at the top."""
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
