"""Feature maps under dropout: grey is what the mask took away."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.figures.block_grid import BlockGrid, block_layout
from nnviz.figures.theme import FigureDict, diverging, token
from nnviz.records import BoolArray, FloatArray


def feature_maps_figure(maps: FloatArray, kept: BoolArray, limit: float) -> FigureDict:
    """Rows are samples, columns channels; films (N, C, F, H, W) lie frame beside frame.

    `limit` is the value of the strongest colour; `kept` leaves dropped numbers grey.
    """
    flat = _flat(maps)
    grid = BlockGrid(flat.shape)
    x, y = grid.edges()
    data: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "x": x,
            "y": y,
            "z": grid.spread(flat),
            "zmin": -limit,
            "zmax": limit,
            "colorscale": diverging(),
            "showscale": False,
            "hoverongaps": False,
            "hovertemplate": "value %{z:.3g}<extra></extra>",
        },
        _dropped(grid, _flat(kept)),
    ]
    frame = block_layout(grid)
    if maps.ndim > 3:
        frame["yaxis"] = {**frame["yaxis"], "scaleanchor": "x"}
    return {"data": data, "layout": frame}


def tile_at(maps: FloatArray, x: float, y: float) -> tuple[int, int]:
    """Sample and channel of the tile that holds a place of the drawing, or the nearest one."""
    grid = BlockGrid(_flat(maps).shape)
    lefts = np.array([grid.left(channel) for channel in range(grid.n_channels)])
    tops = np.array([grid.top(sample) for sample in range(grid.n_samples)])
    channel = np.argmin(np.abs(lefts + grid.width / 2 - x))
    return int(np.argmin(np.abs(tops + grid.height / 2 - y))), int(channel)


def _flat(maps: FloatArray | BoolArray) -> FloatArray:
    """Frames of a film side by side: (N, C, F, H, W) becomes (N, C, H, F·W)."""
    if maps.ndim == 5:
        maps = maps.transpose(0, 1, 3, 2, 4).reshape(*maps.shape[:2], maps.shape[3], -1)
    return np.asarray(maps, float)


def _dropped(grid: BlockGrid, kept: FloatArray) -> dict[str, Any]:
    x, y = grid.edges()
    return {
        "type": "heatmap",
        "x": x,
        "y": y,
        "z": np.where(grid.spread(kept) == 0, 1.0, np.nan),
        "colorscale": [[0, token("muted")], [1, token("muted")]],
        "opacity": 0.75,
        "showscale": False,
        "hoverongaps": False,
        "hovertemplate": "dropped<extra></extra>",
    }
