"""Lanes as pipelines, one above the other: their parts in order, what flows on every wire.

Shapes: W wires drawn, B bins, G grid points a side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nnviz.figures.lanes import lane_colour
from nnviz.figures.layout import empty_figure
from nnviz.figures.theme import FigureDict, class_token
from nnviz.records import (
    N_BINS,
    FloatArray,
    Histogram,
    LayerRecord,
    Snapshot,
    SurfaceRecord,
    WiresRecord,
    has_classes,
)

Flow = Literal["train", "eval", "gradient"]
FLOWS: dict[Flow, str] = {"train": "train()", "eval": "eval()", "gradient": "∂L/∂ backward"}
LEAST_INSIDE = 0.995
"""Share of the values of every lane that a column's axis holds."""
SHOWN_BINS = (24, 32, 48, N_BINS)
INPUT, OUTPUT = "input", "output"
SCALE = 255
ANSWER_STRIDE = 2
MAX_BLOCKS = 10


@dataclass(frozen=True)
class PipelinePart:
    """One part of a lane: the wire that leaves it, its block, what is written on it.

    `start` is how its weights begin: it is not written, but lanes may differ in it.
    """

    wire: str
    block: str
    title: str
    detail: str = ""
    start: str = ""


@dataclass(frozen=True)
class PipelineLane:
    """A lane as it is built: its name, what is its own, its parts in the order of computation."""

    name: str
    own: str
    parts: Sequence[PipelinePart]


def pipeline(
    snapshots: Sequence[Snapshot], lanes: Sequence[PipelineLane], opened: str, flow: Flow
) -> FigureDict:
    """All lanes at one step: of the `opened` block each part and wire, of the others the last wire.

    Lanes stand on common axes, column by column; a histogram is as high as its own highest bar,
    exact zeros are drawn apart. The figure is one trace of the type "pipeline" for the browser's
    own painter.
    """
    if not any(flow in taken.wires for taken in snapshots):
        return empty_figure("This pass was not recorded at this step.")
    blocks = _drawn(_in_order(lanes), opened)
    columns = _columns(lanes, blocks, opened)
    pairs = zip(snapshots, lanes, strict=True)
    cells = [_Cells(taken, lane, columns, opened, flow) for taken, lane in pairs]
    _mark_differing(cells)
    reach_C, bins_C, bars_WB = _bars(cells)
    trace = {
        "type": "pipeline",
        "flow": flow,
        "opened": opened,
        "blocks": blocks,
        "columns": [{"block": c.block, "slot": c.slot, "last": c.is_last} for c in columns],
        "reach": reach_C,
        "bins": bins_C,
        "bars": bars_WB,
        "lanes": [
            {
                "name": lane.name,
                "own": lane.own,
                "color": lane_colour(place),
                "told": _told(taken, flow),
                "cells": own.told,
            }
            for place, (lane, taken, own) in enumerate(zip(lanes, snapshots, cells, strict=True))
        ],
        **_answers(snapshots),
    }
    return {"data": [trace], "layout": {}}


@dataclass(frozen=True)
class _Column:
    """One wire in all lanes: what leaves a block, or the part at `slot` of the opened one."""

    block: str
    slot: int
    is_last: bool


def _in_order(lanes: Sequence[PipelineLane]) -> list[str]:
    """All blocks of all lanes, those before the last ones first."""
    first = [part.block for lane in lanes for part in lane.parts if part.block != OUTPUT]
    return [*dict.fromkeys(first), OUTPUT]


def _drawn(blocks: list[str], opened: str) -> list[str]:
    """Of very many blocks the first, the last, the opened one and some between, evenly."""
    if len(blocks) <= MAX_BLOCKS:
        return blocks
    spread = {blocks[round(k)] for k in np.linspace(0, len(blocks) - 1, MAX_BLOCKS - 1)}
    return [block for block in blocks if block in spread or block == opened]


def _columns(lanes: Sequence[PipelineLane], blocks: list[str], opened: str) -> list[_Column]:
    found = []
    for block in blocks:
        n_slots = max(len(_of(lane, block)) for lane in lanes) if block == opened else 1
        found += [_Column(block, slot, slot == n_slots - 1) for slot in range(n_slots)]
    return [_Column(INPUT, 0, True), *found]


