"""The test points the network gets wrong, drawn as what they are: images, signals, rows of tokens.

Shapes: M mistakes, H × W pixels, S samples of a signal.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.figures.layout import empty_figure, hidden_axis, layout, note
from nnviz.figures.misread_rows import misread_rows
from nnviz.figures.theme import FigureDict, sequential, token
from nnviz.records import DataRecord, FloatArray, IntArray, has_classes

N_COLUMNS = 8
GAP = 0.16
LABEL_ROOM = 0.42
"""Tiles are one unit wide; between them is a gap, above each there is room for its label."""


def misclassified_images(
    data: DataRecord, predicted_N: IntArray | None, max_images: int = 24
) -> FigureDict:
    """Up to `max_images` test points answered wrongly, each labelled true→predicted.

    A volume is drawn as its middle slice, rows of tokens as tokens.
    """
    if predicted_N is None:
        classifies = has_classes(data.task)
        words = "not measured at this step" if classifies else "drawn for classification"
        return empty_figure(f"Mistakes are {words}.")
    is_wrong = np.asarray(data.test_y).astype(np.int64) != predicted_N
    wrong = np.flatnonzero(is_wrong.reshape(len(is_wrong), -1).any(axis=1))
    if not len(wrong):
        return empty_figure("Every test point is classified correctly.")
    if data.token_names:
        return misread_rows(data, predicted_N, wrong)
    points = data.test_x[wrong[:max_images]]
    if points.ndim == 5:  # volumes: the slice in the middle
        drawn = [_image_tiles(np.asarray(points[:, 0, points.shape[2] // 2], np.float32))]
    elif data.image_shape is not None:
        pixels = np.asarray(points, np.float32).reshape(-1, *data.image_shape)
        drawn = [_image_tiles(pixels)]
    elif points.ndim == 3 or data.name == "mnist1d":
        drawn = [_signal_tiles(np.asarray(points, np.float32).reshape(len(points), -1))]
    else:
        return empty_figure("The points of this data set are neither images nor signals.")
    labels = _labels(data, wrong[:max_images], predicted_N)
    n_rows = -(-len(points) // N_COLUMNS)
    frame = layout(
        hidden_axis(range=[-GAP, N_COLUMNS * (1 + GAP)], constrain="domain"),
        hidden_axis(range=[-max(n_rows, 2) * (1 + LABEL_ROOM), 0], scaleanchor="x"),
        margin={"l": 8, "r": 8, "t": 24, "b": 4},
        showlegend=False,
        annotations=[_title(len(points), len(wrong), len(predicted_N))],
    )
    return {"data": [*drawn, labels], "layout": frame}


def tile_corners(n_tiles: int) -> tuple[FloatArray, FloatArray]:
    """Left and bottom side of each tile, filling rows from the top left."""
    place = np.arange(n_tiles)
    left = (place % N_COLUMNS) * (1 + GAP)
    bottom = -(place // N_COLUMNS + 1.0) * (1 + LABEL_ROOM)
    return left, bottom


def tile_mosaic(pixels_MHW: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """All tiles as one grid of cells with empty cells between: edges x, edges y, values."""
    n_tiles, height, width = pixels_MHW.shape
    n_columns = min(n_tiles, N_COLUMNS)
    n_rows = -(-n_tiles // N_COLUMNS)
    values = np.full((n_rows * (height + 1), n_columns * (width + 1)), np.nan, np.float32)
    for place, tile_HW in enumerate(pixels_MHW):
        row, column = divmod(place, N_COLUMNS)
        top, left = (n_rows - 1 - row) * (height + 1), column * (width + 1)
        values[top : top + height, left : left + width] = tile_HW[::-1]
    lefts, bottoms = tile_corners(n_tiles)
    x = (lefts[:n_columns, None] + np.linspace(0, 1, width + 1)).ravel()
    y = (np.unique(bottoms)[:, None] + np.linspace(0, 1, height + 1)).ravel()
    x_edges, y_edges = np.append(x, x[-1] + GAP), np.append(y, y[-1] + LABEL_ROOM)
    return x_edges.astype(np.float32), y_edges.astype(np.float32), values


def _image_tiles(pixels_MHW: FloatArray) -> dict[str, Any]:
    x, y, values = tile_mosaic(pixels_MHW)
    return {
        "type": "heatmap",
        "x": x,
        "y": y,
        "z": values,
        "colorscale": sequential("ink"),
        "showscale": False,
        "hovertemplate": "pixel value %{z:.2f} (scaled)<extra></extra>",
    }


def _signal_tiles(signals_MS: FloatArray) -> dict[str, Any]:
    n_tiles, n_samples = signals_MS.shape
    left, bottom = tile_corners(n_tiles)
    low, high = float(np.nanmin(signals_MS)), float(np.nanmax(signals_MS))
    height_MS = (signals_MS - low) / max(high - low, 1e-12)
    gap = np.full((n_tiles, 1), np.nan)
    x = np.hstack([left[:, None] + np.linspace(0, 1, n_samples), gap]).astype(np.float32)
    y = np.hstack([bottom[:, None] + height_MS, gap]).astype(np.float32)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x.ravel(),
        "y": y.ravel(),
        "customdata": np.hstack([signals_MS, gap]).astype(np.float32).ravel(),
        "line": {"color": token("ink"), "width": 1.3},
        "hovertemplate": "signal value %{customdata:.2f} (scaled)<extra></extra>",
    }


def _labels(data: DataRecord, shown: IntArray, predicted_N: IntArray) -> dict[str, Any]:
    left, bottom = tile_corners(len(shown))
    names = data.class_names
    words = [
        f"{_name(names, int(truth))}→{_name(names, int(answer))}"
        for truth, answer in zip(data.test_y[shown], predicted_N[shown], strict=True)
    ]
    return {
        "type": "scatter",
        "mode": "text",
        "x": (left + 0.5).astype(np.float32),
        "y": (bottom + 1.0 + LABEL_ROOM * 0.42).astype(np.float32),
        "text": words,
        "customdata": np.asarray(shown, np.int32),  # which test points: a click asks about one
        "textfont": {"size": 12, "color": token("ink")},
        "hovertemplate": "true → predicted: %{text}<extra></extra>",
    }


def _name(names: tuple[str, ...], index: int) -> str:
    return names[index] if index < len(names) else str(index)


def _title(n_shown: int, n_wrong: int, n_points: int) -> dict[str, Any]:
    words = f"true → predicted; {n_shown} of {n_wrong} mistakes among {n_points} test points"
    return note(words, 0, 1.0, xanchor="left", yanchor="bottom")
