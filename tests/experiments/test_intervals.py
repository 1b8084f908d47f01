"""An interval of a decomposition holds the truth as often as it promises, or is not there.

Shapes: R replicates, N test points, C classes, D data sets, I initializations.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from nnviz.experiments.bias_variance import (
    decompose_cross_entropy,
    decompose_squared,
    decompose_zero_one,
    jackknife,
    split_variance,
)
from nnviz.experiments.bias_variance.jackknife import LEAST_REPLICATES, PROMISE, UPPER, interval
from nnviz.experiments.classical_models import (
    PolynomialSpec,
    SineSpec,
    draw_training_sets,
    predictions_over_replicates,
    sine_truth,
)

GRID = np.linspace(-1, 1, 21)
NOISE = 0.09
N_MEASUREMENTS = 1000
SHOWN = stats.binom.ppf(0.95, N_MEASUREMENTS, PROMISE)
"""So many hits of 1,000 show that the promise is held, with a chance of error of 5 %."""
NOT_REFUTED = stats.binom.ppf(0.01, N_MEASUREMENTS, PROMISE)
"""Fewer hits than this would refute the promise, with a chance of error of 1 %."""


def cubic_fresh(n: int, seed: int) -> np.ndarray:
    """Errors of a cubic on sin πx, 25 noisy points at fresh places for each replicate."""
    sets = draw_training_sets(SineSpec(), n, seed)
    fits = predictions_over_replicates(PolynomialSpec(degree=3), sets.x_RMF, sets.y_RM, GRID)
    return fits - sine_truth(GRID)


def cubic_fixed(n: int, seed: int) -> np.ndarray:
    """The same with one design for all, so that every fit is one matrix of the targets."""
    x_M = np.random.default_rng(7).uniform(-1, 1, 25)
    fit_NM = np.vander(GRID, 4) @ np.linalg.pinv(np.vander(x_M, 4))
    noise_RM = 0.3 * np.random.default_rng(seed).standard_normal((n, 25))
    return (np.sin(np.pi * x_M) + noise_RM) @ fit_NM.T - np.sin(np.pi * GRID)


def heavy_tails(n: int, seed: int) -> np.ndarray:
    """Smooth errors whose size differs between replicates as exp(N(0, ½²)), around a bias."""
    rng, k = np.random.default_rng(seed), np.arange(1, 6)
    waves_KN = np.cos(np.pi * np.outer(k, (GRID + 1) / 2)) / k[:, None]
    size_R1 = np.exp(0.5 * rng.standard_normal((n, 1)))
    return 0.3 * np.sin(2 * np.pi * GRID) + 0.3 * size_R1 * (rng.standard_normal((n, 5)) @ waves_KN)


@pytest.mark.parametrize(
    ("draw", "least"),
    [(cubic_fresh, SHOWN), (cubic_fixed, SHOWN), (heavy_tails, NOT_REFUTED)],
)
@pytest.mark.parametrize("R", [8, 16, 64])
def test_the_intervals_of_squared_loss_hold_the_truth_as_promised(draw, least, R):
    many_RN = draw(100_000, 1)
    variance = many_RN.var(axis=0, ddof=1).mean()
    bias_squared = (many_RN.mean(axis=0) ** 2).mean() - variance / len(many_RN)
    truth = {"bias_squared": bias_squared, "variance": variance}
    truth["risk"] = bias_squared + variance + NOISE
    hits = dict.fromkeys(truth, 0)
    for errors_RN in draw(N_MEASUREMENTS * R, 2).reshape(N_MEASUREMENTS, R, -1):
        record = decompose_squared(errors_RN, np.zeros(len(GRID)), NOISE)
        for name, value in truth.items():
            hits[name] += getattr(record, f"{name}_low") <= value <= getattr(record, f"{name}_high")
    assert min(hits.values()) >= least, hits


def class_logits(n: int, seed: int) -> np.ndarray:
    """Logits (n, N, C) of classifiers that share what they know and differ as smooth waves."""
    rng, (N, C, K) = np.random.default_rng(seed), (12, 3, 4)
    known_NC, waves_KN = (np.random.default_rng(9).standard_normal(s) for s in ((N, C), (K, N)))
    own_RNC = np.einsum("rkc,kn->rnc", rng.standard_normal((n, K, C)), waves_KN) / 2
    return 1.5 * known_NC + np.exp(0.3 * rng.standard_normal((n, 1, 1))) * own_RNC


def log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@pytest.mark.parametrize("R", [8, 16])
def test_the_intervals_of_classifiers_hold_the_truth_as_promised(R):
    labels_N, many = np.arange(12) % 3, log_softmax(class_logits(20_000, 1))
    decompose = {
        "cross_entropy": (lambda logs: decompose_cross_entropy(logs, labels_N), "bias"),
        "zero_one": (
            lambda logs: decompose_zero_one(logs.argmax(axis=2), labels_N, 3, "kohavi_wolpert"),
            "bias_squared",
        ),
    }
    main_NC = log_softmax(many.mean(axis=0))
    error = float((many.argmax(axis=2) != labels_N).mean())
    share_NC = np.stack([(many.argmax(axis=2) == c).mean(axis=0) for c in range(3)], axis=1)
    risk = float(-many[:, np.arange(12), labels_N].mean())
    variance = float((np.exp(main_NC) * (main_NC - many.mean(axis=0))).sum(axis=1).mean())
    votes = float(0.5 * (1 - (share_NC**2).sum(axis=1)).mean())
    truths = {"cross_entropy": (risk - variance, variance, risk),
              "zero_one": (error - votes, votes, error)}  # fmt: skip
    drawn = log_softmax(class_logits(400 * R, 2)).reshape(400, R, 12, 3)
    for loss, (found, bias) in decompose.items():
        for part, truth in zip((bias, "variance", "risk"), truths[loss], strict=True):
            ends = [
                (getattr(record, f"{part}_low"), getattr(record, f"{part}_high"))
                for record in map(found, drawn)
            ]
            hits = sum(low <= truth <= high for low, high in ends)
            assert hits >= stats.binom.ppf(0.01, 400, PROMISE), (loss, part, hits)


def test_the_interval_of_the_risk_is_that_of_a_mean_on_a_logarithmic_scale():
    predictions_RN = np.random.default_rng(0).standard_normal((9, 4)) * np.arange(1, 5)
    record = decompose_squared(predictions_RN, np.zeros(4), 0.5)
    losses_R = (predictions_RN**2).mean(axis=1)
    error, t = losses_R.std(ddof=1) / 3, stats.t.ppf(0.995, 8)
    factor = np.exp(t * error / losses_R.mean())
    assert record.risk_high == pytest.approx(0.5 + losses_R.mean() * factor)
    assert record.risk_low == pytest.approx(0.5 + losses_R.mean() / factor)
    own_N = (predictions_RN**2).std(axis=0, ddof=1) / 3 / (predictions_RN**2).mean(axis=0)
    np.testing.assert_allclose(
        record.risk_high_N, 0.5 + (predictions_RN**2).mean(axis=0) * np.exp(t * own_N)
    )


def test_errors_match_the_spread_over_repeated_experiments():
    R, repeats, t = 40, 400, stats.t.ppf(UPPER, 39)
    estimates, errors = [], []
    for seed in range(repeats):
        noise_RN = np.random.default_rng(seed).standard_normal((R, 3))
        record = decompose_squared(1 + noise_RN, np.zeros(3))
        logs = [np.log(getattr(record, f"{part}_high") / getattr(record, part)) / t
                for part in ("variance", "risk")]  # fmt: skip
        estimates.append((record.bias_squared, record.variance, record.risk))
        bias_error = (record.bias_squared_high - record.bias_squared) / t
        errors.append((bias_error, record.variance * logs[0], record.risk * logs[1]))
    ratio = np.sqrt(np.square(errors).mean(axis=0)) / np.std(estimates, axis=0, ddof=1)
    # the spread of 400 repeats is known to 1/√800 = 3.5 %, the jackknife is right to O(1/R)
    np.testing.assert_allclose(ratio, 1.0, atol=5 / np.sqrt(2 * repeats) + 1 / R)


def test_intervals_do_not_depend_on_the_block_of_points(monkeypatch):
    logs_RNC = log_softmax(class_logits(9, 0))
    whole = decompose_cross_entropy(logs_RNC, np.arange(12) % 3)
    monkeypatch.setattr(jackknife, "BLOCK_NUMBERS", 2 * 9 * 3)
    blocks = decompose_cross_entropy(logs_RNC, np.arange(12) % 3)
    assert blocks.variance_high == pytest.approx(whole.variance_high, rel=1e-12)
    np.testing.assert_allclose(blocks.risk_low_N, whole.risk_low_N, rtol=1e-12)


@pytest.mark.parametrize("R", [LEAST_REPLICATES - 1, LEAST_REPLICATES])
def test_there_is_an_interval_from_eight_replicates_on(R):
    logits, labels_N = class_logits(R, 0), np.arange(12) % 3
    votes = logits.argmax(axis=2)
    for record in (
        decompose_squared(logits[:, :, 0], np.zeros(12)),
        decompose_cross_entropy(log_softmax(logits), labels_N),
        decompose_zero_one(votes, labels_N, 3),
        decompose_zero_one(votes, labels_N, 3, "kohavi_wolpert"),
    ):
        ends = record.risk_low, record.risk_high
        if R < LEAST_REPLICATES:
            assert np.isnan(ends).all()
            assert np.isnan(record.risk_low_N).all()
        else:
            assert ends[0] < record.risk < ends[1]


def test_replicates_that_all_agree_give_no_interval():
    right = decompose_zero_one(np.ones((9, 5), dtype=int), np.ones(5, dtype=int), 2)
    assert right.risk == 0
    assert np.isnan([right.risk_low, right.risk_high]).all()
    low, high = interval(np.array([0.0, 2.0]), np.array([0.0, 1.0]), 9, 0.0)
    assert np.isnan([low[0], high[0]]).all()
    assert 0 < low[1] < 2 < high[1]


def test_nested_intervals_are_those_of_a_mean_over_data_sets():
    predictions_DIN = np.random.default_rng(0).standard_normal((9, 3, 2))
    record = split_variance(predictions_DIN)
    within_D = predictions_DIN.var(axis=1, ddof=1).mean(axis=1)
    factor = np.exp(stats.t.ppf(UPPER, 8) * within_D.std(ddof=1) / 3 / within_D.mean())
    assert record.initialization_variance_high == pytest.approx(within_D.mean() * factor)
    assert np.isnan(record.interaction_low)


def test_crossed_errors_are_not_too_narrow():
    parts, errors, t = [], [], stats.t.ppf(UPPER, 7)
    for seed in range(200):
        rng = np.random.default_rng(seed)
        effects_DIN = (rng.standard_normal(s) for s in ((8, 1, 2), (1, 8, 2), (8, 8, 2)))
        record = split_variance(sum(effects_DIN), design="crossed")
        start = record.initialization_variance
        parts.append((record.data_variance, start))
        data_error = (record.data_variance_high - record.data_variance) / t
        errors.append((data_error, start * np.log(record.initialization_variance_high / start) / t))
    ratio = np.sqrt(np.square(errors).mean(axis=0)) / np.std(parts, axis=0, ddof=1)
    # 200 repeats know a spread to 5 %; the error of a variance of 8 may be low by up to 1/8
    assert (ratio > 1 - 5 * 0.05 - 1 / 8).all()


WRONG = {0.3: 0.65, 0.49: 0.10, 0.9: 0.25}
"""Chance of a wrong vote at a point -> share of such points: the main prediction of infinitely
many replicates is wrong at a quarter of them."""


def expected(part: str, method: str, R: int) -> float:
    """Exact expectation of an estimate at R replicates: all numbers of wrong votes, weighted."""
    wrong_K = np.arange(R + 1)
    votes_RK = (np.arange(R)[:, None] < wrong_K).astype(int)
    found = 0.0
    for label in (0, 1):  # of a tie the lowest class wins: each label has its turn
        record = decompose_zero_one(
            votes_RK if label == 0 else 1 - votes_RK, np.full(R + 1, label), 2, method
        )
        for chance, share in WRONG.items():
            found += share / 2 * (stats.binom.pmf(wrong_K, R, chance) @ getattr(record, part))
    return float(found)


@pytest.mark.parametrize(("R", "shown"), [(5, 0.40), (20, 0.32), (50, 0.30)])
def test_the_bias_of_domingos_moves_with_the_number_of_replicates(R, shown):
    assert sum(share for chance, share in WRONG.items() if chance > 0.5) == 0.25
    assert expected("bias_N", "domingos", R) == pytest.approx(shown, abs=0.005)


@pytest.mark.parametrize("R", [5, 20, 50])
def test_the_bias_of_kohavi_and_wolpert_does_not(R):
    true = sum(share * chance**2 for chance, share in WRONG.items())
    assert expected("bias_squared_N", "kohavi_wolpert", R) == pytest.approx(true, rel=1e-9)
