"""The value axis of a run's curves: whole from the first step, and calm when the run diverges."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.figures.layout import axis, log_axis, log_range, log_ticks
from nnviz.records import QUALITY, FloatArray, Task, has_classes

LOSS_UNITS = {"classification": "nats", "regression": "squared error"}
RUNAWAY = 10.0
"""A linear loss axis ends at this many times the first loss; a diverging run leaves it."""
MARGIN = 0.03


def quantity_words(quantity: str, task: Task) -> tuple[str, str]:
    """Name and unit of a field of a run, `accuracy` as what it holds for this task."""
    words = quantity.replace("train_", "training ").replace("_", " ")
    words = words.replace("accuracy", QUALITY[task])
    if quantity.endswith("loss"):
        return words, LOSS_UNITS[task]
    if quantity.endswith("accuracy"):
        return words, "share correct" if has_classes(task) else "1 = perfect"
    return words, "per update" if quantity == "learning_rate" else ""


def value_axis(
    quantity: str, task: Task, values: FloatArray, log_scale: bool = False
) -> dict[str, Any]:
    """The axis of any field of a run that holds `values`."""
    words, unit = quantity_words(quantity, task)
    if quantity.endswith("accuracy") and not log_scale:
        return quality_axis(words, unit, task, values)
    if quantity.endswith("loss") or log_scale:
        return loss_axis(words, unit, values, log_scale)
    return axis(words, unit)


def loss_axis(words: str, unit: str, values: FloatArray, log_loss: bool) -> dict[str, Any]:
    """From 0 to the largest value, or to `RUNAWAY` times the first; whole powers on a log axis."""
    if log_loss:
        return log_axis(words, unit, **log_ticks(log_range(values, pad=0.15)))
    known = values[np.isfinite(values)]
    if not known.size:
        return axis(words, unit, rangemode="tozero")
    top = min(float(known.max()), RUNAWAY * float(known[0]) + 1e-9)
    return axis(words, unit, range=[0.0, top * 1.06 + 1e-9])


def quality_axis(words: str, unit: str, task: Task, values: FloatArray) -> dict[str, Any]:
    """All shares from 0 to 1; R² from its lowest value below 0, at most one unit down."""
    known = values[np.isfinite(values)]
    lowest = float(known.min()) if known.size and not has_classes(task) else 0.0
    return axis(words, unit, range=[max(min(lowest, 0.0), -1.0) - MARGIN, 1 + MARGIN])
