"""What is seen inside convolutions, recurrent layers and attention, for one example.

Shapes: K kernels or channels, H × W positions of a picture, U units, T steps, L layers, A heads.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.figures.block_grid import BlockGrid
from nnviz.figures.lanes import lane_colour
from nnviz.figures.layout import axis, empty_figure, hidden_axis, layout, log_axis, note
from nnviz.figures.theme import FigureDict, diverging, sequential, token
from nnviz.figures.traces import line
from nnviz.records import DataRecord, FloatArray, LayerRecord, SeenRecord, Snapshot

GATES = ("input gate", "forget gate", "reset gate", "update gate", "output gate", "candidate")


def kernels(snapshot: Snapshot, layer: int) -> FigureDict:
    """The kernels of a convolution, the chosen one or the first: blue positive, orange negative."""
    found = _nearest(snapshot, layer, "kernels")
    if found is None:
        return empty_figure("No convolution is measured at this step.")
    name, seen = found
    values = np.asarray(seen.values, float)
    if values.ndim == 3:
        values = values[:, :, None]
    if values.shape[1] == 1:
        values = _wrapped(values[:, 0])
    words = f"{name}: {_shown(seen.values, 'kernels')}"
    return _mosaic(values, words, diverging(), "weight %{z:.3f}")


def feature_maps(snapshot: Snapshot, data: DataRecord, layer: int, example: int) -> FigureDict:
    """What each channel of a block hands on for one test point, the input beside it."""
    found = _nearest(snapshot, layer, "maps")
    if found is None or example >= len(found[1].values):
        return empty_figure("No block with positions is measured at this step.")
    name, seen = found
    maps = np.asarray(seen.values[example], float)
    words = f"{name}: {_shown(maps, 'channels')} for test point {example + 1}"
    if maps.ndim == 2:
        return _rows([("channel", maps)], words, "value %{z:.3f}")
    figure = _mosaic(_wrapped(maps), words, diverging(), "value %{z:.3f}")
    return _with_input(figure, np.asarray(data.test_x[example], float))


def states(snapshot: Snapshot, layer: int, example: int) -> FigureDict:
    """The hidden state and the gates of a recurrent layer at each step of one test point."""
    found = _nearest(snapshot, layer, "state")
    if found is None:
        return empty_figure("No recurrent layer is measured at this step.")
    block = next(each for each in snapshot.layers if each.name == found[0])
    own = {seen.name: np.asarray(seen.values[example], float) for seen in block.seen}
    order = ["state", *(("cell",) if "cell" in own else ()), *(g for g in GATES if g in own)]
    words = f"{found[0]}: test point {example + 1}, its first {len(own['state'])} units"
    return _rows([(each, own[each]) for each in order], words, "%{z:.3f}")


def step_gradients(snapshots: Sequence[Snapshot], names: Sequence[str]) -> FigureDict:
    """How much of the loss gradient reaches each step of the sequence, a curve a lane."""
    traces = []
    for lane, (taken, name) in enumerate(zip(snapshots, names, strict=True)):
        for block in taken.layers:
            if block.step_gradient_T is None:
                continue
            values = np.asarray(block.step_gradient_T, float)
            shown = np.where(values > 0, values, np.nan)
            told = ", ".join(filter(None, (name, block.name)))
            hover = "step %{x}, gradient %{y:.2e}"
            colour = lane_colour(lane) if len(snapshots) > 1 else token("train")
            steps = np.arange(1.0, len(values) + 1)
            traces.append(line(steps, shown, told, colour, hover, showlegend=True))
            break
    if not traces:
        return empty_figure("Nothing that reads a sequence is measured at this step.")
    yaxis = log_axis("RMS of ∂L/∂x", "log")
    return {"data": traces, "layout": layout(axis("step of the sequence", "1 is first"), yaxis)}


def attention(snapshot: Snapshot, data: DataRecord, layer: int, example: int) -> FigureDict:
    """Whom each step looks at: a map a layer (row) and head (column); rows add up to 1."""
    found = _nearest(snapshot, layer, "attention")
    if found is None:
        return empty_figure("No attention is measured at this step.")
    name, seen = found
    weights_LATT = np.asarray(seen.values[example], float)
    words = f"{name}: a row of maps a layer, a column a head; test point {example + 1}"
    figure = _mosaic(weights_LATT, words, sequential(), "%{customdata}: %{z:.2f}", limits=(0, 1))
    names = _step_names(data, example, weights_LATT.shape[-1])
    pairs = [[f"{a} looks at {b}" for b in names] for a in names]
    figure["data"][0]["customdata"] = _spread_words(pairs, weights_LATT.shape)
    return figure


def _nearest(snapshot: Snapshot, layer: int, name: str) -> tuple[str, SeenRecord] | None:
    """What of this name is seen in the chosen block, or else in the first that has it."""
    chosen = snapshot.layers[layer : layer + 1]
    for block in (*chosen, *snapshot.layers):
        if (seen := _of(block, name)) is not None:
            return block.name, seen
    return None


def _of(block: LayerRecord, name: str) -> SeenRecord | None:
    return next((seen for seen in block.seen if seen.name == name), None)


def _shown(values: FloatArray, what: str) -> str:
    return f"{len(values)} {what}"


def _wrapped(tiles_KHW: FloatArray) -> FloatArray:
    """Tiles in rows, (rows, columns, H, W), somewhat wider than high; empty places are missing."""
    n_tiles, *size = tiles_KHW.shape
    columns = math.ceil(math.sqrt(1.5 * n_tiles))
    filled = np.full((-(-n_tiles // columns) * columns, *size), np.nan)
    filled[:n_tiles] = tiles_KHW
    return filled.reshape(-1, columns, *size)


def _largest(values: FloatArray) -> float:
    known = np.abs(values[np.isfinite(values)])
    return float(known.max()) if known.size and known.max() > 0 else 1.0


def _mosaic(
    tiles: FloatArray,
    words: str,
    scale: Any,
    hover: str,
    limits: tuple[float, float] | None = None,
) -> FigureDict:
    """Tiles (rows, columns, H, W) with gaps between them."""
    grid = BlockGrid(tiles.shape)
    x, y = grid.edges()
    low, high = limits or (-_largest(tiles), _largest(tiles))
    heat = {
        "type": "heatmap",
        "x": x.astype(np.float32),
        "y": y.astype(np.float32),
        "z": grid.spread(tiles).astype(np.float32),
        "zmin": low,
        "zmax": high,
        "colorscale": scale,
        "showscale": False,
        "hoverongaps": False,
        "hovertemplate": f"{hover}<extra></extra>",
    }
    frame = layout(
        hidden_axis(range=[float(x[0]), float(x[-1])], constrain="domain"),
        hidden_axis(range=[float(y[-1]), float(y[0])], scaleanchor="x", constrain="domain"),
        margin={"l": 6, "r": 6, "t": 22, "b": 6},
        annotations=[note(words, 0, 1.0, xanchor="left", yanchor="bottom")],
    )
    return {"data": [heat], "layout": frame}


def _with_input(figure: FigureDict, point: FloatArray) -> FigureDict:
    """The drawing with what the network saw at its left, as high as all tiles."""
    picture = point[0, point.shape[1] // 2] if point.ndim == 4 else point[0]
    low, high = figure["layout"]["xaxis"]["range"]
    height = figure["layout"]["yaxis"]["range"][0]
    side = min(height, (high - low) / 2)
    rows, columns = picture.shape
    left = -1.08 * side
    heat = {
        "type": "heatmap",
        "x": np.linspace(left, left + side, columns + 1, dtype=np.float32),
        "y": np.linspace(0, side * rows / columns, rows + 1, dtype=np.float32),
        "z": picture.astype(np.float32),
        "colorscale": sequential("ink"),
        "showscale": False,
        "hovertemplate": "input %{z:.2f} (scaled)<extra></extra>",
    }
    figure["data"].append(heat)
    figure["layout"]["xaxis"]["range"] = [left, high]
    return figure


def _rows(groups: Sequence[tuple[str, FloatArray]], words: str, hover: str) -> FigureDict:
    """Heat maps (U, T) above each other, on one axis of steps."""
    n_steps = groups[0][1].shape[1]
    gap = np.full((1, n_steps), np.nan)
    stacked = np.concatenate([part for _, own in groups for part in (own, gap)])[:-1]
    starts = np.cumsum([0, *(len(own) + 1 for _, own in groups[:-1])])
    middles = [float(a + (len(own) - 1) / 2) for a, (_, own) in zip(starts, groups, strict=True)]
    limit = _largest(stacked)
    heat = {
        "type": "heatmap",
        "x": np.arange(1, n_steps + 1, dtype=np.float32),
        "y": np.arange(len(stacked), dtype=np.float32),
        "z": stacked.astype(np.float32),
        "zmin": -limit,
        "zmax": limit,
        "colorscale": diverging(),
        "showscale": False,
        "hoverongaps": False,
        "hovertemplate": f"step %{{x}}: {hover}<extra></extra>",
    }
    yaxis = axis(
        "what is seen", tickvals=middles, ticktext=[name for name, _ in groups],
        autorange="reversed", showgrid=False,
    )  # fmt: skip
    frame = layout(
        axis("step of the sequence", "1 is first", showgrid=False),
        yaxis,
        margin={"l": 48, "r": 8, "t": 22, "b": 36},
        annotations=[note(words, 0, 1.0, xanchor="left", yanchor="bottom")],
    )
    return {"data": [heat], "layout": frame}


def _step_names(data: DataRecord, example: int, n_steps: int) -> list[str]:
    if not data.token_names:
        return [f"step {t + 1}" for t in range(n_steps)]
    tokens = np.asarray(data.test_x[example]).reshape(-1)[:n_steps].astype(int)
    return [f"{t + 1} “{data.token_names[token]}”" for t, token in enumerate(tokens)]


def _spread_words(words_TT: list[list[str]], shape: tuple[int, ...]) -> list[list[str]]:
    """The words of every cell of the tiles, laid out as `BlockGrid.spread` lays out numbers."""
    n_layers, n_heads = shape[:2]
    rows = [[word for _ in range(n_heads) for word in (*row, "")][:-1] for row in words_TT]
    empty = [""] * len(rows[0])
    return [row for _ in range(n_layers) for row in (*rows, empty)][:-1]
