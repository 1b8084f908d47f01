"""The connections in the drawing of a network: weights by sign and width, or a plain bundle.

Shapes: E edges, P points along an edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nnviz.figures.network_layout import Column, NetworkLayout
from nnviz.figures.theme import token
from nnviz.records import FloatArray

MAX_EDGES = 600
WIDTHS = ((0.0, 0.7, 0.35), (0.15, 1.5, 0.55), (0.35, 2.8, 0.75), (0.65, 4.5, 0.9))
"""Each bin starts at this share of the largest weight: (from, width in pixels, opacity)."""

_ALONG_P = np.linspace(0, 1, 8)
_BEND_P = _ALONG_P**2 * (3 - 2 * _ALONG_P)


@dataclass(frozen=True)
class Edges:
    """Drawn connections: both ends and the weight, strongest ones only, and how many are not."""

    ends_E4: FloatArray
    """x and y of the start, x and y of the end."""
    weight_E: FloatArray
    n_hidden: int


def weight_edges(frame: NetworkLayout) -> Edges:
    """Every recorded weight between two drawn units, at most the 600 strongest."""
    ends: list[FloatArray] = [np.empty((0, 4))]
    weights: list[FloatArray] = [np.empty(0)]
    for left, right in zip(frame.columns, frame.columns[1:], strict=False):
        if not has_weights(left, right) or right.layer is None or right.layer.weight_DF is None:
            continue
        weight = right.layer.weight_DF[: len(right.y_K), : len(left.y_K)]
        ends.append(_ends(left, right, frame.tile))
        weights.append(np.asarray(weight, np.float64).ravel())
    ends_E4, weight_E = np.concatenate(ends), np.concatenate(weights)
    known = np.flatnonzero(np.isfinite(weight_E))
    strongest = known[np.argsort(-np.abs(weight_E[known]), kind="stable")[:MAX_EDGES]]
    return Edges(ends_E4[strongest], weight_E[strongest], len(weight_E) - len(strongest))


def has_weights(left: Column, right: Column) -> bool:
    """Whether the weights between two columns can be drawn one by one."""
    weight = right.layer.weight_DF if right.layer is not None else None
    drawn = not left.is_box and not right.is_box
    return weight is not None and drawn and weight.shape[1] == left.n_units


def edge_traces(edges: Edges, scale: float = 1.0) -> list[dict[str, Any]]:
    """One line trace for each sign and width, always all of them so that a redraw matches."""
    largest = float(np.abs(edges.weight_E).max()) if len(edges.weight_E) else 1.0
    strength_E = np.abs(edges.weight_E) / max(largest, 1e-12)
    starts = np.array([width[0] for width in WIDTHS])
    bin_E = np.searchsorted(starts, strength_E, side="right") - 1
    traces = []
    for index, (_, width, opacity) in enumerate(WIDTHS):
        for sign, name in ((-1, "negative"), (1, "positive")):
            chosen = (bin_E == index) & ((edges.weight_E < 0) == (sign < 0))
            x, y = curves(edges.ends_E4[chosen])
            line = {"color": token(name), "width": width * scale}
            traces.append(_line_trace(x, y, line, opacity, f"{name} weight"))
    return traces


def edge_hover(edges: Edges) -> dict[str, Any]:
    """Invisible points in the middle of the edges that tell the weight."""
    ends = edges.ends_E4
    return {
        "type": "scatter",
        "mode": "none",
        "x": ((ends[:, 0] + ends[:, 2]) / 2).astype(np.float32),
        "y": ((ends[:, 1] + ends[:, 3]) / 2).astype(np.float32),
        "customdata": edges.weight_E.astype(np.float32),
        "hovertemplate": "weight %{customdata:.3f}<extra></extra>",
    }


def structure_trace(frame: NetworkLayout) -> dict[str, Any]:
    """Frames of the tiles, and bundles between columns whose weights are not drawn."""
    xs, ys = _frames(frame)
    for left, right in zip(frame.columns, frame.columns[1:], strict=False):
        if has_weights(left, right):
            continue
        x, y = curves(_bundle(left, right, frame.tile))
        xs, ys = np.concatenate([xs, x]), np.concatenate([ys, y])
    line = {"color": token("muted"), "width": 1}
    return _line_trace(xs, ys, line, 0.55, "structure")


def curves(ends_E4: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Soft curves from left to right, one after the other with a gap between."""
    x0, y0, x1, y1 = (ends_E4[:, [column]] for column in range(4))
    gap = np.full((len(ends_E4), 1), np.nan)
    x = np.hstack([x0 + (x1 - x0) * _ALONG_P, gap])
    y = np.hstack([y0 + (y1 - y0) * _BEND_P, gap])
    return x.ravel().astype(np.float32), y.ravel().astype(np.float32)


def _ends(left: Column, right: Column, tile: float) -> FloatArray:
    y1, y0 = np.meshgrid(right.y_K, left.y_K, indexing="ij")
    x0 = np.full(y0.size, left.x + tile / 2)
    x1 = np.full(y0.size, right.x - tile / 2)
    return np.stack([x0, y0.ravel(), x1, y1.ravel()], axis=1)


def _bundle(left: Column, right: Column, tile: float) -> FloatArray:
    middle_x = (left.x + right.x) / 2
    middle_y = (float(left.y_K.mean()) + float(right.y_K.mean())) / 2
    into = [[left.x + tile / 2, y, middle_x, middle_y] for y in left.y_K]
    out = [[middle_x, middle_y, right.x - tile / 2, y] for y in right.y_K]
    return np.array(into + out)


def _frames(frame: NetworkLayout) -> tuple[FloatArray, FloatArray]:
    tiled = [column for column in frame.columns if not column.is_box]
    if not tiled:
        return np.empty(0, np.float32), np.empty(0, np.float32)
    x = np.concatenate([np.full(len(column.y_K), column.x) for column in tiled])
    y = np.concatenate([column.y_K for column in tiled])
    half = frame.tile / 2
    corners_x = np.array([-half, half, half, -half, -half, np.nan])
    corners_y = np.array([-half, -half, half, half, -half, np.nan])
    framed_x, framed_y = x[:, None] + corners_x, y[:, None] + corners_y
    return framed_x.ravel().astype(np.float32), framed_y.ravel().astype(np.float32)


def _line_trace(
    x: FloatArray, y: FloatArray, line: dict[str, Any], opacity: float, name: str
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "name": name,
        "line": line,
        "opacity": opacity,
        "hoverinfo": "skip",
    }
