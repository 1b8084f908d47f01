"""Which lane is ahead, said only where seed noise can't explain it.

Shapes: L lanes, S seeds, T checkpoints, M metrics, J = M·T hypotheses of one pair of lanes,
F sign flips.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnviz.experiments.seed_bands import Metric, SeedBandsRecord
from nnviz.records import BoolArray, FloatArray, IntArray

METHOD = (
    "Paired differences over seeds. The interval is mean ± c · standard error, c the same for"
    " both metrics and all checkpoints of a pair: the quantile of the largest |t| when every"
    " seed's differences keep or change their sign together (sign-flipping maximum statistic,"
    " Westfall & Young 1993; Nichols & Holmes 2002), at 5 % divided by the number of pairs."
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
LEVEL = 0.05
MAX_EXACT_SEEDS = 12
N_RANDOM_FLIPS = 4096


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
    return VerdictRecord(
        tuple(_pair(bands, names, pair, metrics, level / len(pairs)) for pair in pairs),
        level,
        METHOD,
    )


def simultaneous_intervals(
    differences_SJ: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    """Mean and half width of each of J hypotheses; a true zero is excluded with chance ≤ level.

    Half widths are infinite where so few seeds have too few sign flips: 2 / 2^S > level.
    Source: Nichols & Holmes 2002; random flips beyond 12 seeds as in Phipson & Smyth 2010.
    """
    S, J = differences_SJ.shape
    mean_J = differences_SJ.mean(axis=0)
    n_allowed = 0
    if S >= 2:
        signs_FS = _signs(S)
        n_allowed = math.floor(level * len(signs_FS) + 1e-9)
    if n_allowed < 2:
        return mean_J, np.full(J, np.inf)
    factor = max(
        np.sort(_largest_t(signs_FS, values_SJ))[::-1][n_allowed]
        for values_SJ in (differences_SJ, differences_SJ - mean_J)
    )
    error_J = differences_SJ.std(axis=0, ddof=1) / math.sqrt(S)
    return mean_J, np.asarray(factor * error_J * (1 + 1e-9))


def least_seeds(n_pairs: int, level: float = LEVEL) -> int:
    """How many seeds it takes before any difference can be told from noise."""
    return math.ceil(1 + math.log2(n_pairs / level))


def _signs(S: int) -> FloatArray:
    if S <= MAX_EXACT_SEEDS:
        return np.array(list(itertools.product((1.0, -1.0), repeat=S)))
    drawn = np.random.default_rng(0).choice((1.0, -1.0), (N_RANDOM_FLIPS, S))
    drawn[0] = 1.0
    return np.asarray(drawn)


def _largest_t(signs_FS: FloatArray, values_SJ: FloatArray) -> FloatArray:
    """max_j |t| of the flipped differences, (F,); 0 / 0 counts as 0."""
    S = len(values_SJ)
    mean_FJ = signs_FS @ values_SJ / S
    square_J = (values_SJ**2).mean(axis=0)
    scale_J = np.where(square_J > 0, square_J, 1.0)
    share_FJ = np.minimum(mean_FJ**2 / scale_J, 1.0)
    share_FJ[share_FJ > 1 - 1e-12] = 1.0
    with np.errstate(divide="ignore"):
        t_squared_FJ = (S - 1) * share_FJ / (1 - share_FJ)
    return np.asarray(np.sqrt(t_squared_FJ.max(axis=1)))


def _pair(
    bands: SeedBandsRecord,
    names: Sequence[str],
    pair: tuple[int, int],
    metrics: Sequence[Metric],
    level: float,
) -> PairVerdict:
    first, second = pair
    values_MST = np.stack([bands.curves(m)[first] - bands.curves(m)[second] for m in metrics])
    diverged_LS = bands.diverged_LST.any(axis=2)
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
    sentence = _sentence(labels, bands.checkpoints, differences, n_seeds, level)
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
    level: float,
) -> str:
    needed = least_seeds(1, level)
    if n_seeds < needed:
        return f"Too few seeds to tell: {n_seeds} of at least {needed}."
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
