"""Bias, variance, noise and risk against one setting of a model.

Shapes: V values of the axis.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnviz.experiments.complexity.records import UNITS, ComplexityRecord
from nnviz.figures.layout import (
    SMALL_FONT_SIZE,
    axis,
    empty_figure,
    finite_only,
    layout,
    log_axis,
    log_range,
    log_ticks,
    note,
    positive_only,
    vertical_line,
)
from nnviz.figures.theme import FigureDict, token
from nnviz.figures.traces import Trace, band, line
from nnviz.records import FloatArray

COLOURS = {"bias": "bias", "variance": "variance", "noise": "noise", "risk": "ink"}
BESIDE = 22
"""Pixels between a vertical line and the words about it."""
TALL = 8.0
"""A linear axis ends at this many times the median risk of the curve."""

Guesses = Mapping[str, FloatArray]
"""What the reader expects of "bias", "variance" or "risk" over the axis, from 0 to 1, (V,)."""


def complexity_curves(
    record: ComplexityRecord,
    log_risk: bool = False,
    robust: bool = False,
    guesses: Guesses | None = None,
) -> FigureDict:
    """The curves with their intervals as bands, the lowest risk marked.

    `guesses` are drawn dashed, stretched to the range of what was measured.
    """
    guesses = guesses or {}
    measured = any(value is not None for value in record.at)
    if not measured and not guesses:
        return empty_figure("Say in the sidebar what you expect.")
    x, clean = np.asarray(record.values, np.float32), positive_only if log_risk else finite_only
    data: list[Trace] = []
    for part in ("noise", "bias", "variance", "risk"):
        if measured and _is_drawn(record, part):
            data += _measured(record, part, x, clean)
    if robust and measured and record.loss == "squared":
        data += _medians(record, x, clean)
    data += [_guess(record, part, x, guess, log_risk) for part, guess in guesses.items()]
    if measured:
        data.append(_lowest(record, x, clean))
    yaxis = _risk_axis(record, log_risk, robust)
    return {"data": data, "layout": _frame(record, yaxis)}


def _is_drawn(record: ComplexityRecord, part: str) -> bool:
    return part != "noise" or bool(np.nanmax(record.curve("noise")) > 0)


def _is_whole(record: ComplexityRecord) -> bool:
    """Whether something is back at every value; else curves are not drawn across what is not."""
    return all(value is not None for value in record.at)


def _measured(record: ComplexityRecord, part: str, x: FloatArray, clean: Any) -> list[Trace]:
    name, unit, colour = record.part_name(part), UNITS[record.loss], token(COLOURS[part])
    y, whole = clean(record.curve(part)), _is_whole(record)
    if part == "noise":
        return [line(x, y, name, colour, f"%{{y:.4g}} {unit}, known", dash="dot")]
    words = [
        "" if value is None else f"{value.interval_words(part)}, {value.n_replicates} replicates"
        for value in record.at
    ]
    drawn = line(
        x, y, name, colour, f"%{{y:.4g}} {unit} %{{text}}", mode="lines+markers", text=words,
        width=3 if part == "risk" else 2, marker={"size": 5, "color": colour}, connectgaps=whole,
    )  # fmt: skip
    low, high = record.curve(f"{part}_low"), record.curve(f"{part}_high")
    return [*_bands(x, low, high, colour, clean), drawn]


def _bands(
    x: FloatArray, low: FloatArray, high: FloatArray, colour: str, clean: Any
) -> list[Trace]:
    """An area over each stretch of values that have an interval.

    On a logarithmic axis it ends a factor 20 below its upper side.
    """
    known = np.isfinite(low) & np.isfinite(high)
    if clean is positive_only:
        low = np.maximum(low, high / 20)
    cuts = np.flatnonzero(np.diff(known.astype(int))) + 1
    stretches = np.split(np.arange(len(x)), cuts)
    return [
        band(x[part], clean(low)[part], clean(high)[part], "", colour, showlegend=False)
        for part in stretches if known[part[0]] and len(part) > 1
    ]  # fmt: skip


def _medians(record: ComplexityRecord, x: FloatArray, clean: Any) -> list[Trace]:
    """The median replicate's risk with the quartiles: steady where the mean is not."""
    colour = token("density")
    low, high = record.curve("lower_quartile"), record.curve("upper_quartile")
    hover = f"%{{y:.4g}} {UNITS[record.loss]}, quartiles %{{customdata[0]:.3g}} to"
    drawn = line(
        x, clean(record.curve("median_risk")), "median risk", colour,
        f"{hover} %{{customdata[1]:.3g}}", mode="lines+markers", width=2.5, dash="dash",
        marker={"size": 5, "color": colour}, connectgaps=_is_whole(record),
        customdata=np.stack([low, high], axis=1).astype(np.float32),
    )  # fmt: skip
    return [*_bands(x, low, high, colour, clean), drawn]


