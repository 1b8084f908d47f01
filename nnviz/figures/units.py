"""Which units still work: shares per layer now, and each unit over time."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.figures.layout import axis, cursor, empty_figure, layout, note, step_axis, why_missing
from nnviz.figures.series import Series, timeline_counts
from nnviz.figures.theme import FigureDict, token
from nnviz.records import FloatArray, LayerRecord, Snapshot

HEALTH_BARS = (
    ("dead_fraction", "dead units", "danger", "of the units"),
    ("zero_fraction", "zeros", "density", "of the values"),
    ("saturated_fraction", "saturated", "warning", "of the values"),
)
BAR_WIDTH = 0.26
UNDEFINED, NOTHING = -1, "rgba(0,0,0,0)"
"""Small integers keep the timeline a quarter of the size; what is undefined is not painted."""


def unit_health(snapshot: Snapshot) -> FigureDict:
    """Share of dead units, zeros and saturated values in each block; – where undefined."""
    layers = [layer for layer in snapshot.layers if layer.is_learned]
    fractions = [[getattr(layer, bar[0]) for layer in layers] for bar in HEALTH_BARS]
    shares = np.array(fractions, dtype=np.float64).reshape(len(HEALTH_BARS), len(layers))
    if not layers:
        return empty_figure("This network has no hidden layer.")
    if not np.isfinite(shares).any():
        words = "Dead, zero and saturated are not defined for these activations."
        return why_missing(snapshot, words)
    data = [_bars(shares[i], i, layers) for i in range(len(HEALTH_BARS))]
    every = -(-len(layers) // 7)
    xaxis = axis(
        "layer",
        "input side → output",
        tickvals=list(range(0, len(layers), every)),
        ticktext=[layer.name for layer in layers][::every],
        range=[-0.6, len(layers) - 0.4],
        showgrid=False,
    )
    yaxis = axis("share", "0 to 1", range=[0, 1.02])
    frame = layout(xaxis, yaxis)
    return {"data": [*data, _undefined(shares)], "layout": frame}


def dead_timeline(series: Series, current_step: float | None = None) -> FigureDict:
    """Every followed unit over time: dead on the whole reference set, or alive."""
    if not len(series):
        return empty_figure("No step has been recorded yet.")
    if not sum(timeline_counts(series.latest)):
        return empty_figure("This network has no hidden layer.")
    dead_TU = series.dead_TU
    if not np.isfinite(dead_TU).any():
        return empty_figure("No activation of this network can be dead.")
    counts = timeline_counts(series.latest)
    blocks = [layer.name for layer in series.latest.layers]
    rows, names = _grouped(dead_TU.T, counts, blocks)
    shown = [i for i, count in enumerate(counts) if count]
    yaxis = axis(
        "unit",
        "grouped by layer",
        type="category",
        tickvals=[_unit_name(blocks[i], (counts[i] - 1) // 2) for i in shown],
        ticktext=[blocks[i] for i in shown],
        autorange="reversed",
        showgrid=False,
    )
    trace = _timeline(series.steps, rows, names)
    words = _not_followed(series.latest, counts)
    notes = [note(words, 1, 1.01, xanchor="right", yanchor="bottom")] if words else []
    frame = layout(
        step_axis(steps=series.steps, showgrid=False),
        yaxis,
        shapes=cursor(current_step),
        annotations=notes,
    )
    if words:
        frame["margin"] = {**frame["margin"], "t": 24}
    return {"data": [trace], "layout": frame}


def _bars(shares_L: FloatArray, index: int, layers: list[LayerRecord]) -> dict[str, Any]:
    _, title, colour, unit = HEALTH_BARS[index]
    return {
        "type": "bar",
        "x": np.arange(len(shares_L), dtype=np.float32) + (index - 1) * BAR_WIDTH,
        "y": shares_L.astype(np.float32),
        "width": BAR_WIDTH * 0.92,
        "name": title,
        "customdata": [layer.name for layer in layers],
        "marker": {"color": token(colour), "line": {"width": 0}},
        "hovertemplate": f"%{{customdata}}: {title} %{{y:.1%}} {unit}<extra></extra>",
    }


def _undefined(shares: FloatArray) -> dict[str, Any]:
    bars, layers = np.nonzero(~np.isfinite(shares))
    return {
        "type": "scatter",
        "mode": "text",
        "x": (layers + (bars - 1) * BAR_WIDTH).astype(np.float32),
        "y": np.full(len(bars), 0.02, np.float32),
        "text": ["–"] * len(bars),
        "textfont": {"color": token("muted"), "size": 12},
        "customdata": [HEALTH_BARS[bar][1] for bar in bars],
        "showlegend": False,
        "hovertemplate": "%{customdata}: not defined for this layer<extra></extra>",
    }


def _grouped(
    dead_UT: FloatArray, counts: list[int], blocks: list[str]
) -> tuple[FloatArray, list[str]]:
    """Rows of all layers with an empty row between, and what each row is called."""
    parts: list[FloatArray] = []
    names: list[str] = []
    gap = np.full((1, dead_UT.shape[1]), np.nan, np.float32)
    start = 0
    for count, block in zip(counts, blocks, strict=True):
        if not count:
            continue
        parts += [dead_UT[start : start + count], gap]
        names += [*(_unit_name(block, unit) for unit in range(count)), f"below {block}"]
        start += count
    return np.concatenate(parts[:-1]), names[:-1]


def _unit_name(block: str, unit: int) -> str:
    return f"{block} unit {unit}"


def _timeline(steps: FloatArray, rows: FloatArray, names: list[str]) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "x": steps.astype(np.float32),
        "y": names,
        "z": np.nan_to_num(rows, nan=UNDEFINED).astype(np.int8),
        "zmin": UNDEFINED - 0.5,
        "zmax": 1.5,
        "colorscale": [
            [0.0, NOTHING],
            [1 / 3, NOTHING],
            [1 / 3, token("alive")],
            [2 / 3, token("alive")],
            [2 / 3, token("danger")],
            [1.0, token("danger")],
        ],
        "ygap": 1 if len(rows) <= 64 else 0,
        "colorbar": {
            "tickvals": [UNDEFINED, 0, 1],
            "ticktext": ["undefined", "alive", "dead"],
            "thickness": 10,
            "len": 0.4,
            "outlinewidth": 0,
            "tickfont": {"size": 11},
        },
        "hovertemplate": "%{y}, step %{x:,}<br>%{z} (1 dead, 0 alive, −1 undefined)<extra></extra>",
    }


def _not_followed(snapshot: Snapshot, counts: list[int]) -> str:
    units = sum(layer.n_units for layer in snapshot.layers if layer.is_learned)
    hidden = units - sum(counts)
    return f"{sum(counts):,} units followed, {hidden:,} more not shown" if hidden > 0 else ""
