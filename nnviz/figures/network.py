"""The network drawn: a tile for each unit with what it computes, a line for each weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.figures.layout import hidden_axis, layout, note
from nnviz.figures.network_edges import (
    Edges,
    edge_hover,
    edge_traces,
    has_weights,
    structure_trace,
    weight_edges,
)
from nnviz.figures.network_layout import (
    HEIGHT,
    WIDTH,
    Column,
    NetworkLayout,
    network_layout,
)
from nnviz.figures.theme import FigureDict, diverging, token
from nnviz.records import DataRecord, FloatArray, Snapshot

MAX_CELLS = 9_000
"""A browser redraws the tiles of this many cells in about 20 ms."""
NARROW_PITCH, CAPTION_PITCH = 62.0, 96.0


def network_diagram(
    snapshot: Snapshot, data: DataRecord | None = None, captions: Sequence[str] = ()
) -> FigureDict:
    """Input, blocks and output as columns of tiles joined by weights; ✕ marks a dead unit.

    `captions` says something short about each block, in order ("relu · batch norm").
    """
    frame = network_layout(snapshot, data, tuple(captions))
    edges = weight_edges(frame)
    traces = [
        structure_trace(frame),
        *edge_traces(edges, min(1.0, max(0.4, frame.column_pitch / 130))),
        tile_heatmap(frame),
        edge_hover(edges),
        _unit_markers(frame),
        _labels(frame),
    ]
    drawing = layout(
        hidden_axis(range=[0, WIDTH], constrain="domain"),
        hidden_axis(range=[0, HEIGHT], scaleanchor="x", constrain="domain"),
        margin={"l": 4, "r": 4, "t": 22, "b": 4},
        showlegend=False,
        hoverdistance=12,
        shapes=[_box(column, frame) for column in frame.columns if column.is_box],
        annotations=[
            *[_box_text(column) for column in frame.columns if column.is_box],
            note(_reading(frame, edges), 0.005, 1.0, xanchor="left", yanchor="bottom"),
        ],
    )
    return {"data": traces, "layout": drawing}


def tile_heatmap(frame: NetworkLayout) -> dict[str, Any]:
    """Every drawn tile in one heat map: G cells a tile and one empty cell after it, both ways."""
    side = _side(frame)
    n_rows, n_columns = frame.n_rows, len(frame.columns)
    values = np.full((n_rows * (side + 1), n_columns * (side + 1)), np.nan, np.float32)
    for place, column in enumerate(frame.columns):
        if column.values_KGG is None or column.is_box:
            continue
        tiles_KGG = _resized(column.values_KGG, side)
        left = place * (side + 1)
        for slot, tile_GG in zip(column.slots_K, tiles_KGG, strict=False):
            bottom = (n_rows - 1 - slot) * (side + 1)
            values[bottom : bottom + side, left : left + side] = tile_GG
    cells = np.linspace(-frame.tile / 2, frame.tile / 2, side + 1)
    x = (np.array([column.x for column in frame.columns])[:, None] + cells).ravel()
    rows = np.array([frame.row_center(slot) for slot in range(n_rows - 1, -1, -1)])
    y = (rows[:, None] + cells).ravel()
    return {
        "type": "heatmap",
        "x": np.append(x, x[-1] + 1).astype(np.float32),
        "y": np.append(y, y[-1] + 1).astype(np.float32),
        "z": values,
        "zmin": -1.0,
        "zmax": 1.0,
        "colorscale": diverging(),
        "showscale": False,
        "hoverinfo": "skip",
    }


def _side(frame: NetworkLayout) -> int:
    largest = max(
        [column.values_KGG.shape[1] for column in frame.columns if column.values_KGG is not None],
        default=1,
    )
    room = int(np.sqrt(MAX_CELLS / (frame.n_rows * len(frame.columns))))
    return max(1, min(largest, room))


def _resized(values_KGG: FloatArray, side: int) -> FloatArray:
    grid = values_KGG.shape[1]
    if grid == side:
        return values_KGG
    nearest = ((np.arange(side) + 0.5) * grid / side).astype(int)
    return values_KGG[:, nearest[:, None], nearest[None, :]]


def _unit_markers(frame: NetworkLayout) -> dict[str, Any]:
    """Hover of every drawn unit, with a visible ✕ on the dead ones."""
    tiled = [column for column in frame.columns if not column.is_box]
    words: list[str] = []
    dead: list[bool] = []
    for column in tiled:
        flags = _dead_units(column)
        dead += flags
        words += _unit_words(column, flags)
    dead_K = np.array(dead, dtype=bool)
    x = [np.full(len(column.y_K), column.x) for column in tiled]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": np.concatenate([np.empty(0), *x]).astype(np.float32),
        "y": np.concatenate([np.empty(0), *[c.y_K for c in tiled]]).astype(np.float32),
        "text": words,
        "marker": {
            "symbol": np.where(dead_K, 4, 1).astype(np.int8),
            "size": max(frame.tile * 0.42, 8),
            "color": token("danger"),
            "opacity": dead_K.astype(np.float32),
            "line": {"color": token("page"), "width": 1},
        },
        "hovertemplate": "%{text}<extra></extra>",
    }


def _dead_units(column: Column) -> list[bool]:
    layer = column.layer
    if layer is None or layer.dead_D is None:
        return [False] * len(column.y_K)
    known = [bool(flag) for flag in layer.dead_D[: len(column.y_K)]]
    return known + [False] * (len(column.y_K) - len(known))


def _unit_words(column: Column, dead: list[bool]) -> list[str]:
    n_drawn = len(dead)
    layer = column.layer
    noun = "" if layer is None else "unit "
    titles = [*column.unit_names[:n_drawn]]
    titles += [f"{noun}{unit}" for unit in range(len(titles), n_drawn)]
    words = [f"{column.name} <b>{title}</b>" for title in titles]
    if layer is None:
        return words
    means = _numbers(layer.unit_mean_D, n_drawn, "mean activation")
    spreads = _numbers(layer.unit_std_D, n_drawn, "std")
    caption = f"<br>{column.caption}" if column.caption else ""
    return [
        f"{word}{': dead' * flag}{mean}{spread}{caption}"
        for word, flag, mean, spread in zip(words, dead, means, spreads, strict=True)
    ]


def _numbers(values_D: FloatArray | None, n_drawn: int, name: str) -> list[str]:
    known = [] if values_D is None else values_D[:n_drawn].tolist()
    return [f"<br>{name} {value:.3g}" for value in known] + [""] * (n_drawn - len(known))


def _labels(frame: NetworkLayout) -> dict[str, Any]:
    """Names beneath the columns, counts of units left out, class names beside the output."""
    xs: list[float] = []
    ys: list[float] = []
    words: list[str] = []
    places: list[str] = []

    def write(x: float, y: float, text: str, place: str) -> None:
        xs.append(x)
        ys.append(y)
        words.append(text)
        places.append(place)

    base = frame.bottom - (17 if any(column.n_hidden for column in frame.columns) else 4)
    narrow = frame.column_pitch < NARROW_PITCH
    for index, column in enumerate(frame.columns):
        caption = column.caption if frame.column_pitch >= CAPTION_PITCH else ""
        name = f"<b>{column.name}</b>" + (f"<br>{caption}" if caption else "")
        write(column.x, base - 15 * (narrow and index % 2), name, "bottom center")
        if column.n_hidden > 0:
            more = f"+{column.n_hidden}" if narrow else f"+ {column.n_hidden} more"
            low = float(column.y_K[-1]) - frame.tile / 2 - 2
            write(column.x, low, more, "bottom center")
    output = frame.columns[-1]
    for y, text in zip(output.y_K, output.unit_names, strict=False):
        write(output.x + frame.tile / 2 + 3, float(y), text, "middle right")
    return {
        "type": "scatter",
        "mode": "text",
        "x": xs,
        "y": ys,
        "text": words,
        "textposition": places,
        "textfont": {"size": 11, "color": token("ink")},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _box(column: Column, frame: NetworkLayout) -> dict[str, Any]:
    half_height = frame.box_half_height
    half_width = max(frame.tile / 2, 9.0)
    middle = float(column.y_K[0])
    return {
        "type": "rect",
        "x0": column.x - half_width,
        "x1": column.x + half_width,
        "y0": middle - half_height,
        "y1": middle + half_height,
        "line": {"color": token("muted"), "width": 1},
        "fillcolor": token("panel"),
    }


def _box_text(column: Column) -> dict[str, Any]:
    noun = "inputs" if column.layer is None else "values"
    text = f"{column.n_units} {noun}" if column.n_units else noun
    place = {"xref": "x", "yref": "y", "textangle": -90}
    return note(text, column.x, float(column.y_K[0]), **place)


def _reading(frame: NetworkLayout, edges: Edges) -> str:
    maps = any(c.layer is not None and c.layer.unit_maps_KGG is not None for c in frame.columns)
    means = any(c.layer is not None and c.values_KGG is not None for c in frame.columns)
    tile = "what the unit computes over the input plane" if maps else "mean activation of the unit"
    known = f"tile: {tile} (blue +, orange −)"
    parts = [known if maps or means else "tile: not measured"]
    if len(edges.weight_E):
        parts.append("line: weight, wider is stronger")
    pairs = zip(frame.columns, frame.columns[1:], strict=False)
    if not all(has_weights(left, right) for left, right in pairs):
        parts.append("grey bundle: weights not drawn one by one")
    if edges.n_hidden:
        parts.append(f"{edges.n_hidden} weaker weights not drawn")
    return " · ".join(parts)
