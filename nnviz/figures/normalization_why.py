"""Trainings without BatchNorm, with it, and with noise after it: rates, losses, shifts.

Shapes: S seeds, K rates or looks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nnviz.experiments.normalization.training_records import RATES, ShiftingRecord, TrialRecord
from nnviz.figures.layout import axis, log_axis, log_ticks
from nnviz.figures.normalization_lines import COLOURS, SeedLine, seed_lines, trial_line
from nnviz.figures.theme import FigureDict
from nnviz.records import FloatArray

NAMES = {"none": "none", "batch": "BatchNorm", "noisy": "BatchNorm + noise"}
HIGHEST_LOSS = 30.0
"""What explodes leaves the picture above."""
Trained = TrialRecord | ShiftingRecord


def accuracy_by_rate(trials: Sequence[TrialRecord]) -> FigureDict:
    """Test accuracy over learning rates, without and with BatchNorm."""
    lines = [trial_line(trials, kind, NAMES[kind], "rate", RATES) for kind in ("none", "batch")]
    ticks = [f"{rate:g}" for rate in RATES]
    reach = [np.log10(0.042), np.log10(6)]
    xaxis = log_axis("learning rate", tickvals=RATES, ticktext=ticks, range=reach)
    return seed_lines(lines, xaxis, axis("test accuracy", "share right", range=[-0.03, 1.03]))


def loss_lines(records: Sequence[Trained], log_steps: bool = False) -> FigureDict:
    """Training loss; what diverges ends where it has no number."""
    steps = log_axis("step", "updates", dtick=1) if log_steps else axis("step", "updates", nticks=5)
    lines = _lines(records, lambda record: record.loss_T)
    shown = [float(y) for line in lines for y in line.y_SK.ravel() if np.isfinite(y) and y > 0]
    low, high = min(shown, default=0.1), min(max(shown, default=1.0), HIGHEST_LOSS)
    limits = [float(np.log10(low)) - 0.15, float(np.log10(max(high, low))) + 0.15]
    return seed_lines(lines, steps, log_axis("loss", "nats", **log_ticks(limits)), marks=False)


def shift_lines(records: Sequence[ShiftingRecord]) -> FigureDict:
    """How far one update moves a unit's mean."""
    lines = _lines(records, lambda record: record.shift_T)  # type: ignore[union-attr]
    yaxis = axis("mean moves by", "deviations", rangemode="tozero", nticks=6)
    return seed_lines(lines, axis("step", "updates", nticks=5), yaxis, marks=False)


def range_lines(records: Sequence[ShiftingRecord]) -> FigureDict:
    """How far the loss varies along the gradient."""
    lines = _lines(records, lambda record: record.high_T - record.low_T)  # type: ignore[union-attr]
    yaxis = log_axis("highest − lowest loss", "nats", dtick=1)
    return seed_lines(lines, axis("step", "updates", nticks=5), yaxis, marks=False)


def _lines(records: Sequence[Trained], values: Callable[[Trained], FloatArray]) -> list[SeedLine]:
    lines = []
    for kind, name in NAMES.items():
        own = [r for r in records if (r.kind if isinstance(r, TrialRecord) else r.lane) == kind]
        if not own:
            continue
        step_K = max((record.step_T for record in own), key=len).astype(float)
        y_SK = np.full((len(own), len(step_K)), np.nan)
        for row_K, record in zip(y_SK, own, strict=True):
            found_K = np.asarray(values(record), float)
            row_K[: len(found_K)] = np.where(np.isfinite(found_K), found_K, np.nan)
        lines.append(SeedLine(name, COLOURS[kind], step_K, y_SK))
    return lines