def _of(lane: PipelineLane, block: str) -> list[PipelinePart]:
    return [part for part in lane.parts if part.block == block]


class _Cells:
    """What one lane has in each column."""

    def __init__(
        self,
        taken: Snapshot,
        lane: PipelineLane,
        columns: Sequence[_Column],
        opened: str,
        flow: Flow,
    ) -> None:
        self._layers = {layer.name: layer for layer in (*taken.layers, taken.output)}
        self._wires, self._flow = taken.wires.get(flow), flow
        self.histograms: list[Histogram | None] = []
        self.told: list[dict[str, Any] | None] = []
        for column in columns:
            parts = _of(lane, column.block)
            is_open = column.block == opened
            if column.block == INPUT:
                self._add(PipelinePart(INPUT, INPUT, INPUT), [], False)
            elif not parts or (is_open and not column.is_last and column.slot >= len(parts) - 1):
                self.histograms.append(None)
                self.told.append(None)
            elif is_open:
                self._add(parts[-1] if column.is_last else parts[column.slot], [], True)
            else:
                self._add(parts[-1], parts, False)

    def _add(self, part: PipelinePart, inside: list[PipelinePart], is_open: bool) -> None:
        cell: dict[str, Any] = {"wire": part.wire, "title": part.title, "detail": [part.detail]}
        if inside:
            cell["inside"] = [one.title for one in inside]
        cell["words"] = (part.title, part.detail, part.start, *cell.get("inside", ()))
        if is_open and part.wire.endswith(".normalization"):
            cell["detail"] = _normalization(self._layers[part.block])
        place = _place(self._wires, part.wire)
        layer = self._layers.get(part.block)
        has_idle_bias = layer is not None and layer.bias_has_no_effect
        if is_open and has_idle_bias and part.wire.rpartition(".")[2] in ("linear", "convolution"):
            cell["detail"] = [part.detail, "∂L/∂b = 0"]
        if place is None or self._wires is None:
            self.histograms.append(None)
        else:
            self.histograms.append(self._wires.histogram(place))
            cell |= _numbers(self._wires, place, self._flow)
        self.told.append(cell)


def _place(wires: WiresRecord | None, name: str) -> int | None:
    return wires.names.index(name) if wires is not None and name in wires.names else None


def _numbers(wires: WiresRecord, place: int, flow: Flow) -> dict[str, Any]:
    mean, std = float(wires.mean_W[place]), float(wires.std_W[place])
    zero, negative = float(wires.zero_W[place]), float(wires.negative_W[place])
    if flow == "gradient":
        return {"numbers": [f"RMS {brief(math.hypot(mean, std))}", ""], "zero": zero}
    size = max(abs(mean), std)
    return {
        "numbers": [f"{brief(mean, size)} ± {brief(std, size)}", _shares(zero, negative)],
        "short": [brief(mean, size), f"±{brief(std, size)}"],
        "zero": zero,
        "negative": negative,
    }


def _shares(zero: float, negative: float) -> str:
    return f"{zero:.0%} zero · {negative:.0%} negative"


