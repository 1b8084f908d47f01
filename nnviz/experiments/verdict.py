"""Which lane is ahead, said only where seed noise can't explain it.

Shapes: L lanes, S seeds, T checkpoints, M metrics, J = M·T differences of one pair of lanes.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnviz.experiments.paired_intervals import (
    LEVEL,
    least_seeds,
    level_of_pair,
    simultaneous_intervals,
)
from nnviz.experiments.seed_records import Metric, SeedBandsRecord
from nnviz.records import BoolArray, FloatArray, IntArray

METHOD = (
    "Paired differences over seeds. The interval is mean ± c · standard error, c the same for"
    " both metrics and all checkpoints of a pair: the quantile of the largest |t| when every"
    " seed's differences keep or change their sign together (sign-flipping maximum statistic,"
    " Westfall & Young 1993; Nichols & Holmes 2002), at 5 % divided by the number of"
    " pairs, and at 2.5 % for a single pair."
    " It is exact where the lanes are exchangeable on every seed, whatever the distribution."
)
LOWER_IS_BETTER: frozenset[Metric] = frozenset({"train_loss", "test_loss"})
NAMES: dict[Metric, str] = {
    "test_accuracy": "test accuracy",
    "test_loss": "test loss",
    "train_accuracy": "training accuracy",
    "train_loss": "training loss",
}
SMALLER = "This gap is smaller than seed noise."


@dataclass(frozen=True)
class DifferenceRecord:
    """First lane minus second, per checkpoint (T,): mean over seeds and simultaneous interval."""

    mean_T: FloatArray
    low_T: FloatArray
    high_T: FloatArray
    ahead_T: IntArray
    """1 where the first lane is better beyond seed noise, -1 where the second is, else 0."""


@dataclass(frozen=True)
class PairVerdict:
    """What can be said of two lanes."""

    first: int
    second: int
    differences: dict[Metric, DifferenceRecord]
    n_seeds: int
    """Seeds on which neither lane has diverged."""
    n_diverged: tuple[int, int]
    sentence: str


@dataclass(frozen=True)
class VerdictRecord:
    """All pairs of lanes; the chance of any wrong claim in it is at most 5 %."""

    pairs: tuple[PairVerdict, ...]
    level: float
    method: str


def verdict(
    bands: SeedBandsRecord,
    names: Sequence[str],
    metrics: Sequence[Metric] = ("test_accuracy", "test_loss"),
    level: float = LEVEL,
) -> VerdictRecord:
    """Compare every pair of lanes at all checkpoints, with one family-wise error rate.

    Seeds on which a lane of the pair has diverged are left out of it, and the sentence says so.
    Raises ValueError unless there is one name a lane and at least two lanes.
    """
    L = len(bands.test_loss_LST)
    if len(names) != L or L < 2:
        raise ValueError(f"names must be one for each of at least 2 lanes; got {len(names)}")
    pairs = list(itertools.combinations(range(L), 2))
    own_level, least = level_of_pair(len(pairs), level), least_seeds(len(pairs), level)
    return VerdictRecord(
        tuple(_pair(bands, names, pair, metrics, own_level, least) for pair in pairs),
        level,
        METHOD,
    )


def _pair(
    bands: SeedBandsRecord,
    names: Sequence[str],
    pair: tuple[int, int],
    metrics: Sequence[Metric],
    level: float,
    least: int,
) -> PairVerdict:
    first, second = pair
    values_MST = np.stack([bands.curves(m)[first] - bands.curves(m)[second] for m in metrics])
    diverged_LS = np.asarray(bands.diverged_LST.any(axis=2))
    kept_S = ~np.isnan(values_MST).any(axis=(0, 2))
    M, _, T = values_MST.shape
    values_SJ = values_MST[:, kept_S].transpose(1, 0, 2).reshape(-1, M * T)
    n_seeds = len(values_SJ)
    mean_J, half_J = np.full(M * T, np.nan), np.full(M * T, np.inf)
    if n_seeds:
        mean_J, half_J = simultaneous_intervals(values_SJ, level)
    differences = {
        metric: _difference(metric, mean_T, half_T)
        for metric, mean_T, half_T in zip(
            metrics, mean_J.reshape(M, T), half_J.reshape(M, T), strict=True
        )
    }
    n_diverged = (int(diverged_LS[first].sum()), int(diverged_LS[second].sum()))
    labels = names[first], names[second]
    sentence = _sentence(labels, bands.checkpoints, differences, n_seeds, least)
    return PairVerdict(
        first,
        second,
        differences,
        n_seeds,
        n_diverged,
        sentence + _about_diverged(labels, n_diverged, len(kept_S)),
    )


def _difference(metric: Metric, mean_T: FloatArray, half_T: FloatArray) -> DifferenceRecord:
    better_T = -mean_T if metric in LOWER_IS_BETTER else mean_T
    ahead_T = np.where(np.abs(mean_T) > half_T, np.sign(better_T), 0).astype(int)
    return DifferenceRecord(mean_T, mean_T - half_T, mean_T + half_T, ahead_T)


def _sentence(
    labels: tuple[str, str],
    checkpoints: Sequence[int],
    differences: dict[Metric, DifferenceRecord],
    n_seeds: int,
    least: int,
) -> str:
    if n_seeds < least:
        return f"Too few seeds to tell: {n_seeds} of at least {least}."
    claims = {
        sign: [
            f"on {NAMES[metric]} at {_steps(checkpoints, np.equal(difference.ahead_T, sign))}"
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
    return "; ".join(parts) + "." if parts else SMALLER


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


def _about_diverged(labels: tuple[str, str], n_diverged: tuple[int, int], n_seeds: int) -> str:
    told = [
        f" {label} diverged on {n} of {n_seeds} seeds, which are left out."
        for label, n in zip(labels, n_diverged, strict=True)
        if n
    ]
    return "".join(told)
