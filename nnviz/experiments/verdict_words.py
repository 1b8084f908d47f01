"""A verdict in sentences: who diverged, where the lanes differ, how they stand at the end.

Shapes: T checkpoints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from nnviz.experiments.paired_intervals import least_seeds
from nnviz.experiments.seed_records import Metric, metric_name
from nnviz.experiments.verdict_records import DifferenceRecord, StabilityRecord
from nnviz.records import BoolArray, Task

LOWER_IS_BETTER: frozenset[Metric] = frozenset({"train_loss", "test_loss"})
SMALLER = "This gap is smaller than seed noise."
NO_DIFFERENCE = "At the end, no difference is supported."

Labels: TypeAlias = tuple[str, str]
Differences: TypeAlias = dict[Metric, DifferenceRecord]


def about_divergence(labels: Labels, found: StabilityRecord) -> str:
    """How often each lane diverged and whether that tells them apart; empty where none did."""
    if not any(found.n_diverged):
        return ""
    worse = 0 if found.n_diverged[0] > found.n_diverged[1] else 1
    most, least = found.n_diverged[worse], found.n_diverged[1 - worse]
    counts = f"{labels[worse]} diverged on {most} of {found.n_seeds} seeds,"
    counts += f" {labels[1 - worse]} on {least or 'none'}"
    if not found.ahead:
        return f"{counts}: no difference in stability is supported."
    winner = labels[0 if found.ahead == 1 else 1]
    return f"{counts}: {winner} is ahead on stability (sign test, p = {found.p_value:.2g})."


def too_few(n_seeds: int, level: float, some_diverged: bool) -> str:
    """Why the curves can't be compared at this level; empty where they can."""
    if level == 0:
        return f"Too few seeds are left to compare the curves: {n_seeds}."
    least = least_seeds(level)
    where = " on which neither diverged" if some_diverged else ""
    return f"Too few seeds to tell: {n_seeds} of at least {least}{where}." * (n_seeds < least)


def about_curves(
    labels: Labels,
    checkpoints: Sequence[int],
    differences: Differences,
    task: Task,
    n_left: int | None,
) -> str:
    """Where the lanes differ; `n_left` seeds have both lanes finite, None where all have."""
    claims = {
        sign: [
            f"on {metric_name(metric, task)} at"
            f" {_steps(checkpoints, np.equal(difference.ahead_T, sign))}"
            for metric, difference in differences.items()
            if (difference.ahead_T == sign).any()
        ]
        for sign in (1, -1)
    }
    parts = [
        f"{labels[0 if sign == 1 else 1]} is ahead of {labels[1 if sign == 1 else 0]}"
        f" {' and '.join(found)}"
        for sign, found in claims.items()
        if found
    ]
    where = "" if n_left is None else f"On the {n_left} seeds on which neither diverged: "
    return where + ("; ".join(parts) + "." if parts else SMALLER)


def about_end(labels: Labels, found: StabilityRecord, differences: Differences, task: Task) -> str:
    """One plain sentence about the last checkpoint: what is supported there, or that nothing is."""
    claims = [
        _claim(labels, metric, difference, task)
        for metric, difference in differences.items()
        if difference.ahead_T[-1]
    ]
    if claims and any(found.n_diverged):
        claims[-1] += " where neither diverged"
    if found.ahead:
        claims.insert(0, f"{labels[0 if found.ahead == 1 else 1]} is ahead on stability")
        if len(claims) == 1:
            claims.append("no other difference is supported")
    if not claims:
        return NO_DIFFERENCE
    *others, last = claims
    return f"At the end, {', '.join(others)}{' and ' if others else ''}{last}."


def _claim(labels: Labels, metric: Metric, difference: DifferenceRecord, task: Task) -> str:
    ahead = labels[0 if difference.ahead_T[-1] == 1 else 1]
    word = "lower" if metric in LOWER_IS_BETTER else "higher"
    low, high = sorted(abs(float(ends[-1])) for ends in (difference.low_T, difference.high_T))
    gap = abs(float(difference.mean_T[-1]))
    return f"{ahead}'s {metric_name(metric, task)} is {word} by {gap:.2g} [{low:.2g}, {high:.2g}]"


def _steps(checkpoints: Sequence[int], there_T: BoolArray) -> str:
    """Runs of neighbouring checkpoints: step 8, steps 100-300 and 900."""
    runs: list[list[int]] = []
    for k, (step, there) in enumerate(zip(checkpoints, there_T, strict=True)):
        if there and k and there_T[k - 1]:
            runs[-1][1] = step
        elif there:
            runs.append([step, step])
    texts = [f"{a}" if a == b else f"{a}–{b}" for a, b in runs]
    word = "step" if len(texts) == 1 and "–" not in texts[0] else "steps"
    return f"{word} {', '.join(texts)}"
