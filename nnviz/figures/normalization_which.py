"""What speaks for and against each normalization: small batches, groups, padding, contrast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.experiments.normalization.records import SurroundingsRecord
from nnviz.experiments.normalization.training_records import TrialRecord
from nnviz.figures.layout import axis, log_axis
from nnviz.figures.normalization_lines import COLOURS, SeedLine, seed_lines
from nnviz.figures.theme import FigureDict


def by_batch_size(trials: Sequence[TrialRecord]) -> FigureDict:
    """Test accuracy over batch sizes, a line each normalization."""
    sizes = sorted({trial.batch_size for trial in trials})
    lines = [_line(trials, kind, sizes, "batch_size") for kind in ("batch", "layer", "group")]
    return seed_lines(lines, _counts("batch size", "samples", sizes), _accuracy())


def by_groups(trials: Sequence[TrialRecord]) -> FigureDict:
    """Test accuracy over the number of groups, beside batch and layer normalization."""
    groups = sorted({trial.groups for trial in trials if trial.kind == "group"} | {2})
    lines = [_line(trials, "group", groups, "groups")]
    for kind in ("batch", "layer"):
        one = _line(trials, kind, [2], "groups")
        y_SK = np.repeat(one.y_SK, len(groups), axis=1)
        lines.append(SeedLine(kind, COLOURS[kind], np.array(groups), y_SK))
    return seed_lines(lines, _counts("groups of 64 units", "", groups), _accuracy())


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


def _line(trials: Sequence[TrialRecord], kind: str, places: Sequence[int], by: str) -> SeedLine:
    seeds = sorted({trial.seed for trial in trials})
    found = {(getattr(t, by), t.seed): t.test_accuracy for t in trials if t.kind == kind}
    y_SK = [[found.get((place, seed), np.nan) for place in places] for seed in seeds]
    return SeedLine(kind, COLOURS[kind], np.array(places), np.array(y_SK))


def _counts(title: str, unit: str, counts: Sequence[int]) -> dict[str, Any]:
    return log_axis(title, unit, tickvals=counts, ticktext=[str(count) for count in counts])


def _accuracy() -> dict[str, Any]:
    return axis("test accuracy", "share right", range=[0, 1.02], nticks=6)
