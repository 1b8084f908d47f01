"""What one lane has in each column of its pipeline: words, numbers, the bars of a histogram."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.figures.pipeline_columns import INPUT, Column, Flow, PipelineLane, PipelinePart, parts_of
from nnviz.records import N_BINS, FloatArray, Histogram, LayerRecord, Snapshot, WiresRecord

LEAST_INSIDE = 0.995
"""Share of the values of every lane that a column's axis holds."""
SHOWN_BINS = (24, 32, 48, N_BINS)
SCALE = 255


class Cells:
    """What one lane has in each column."""

    def __init__(
        self,
        taken: Snapshot,
        lane: PipelineLane,
        columns: Sequence[Column],
        opened: str,
        flow: Flow,
    ) -> None:
        self._layers = {layer.name: layer for layer in (*taken.layers, taken.output)}
        self._wires, self._flow = taken.wires.get(flow), flow
        self.histograms: list[Histogram | None] = []
        self.told: list[dict[str, Any] | None] = []
        for column in columns:
            parts = parts_of(lane, column.block)
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


def mark_differing(lanes: Sequence[Cells]) -> None:
    """A part that is not the same in all lanes says so."""
    for column in zip(*(lane.told for lane in lanes), strict=True):
        words = {cell.pop("words") if cell else None for cell in column}
        for cell in column:
            if cell is not None:
                cell["differs"] = len(words) > 1


def bars(lanes: Sequence[Cells]) -> tuple[FloatArray, list[int], FloatArray]:
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
