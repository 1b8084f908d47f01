"""Bias, variance, noise and risk against one setting of a model.

Shapes: V values of the axis.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnviz.experiments.complexity.parts import interval_words, part_name
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
from nnviz.figures.traces import band
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
    place: int | None = None,
    log_risk: bool = False,
    robust: bool = False,
    guesses: Guesses | None = None,
) -> FigureDict:
    """The curves with their intervals as bands, the lowest risk and the chosen value marked.

    `guesses` are drawn dashed, stretched to the range of what was measured.
    """
    guesses = guesses or {}
    measured = any(value is not None for value in record.at)
    if not measured and not guesses:
        return empty_figure("Nothing has been measured yet.")
    x, clean = np.asarray(record.values, np.float32), positive_only if log_risk else finite_only
    data: list[dict[str, Any]] = []
    for part in ("noise", "bias", "variance", "risk"):
        if measured and _is_drawn(record, part):
            data += _measured(record, part, x, clean)
    if robust and measured and record.loss == "squared":
        data += _medians(record, x, clean)
    data += [_guess(record, part, x, guess, log_risk) for part, guess in guesses.items()]
    if measured:
        data.append(_lowest(record, x, clean))
    yaxis = _risk_axis(record, log_risk, robust)
    return {"data": data, "layout": _frame(record, place, yaxis)}


def _is_drawn(record: ComplexityRecord, part: str) -> bool:
    return part != "noise" or bool(np.nanmax(record.curve("noise")) > 0)


def _is_whole(record: ComplexityRecord) -> bool:
    """Whether something is back at every value; else curves are not drawn across what is not."""
    return all(value is not None for value in record.at)


def _measured(
    record: ComplexityRecord, part: str, x: FloatArray, clean: Any
) -> list[dict[str, Any]]:
    values, name = record.curve(part), part_name(record, part)
    colour, unit = token(COLOURS[part]), UNITS[record.loss]
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": x,
        "y": clean(values),
        "name": name,
        "connectgaps": _is_whole(record),
        "line": {"color": colour, "width": 3 if part == "risk" else 2},
        "marker": {"size": 5 if part != "noise" else 1, "color": colour},
        "hovertemplate": f"{name}: %{{y:.4g}} {unit} %{{text}}<extra></extra>",
    }
    if part == "noise":
        line["line"]["dash"] = "dot"
        line["hovertemplate"] = f"noise: %{{y:.4g}} {unit}, known<extra></extra>"
        return [line]
    line["text"] = [
        "" if value is None else f"{interval_words(value, part)}, {value.n_replicates} replicates"
        for value in record.at
    ]
    low, high = record.curve(f"{part}_low"), record.curve(f"{part}_high")
    return [*_bands(record, x, low, high, colour, clean), line]


def _bands(
    record: ComplexityRecord,
    x: FloatArray,
    low: FloatArray,
    high: FloatArray,
    colour: str,
    clean: Any,
) -> list[dict[str, Any]]:
    """A band over each stretch of values without a gap."""
    known = np.array([value is not None for value in record.at])
    cuts = np.flatnonzero(np.diff(known.astype(int))) + 1
    stretches = np.split(np.arange(len(x)), cuts)
    return [
        _band(x[part], low[part], high[part], colour, clean)
        for part in stretches if known[part[0]] and len(part) > 1
    ]  # fmt: skip


def _band(
    x: FloatArray, low: FloatArray, high: FloatArray, colour: str, clean: Any
) -> dict[str, Any]:
    """A closed area; on a logarithmic axis it ends a factor 20 below its upper side."""
    if clean is positive_only:
        low = np.maximum(low, high / 20)
    return band(x, clean(low), clean(high), "", colour, showlegend=False)


def _medians(record: ComplexityRecord, x: FloatArray, clean: Any) -> list[dict[str, Any]]:
    """The median replicate's risk with the quartiles: steady where the mean is not."""
    colour, unit = token("density"), UNITS[record.loss]
    low, high = record.curve("lower_quartile"), record.curve("upper_quartile")
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": x,
        "y": clean(record.curve("median_risk")),
        "name": "median risk",
        "connectgaps": _is_whole(record),
        "line": {"color": colour, "width": 2.5, "dash": "dash"},
        "marker": {"size": 5, "color": colour},
        "customdata": np.stack([low, high], axis=1).astype(np.float32),
        "hovertemplate": f"median risk: %{{y:.4g}} {unit}, quartiles %{{customdata[0]:.3g}} to"
        " %{customdata[1]:.3g}<extra></extra>",
    }
    return [*_bands(record, x, low, high, colour, clean), line]


def _guess(
    record: ComplexityRecord, part: str, x: FloatArray, guess: FloatArray, log_risk: bool
) -> dict[str, Any]:
    """The guessed shape between the lowest and the highest measured value of the part."""
    values = positive_only(record.curve(part)) if log_risk else record.curve(part)
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    drawn = low + (high - low) * np.asarray(guess)
    if log_risk and known.size:
        drawn = low * (high / low) ** np.asarray(guess)
    name = part_name(record, part)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": drawn.astype(np.float32),
        "name": f"my {name}",
        "line": {"color": token(COLOURS[part]), "width": 2, "dash": "dash", "shape": "spline"},
        "hovertemplate": f"{name} as I expect it (no unit: its shape counts)<extra></extra>",
    }


def _lowest(record: ComplexityRecord, x: FloatArray, clean: Any) -> dict[str, Any]:
    risk = record.curve("risk")
    best = [] if record.best is None else [record.best]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x[best],
        "y": clean(risk)[best],
        "name": "lowest risk" if _is_whole(record) else "lowest so far",
        "marker": {
            "symbol": "star",
            "size": 14,
            "color": token("warning"),
            "line": {"color": token("page"), "width": 1},
        },
        "hovertemplate": f"lowest: %{{y:.4g}} {UNITS[record.loss]} at {record.title} %{{x:.4g}}"
        "<extra></extra>",
    }


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


def _frame(record: ComplexityRecord, place: int | None, yaxis: dict[str, Any]) -> dict[str, Any]:
    values = np.asarray(record.values, float)
    direction = "more flexible →" if record.grows else "← more flexible"
    title, unit = record.title, ", ".join(filter(None, (record.unit, direction)))
    if record.log:
        xaxis = log_axis(title, unit, **log_ticks(log_range(values, pad=0.04)))
    else:
        margin = 0.02 * (values[-1] - values[0])
        xaxis = axis(title, unit, range=[values[0] - margin, values[-1] + margin])
    shapes, notes = [], []
    if place is not None:
        shapes.append(vertical_line(values[place], token("ink"), dash="dot"))
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
