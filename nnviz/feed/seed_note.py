"""Why one run proves nothing, said beside its curves, and what a repetition has found."""

from __future__ import annotations

import math

from nnviz import figures
from nnviz.feed.view import Shown
from nnviz.figures import FigureDict
from nnviz.records import has_classes

N_SEEDS = 8
REPEAT = "repeat"


def draw(s: Shown) -> FigureDict:
    """The gap of this one run, and whether it is within seed noise as far as that is known."""
    gap, repeated = _gap(s), s.repeated
    if repeated is None:
        words = " ".join([*gap, "Another seed may turn that around."])
        return figures.note([words], REPEAT, f"Repeat with {N_SEEDS} seeds")
    if not repeated.verdict:
        return figures.note(
            [*gap, f"Repeating all lanes with other seeds, {repeated.n_seeds} so far …"],
            done=repeated.fraction,
        )
    return figures.note([f"{repeated.n_seeds} seeds say:", *repeated.verdict])


def _gap(s: Shown) -> list[str]:
    """Who is ahead in this run, by how much."""
    quality = [
        (taken.test_accuracy, name)
        for taken, name in zip(s.snapshots, s.names, strict=True)
        if math.isfinite(taken.test_accuracy)
    ]
    if len(quality) < 2:
        return []
    (low, worst), (high, best) = min(quality), max(quality)
    if high - low < 5e-4:
        return ["In this run the lanes are level."]
    in_points = has_classes(s.snapshots[0].task)
    by = f"{100 * (high - low):.1f} points" if in_points else f"{high - low:.3f} in R²"
    return [f"In this run {best} is {by} ahead of {worst}."]
