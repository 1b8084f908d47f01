"""Which lane is ahead, said only where seed noise can't explain it.

Shapes: L lanes, S seeds, T checkpoints, M metrics, J = M·T differences of one pair of lanes.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from nnviz.experiments.paired_intervals import (
    LEVEL,
    level_of_pair,
    simultaneous_intervals,
)
from nnviz.experiments.seed_records import Metric, SeedBandsRecord
from nnviz.experiments.stability import shared_levels, stability
from nnviz.experiments.verdict_records import (
    DifferenceRecord,
    PairVerdict,
    VerdictRecord,
)
from nnviz.experiments.verdict_words import (
    LOWER_IS_BETTER,
    about_curves,
    about_divergence,
    about_end,
    too_few,
)
from nnviz.records import BoolArray, FloatArray

METHOD = (
    "Two questions a pair. Stability: a lane that diverges has lost on that seed; exact sign test"
    " over the seeds on which one lane alone diverged (McNemar 1947). Curves: paired differences"
    " over the seeds on which neither diverged; on the others there is no loss to compare, so what"
    " is said of curves is said of seeds that both lanes survive. The interval is mean ± c ·"
    " standard error, c the same for both metrics and all checkpoints of a pair: the quantile of"
    " the largest |t| when every seed's differences keep or change their sign together"
    " (sign-flipping maximum statistic, Westfall & Young 1993; Nichols & Holmes 2002). Claims of"
    " stability count in the same error rate: a pair has 5 % divided by the number of pairs, and"
    " 2.5 % if it is the only one; the curves have all of it where too few seeds diverged alone to"
    " tell anything, the divergences where too few are left, and otherwise they share it."
)
ASSUMPTION = (
    "Assumed: seeds are independent; if two lanes were equal, which of them diverges on a seed, or"
    " is ahead, would be as likely the other way around (exchangeable lanes); around a difference"
    " other than 0, differences are symmetric."
)


def verdict(
    bands: SeedBandsRecord,
    names: Sequence[str],
    metrics: Sequence[Metric] = ("test_accuracy", "test_loss"),
    level: float = LEVEL,
) -> VerdictRecord:
    """Compare every pair of lanes at all checkpoints, with one family-wise error rate.

    The rate is at most `level` for all claims together, the divergences included, where lanes
    without a difference are exchangeable on every seed, whatever the distribution. Metrics are
    compared on the seeds on which neither lane of the pair has diverged, and the sentence says so.
    Raises ValueError unless there is one name a lane and at least two lanes.
    """
    L = len(bands.test_loss_LST)
    if len(names) != L or L < 2:
        raise ValueError(f"names must be one for each of at least 2 lanes; got {len(names)}")
    pairs = list(itertools.combinations(range(L), 2))
    own_level = level_of_pair(len(pairs), level)
    found = tuple(_pair(bands, names, pair, metrics, own_level) for pair in pairs)
    return VerdictRecord(found, level, METHOD, ASSUMPTION)


def _pair(
    bands: SeedBandsRecord,
    names: Sequence[str],
    pair: tuple[int, int],
    metrics: Sequence[Metric],
    level: float,
) -> PairVerdict:
    first, second = pair
    first_S, second_S = (np.asarray(bands.diverged_LST[lane].any(axis=1)) for lane in pair)
    values_MST = np.stack([bands.curves(m)[first] - bands.curves(m)[second] for m in metrics])
    kept_S = ~np.isnan(values_MST).any(axis=(0, 2)) & ~first_S & ~second_S
    n_left, n_alone = int(kept_S.sum()), int((first_S ^ second_S).sum())
    own_level, curve_level = shared_levels(level, n_alone, n_left)
    steady = stability(first_S, second_S, own_level)
    differences = _differences(metrics, values_MST, kept_S, curve_level)
    labels = names[first], names[second]
    lead = about_divergence(labels, steady)
    curves = too_few(n_left, curve_level, bool(lead)) or about_curves(
        labels, bands.checkpoints, differences, bands.task, n_left if lead else None
    )
    at_end = about_end(labels, steady, differences, bands.task)
    sentence = " ".join(filter(None, (lead, curves, at_end)))
    return PairVerdict(first, second, steady, differences, n_left, curve_level, sentence, at_end)


def _differences(
    metrics: Sequence[Metric], values_MST: FloatArray, kept_S: BoolArray, level: float
) -> dict[Metric, DifferenceRecord]:
    M, _, T = values_MST.shape
    values_SJ = values_MST[:, kept_S].transpose(1, 0, 2).reshape(-1, M * T)
    mean_J, half_J = np.full(M * T, np.nan), np.full(M * T, np.inf)
    if len(values_SJ):
        mean_J, half_J = simultaneous_intervals(values_SJ, level)
    rows = zip(metrics, mean_J.reshape(M, T), half_J.reshape(M, T), strict=True)
    return {metric: _difference(metric, mean_T, half_T) for metric, mean_T, half_T in rows}


def _difference(metric: Metric, mean_T: FloatArray, half_T: FloatArray) -> DifferenceRecord:
    better_T = -mean_T if metric in LOWER_IS_BETTER else mean_T
    ahead_T = np.where(np.abs(mean_T) > half_T, np.sign(better_T), 0).astype(int)
    return DifferenceRecord(mean_T, mean_T - half_T, mean_T + half_T, ahead_T)
