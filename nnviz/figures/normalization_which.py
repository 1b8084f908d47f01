"""What speaks for and against each normalization: small batches, groups, padding, contrast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.experiments.normalization.records import SurroundingsRecord
from nnviz.experiments.normalization.training_records import GROUPS, SIZES, TrialRecord
from nnviz.figures.layout import axis, log_axis
from nnviz.figures.normalization_lines import COLOURS, SeedLine, seed_lines, trial_line
from nnviz.figures.theme import FigureDict


def by_batch_size(trials: Sequence[TrialRecord]) -> FigureDict:
    """Test accuracy over batch sizes, a line each normalization."""
    lines = [trial_line(trials, k, k, "batch_size", SIZES) for k in ("batch", "layer", "group")]
    return seed_lines(lines, _counts("batch size", "samples", SIZES), _accuracy())


def by_groups(trials: Sequence[TrialRecord]) -> FigureDict:
    """Test accuracy over the number of groups, beside batch and layer normalization."""
    lines = [trial_line(trials, "group", "group", "groups", GROUPS)]
    for kind in ("batch", "layer"):
        one = trial_line(trials, kind, kind, "groups", [2])
        y_SK = np.repeat(one.y_SK, len(GROUPS), axis=1)
        lines.append(SeedLine(kind, COLOURS[kind], np.array(GROUPS), y_SK))
    return seed_lines(lines, _counts("groups of 64 units", "", GROUPS), _accuracy())


def moved_lines(around: SurroundingsRecord, is_contrast: bool) -> FigureDict:
    """How far outputs move with a padded length, or with a contrast."""
    lines = [
        SeedLine(kind, COLOURS[kind], around.value_K, moved_K[None])
        for kind, moved_K in around.moved_K.items()
    ]
    xaxis = axis("padded length", "positions")
    if is_contrast:
        ticks = {"tickvals": [0.25, 0.5, 1, 2, 4], "ticktext": ["¼", "½", "1", "2", "4"]}
        xaxis = log_axis("contrast of red", "factor", **ticks)
    return seed_lines(lines, xaxis, axis("outputs move by", "root mean square"))


def _counts(title: str, unit: str, counts: Sequence[int]) -> dict[str, Any]:
    reach = [np.log10(counts[0] / 1.2), np.log10(counts[-1] * 1.2)]
    ticks = [str(count) for count in counts]
    return log_axis(title, unit, tickvals=counts, ticktext=ticks, range=reach)


def _accuracy() -> dict[str, Any]:
    return axis("test accuracy", "share right", range=[0, 1.02], nticks=6)