def brief(value: float, size: float | None = None) -> str:
    """A number in few characters, with as many decimals as `size` (else itself) asks for."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "–"
    size = abs(value) if size is None else size
    if size >= 1e4 or 0 < size < 1e-3:
        digits, _, power = f"{value:.1e}".partition("e")
        return "0" if float(digits) == 0 else f"{digits}e{int(power)}"
    decimals = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.095 else 3
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def _normalization(layer: LayerRecord) -> list[str]:
    """What a normalization divides by, and what it learned."""
    lines, found = [], layer.batch_statistics
    if found is not None:
        batch = found.batch_mean_D.mean(), np.sqrt(found.batch_var_D.mean())
        running = found.running_mean_D.mean(), np.sqrt(found.running_var_D.mean())
        lines += [
            f"batch {brief(batch[0], batch[1])} ± {brief(batch[1])}",
            f"run. {brief(running[0], running[1])} ± {brief(running[1])}",
        ]
    if math.isfinite(layer.scale_mean):
        lines.append(f"γ {brief(layer.scale_mean, 1)}  β {brief(layer.shift_mean, 1)}")
    return lines


def _mark_differing(lanes: Sequence[_Cells]) -> None:
    """A part that is not the same in all lanes says so."""
    for column in zip(*(lane.told for lane in lanes), strict=True):
        words = {cell.pop("words") if cell else None for cell in column}
        for cell in column:
            if cell is not None:
                cell["differs"] = len(words) > 1


def _bars(lanes: Sequence[_Cells]) -> tuple[FloatArray, list[int], FloatArray]:
    """Of each column the end of its axis and how many bins it shows, and all bars, lane by lane."""
    columns = list(zip(*(lane.histograms for lane in lanes), strict=True))
    reach, shown, drawn = [], [], []
    for column in columns:
        known = [found for found in column if found is not None and found.counts_B.any()]
        limit = max((found.limit for found in known), default=1.0)
        counts = {id(found): found.rebinned(limit).counts_B for found in known}
        n = next(n for n in SHOWN_BINS if n == N_BINS or _inside(counts.values(), n))
        reach.append(limit * n / N_BINS)
        shown.append(n)
        drawn.append([None if f is None or id(f) not in counts else counts[id(f)] for f in column])
    bars = [
        _bar(column[lane], own.told[place])
        for lane, own in enumerate(lanes)
        for place, column in enumerate(drawn)
    ]
    return np.array(reach, np.float32), shown, np.stack(bars)


def _inside(counts: Any, n: int) -> bool:
    edge = (N_BINS - n) // 2
    return all(found[edge : N_BINS - edge].sum() >= LEAST_INSIDE * found.sum() for found in counts)


def _bar(counts_B: Any, cell: dict[str, Any] | None) -> FloatArray:
    """Heights from 0 to 255; exact zeros, which lie in the bin right of the middle, left out."""
    if counts_B is None or cell is None:
        return np.zeros(N_BINS, np.uint8)
    heights_B = counts_B.astype(float)
    heights_B[N_BINS // 2] -= round(cell["zero"] * counts_B.sum())
    highest = max(float(heights_B.max()), 1.0)
    return np.asarray(np.clip(heights_B / highest * SCALE, 0, SCALE).astype(np.uint8))


def _told(taken: Snapshot, flow: Flow) -> str:
    """What stands at the end of a lane: how good it is, or how its gradient grows."""
    if taken.divergence is not None:
        return "diverged"
    if flow == "gradient":
        growth = growth_per_layer(taken)
        return "" if growth is None else f"×{brief(growth)} a layer"
    name = "accuracy" if has_classes(taken.task) else "R²"
    if not math.isfinite(taken.test_accuracy):
        return ""
    value = (
        f"{taken.test_accuracy:.0%}" if has_classes(taken.task) else f"{taken.test_accuracy:.2f}"
    )
    return f"test {name} {value}"


def growth_per_layer(taken: Snapshot) -> float | None:
    """χ̂ = (δ₁² / δ_L²)^(1/(L−1)), δ the RMS of ∂L/∂z: from the last learned layer to the first."""
    delta_L = [layer.delta_rms for layer in taken.learned_layers]
    if len(delta_L) < 2 or not all(math.isfinite(delta) and delta > 0 for delta in delta_L):
        return None
    return float((delta_L[0] / delta_L[-1]) ** (2 / (len(delta_L) - 1)))


def _answers(snapshots: Sequence[Snapshot]) -> dict[str, Any]:
    """The answers over the plane, small: shades of a value, or classes by colour."""
    surfaces = [taken.surface for taken in snapshots]
    if any(surface is None for surface in surfaces):
        return {}
    known = [surface for surface in surfaces if surface is not None]
    if known[0].n_classes > 2:
        labels = [_thin(surface.label_GG) for surface in known]
        colors = [class_token(place) for place in range(known[0].n_classes)]
        return {"answers": np.stack(labels).astype(np.uint8), "classes": colors}
    return {"answers": np.stack([_shade(surface) for surface in known])}


def _shade(surface: SurfaceRecord) -> Any:
    value_GG = _thin(surface.value_GG)
    if surface.n_classes:
        signed_GG = 2 * value_GG - 1
    else:
        signed_GG = value_GG / max(float(np.abs(value_GG).max()), 1e-12)
    return np.nan_to_num(np.clip(signed_GG * 127, -127, 127)).astype(np.int8)


def _thin(values_GG: Any) -> Any:
    return np.asarray(values_GG)[::ANSWER_STRIDE, ::ANSWER_STRIDE]