def _guess(
    record: ComplexityRecord, part: str, x: FloatArray, guess: FloatArray, log_risk: bool
) -> Trace:
    """The guessed shape between the lowest and the highest measured value of the part."""
    values = positive_only(record.curve(part)) if log_risk else record.curve(part)
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    drawn = low + (high - low) * np.asarray(guess)
    if log_risk and known.size:
        drawn = low * (high / low) ** np.asarray(guess)
    return line(
        x, drawn, f"my {record.part_name(part)}", token(COLOURS[part]),
        "as I expect it (no unit: its shape counts)", dash="dash",
    )  # fmt: skip


def _lowest(record: ComplexityRecord, x: FloatArray, clean: Any) -> Trace:
    best = [] if record.best is None else [record.best]
    marker = {"symbol": "star", "size": 14, "color": token("warning")}
    return line(
        x[best], clean(record.curve("risk"))[best],
        "lowest risk" if _is_whole(record) else "lowest so far", token("warning"),
        f"%{{y:.4g}} {UNITS[record.loss]} at {record.title} %{{x:.4g}}",
        mode="markers", marker=marker | {"line": {"color": token("page"), "width": 1}},
    )  # fmt: skip


def _risk_axis(record: ComplexityRecord, log_risk: bool, robust: bool) -> dict[str, Any]:
    unit = UNITS[record.loss]
    parts = ("bias", "variance", "risk", *(("median_risk",) if robust else ()))
    drawn = np.concatenate([record.curve(name) for name in parts])
    if not np.isfinite(drawn).any():
        return axis("risk", "its shape counts", range=[-0.05, 1.1], showticklabels=False)
    if log_risk:
        shown = np.maximum(drawn[drawn > 0], float(np.nanmax(drawn)) / 1e6)
        return log_axis("risk and its parts", unit, **log_ticks(log_range(shown, pad=0.1)))
    ends = np.concatenate([drawn, *(record.curve(f"{part}_high") for part in parts[:3])])
    known = ends[np.isfinite(ends)]
    risk = record.curve("risk")
    top = min(float(known.max()), TALL * float(np.nanmedian(risk)))
    bottom = min(0.0, max(float(known.min()), -0.3 * top))
    return axis("risk and its parts", unit, range=[bottom - 0.02 * top, top * 1.06 + 1e-9])


def _frame(record: ComplexityRecord, yaxis: dict[str, Any]) -> dict[str, Any]:
    values = np.asarray(record.values, float)
    direction = "more flexible →" if record.grows else "← more flexible"
    title, unit = record.title, ", ".join(filter(None, (record.unit, direction)))
    if record.log:
        xaxis = log_axis(title, unit, **log_ticks(log_range(values, pad=0.04)))
    else:
        margin = 0.02 * (values[-1] - values[0])
        xaxis = axis(title, unit, range=[values[0] - margin, values[-1] + margin])
    shapes, notes = [], []
    if record.threshold is not None and values[0] <= record.threshold <= values[-1]:
        shapes.append(vertical_line(record.threshold, token("warning"), dash="dash"))
        notes.append(_threshold_note(record))
    return layout(
        xaxis, yaxis, shapes=shapes, annotations=notes, hovermode="x unified",
        margin={"l": 56, "r": 12, "t": 8, "b": 40},
    )  # fmt: skip


def _threshold_note(record: ComplexityRecord) -> dict[str, Any]:
    """Beside the peak that stands there, where curves seldom are."""
    assert record.threshold is not None
    x = np.log10(record.threshold) if record.log else record.threshold
    late = record.threshold > np.sqrt(record.values[0] * record.values[-1])
    words = note(
        "parameters =<br>training points", float(x), 0.98, xref="x", yanchor="top",
        xshift=-BESIDE if late else BESIDE,
        xanchor="right" if late else "left", align="right" if late else "left",
    )  # fmt: skip
    words["font"] = {"size": SMALL_FONT_SIZE, "color": token("warning")}
    return words
