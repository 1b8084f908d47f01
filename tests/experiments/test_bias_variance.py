"""The parts of the risk are what their definitions say, unbiased, and add up.

Shapes: R replicates, N test points, C classes. Unbiasedness is proved by enumeration: every
R-tuple of outcomes of a small discrete distribution becomes one test point, and the mean over
those points, weighted by their probabilities, is the exact expectation of an estimator.
"""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from nnviz.experiments.bias_variance import (
    decompose_cross_entropy,
    decompose_squared,
    decompose_zero_one,
    ensemble_risk,
    split_variance,
)

OUTCOMES = np.array([0.0, 1.0, 3.0])
SHARES = np.array([0.5, 0.3, 0.2])
SEEDS = (0, 1, 2)

quick = settings(max_examples=60, deadline=None)


def tuples_of(n_outcomes: int, shares: np.ndarray, R: int) -> tuple[np.ndarray, np.ndarray]:
    """Every R-tuple of outcomes as a column (R, N), and its probability (N,)."""
    indices_RN = np.array(list(itertools.product(range(n_outcomes), repeat=R))).T
    return indices_RN, shares[indices_RN].prod(axis=0)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@st.composite
def real_predictions(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    R, N = draw(st.integers(2, 6)), draw(st.integers(1, 4))
    numbers = st.floats(-100, 100)
    return draw(arrays(float, (R, N), elements=numbers)), draw(arrays(float, N, elements=numbers))


@st.composite
def class_predictions(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int]:
    C, R, N = draw(st.integers(2, 5)), draw(st.integers(2, 7)), draw(st.integers(1, 4))
    classes = st.integers(0, C - 1)
    return draw(arrays(int, (R, N), elements=classes)), draw(arrays(int, N, elements=classes)), C


@st.composite
def log_predictions(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    C, R, N = draw(st.integers(2, 4)), draw(st.integers(2, 5)), draw(st.integers(1, 3))
    logits = draw(arrays(float, (R, N, C), elements=st.floats(-30, 30)))
    return log_softmax(logits), draw(arrays(int, N, elements=st.integers(0, C - 1)))


class TestSquared:
    @quick
    @given(real_predictions(), st.floats(0, 10))
    def test_parts_are_the_formulas_and_add_up_to_the_risk(self, data, noise):
        predictions_RN, truth_N = data
        record = decompose_squared(predictions_RN, truth_N, noise)
        variance_N = predictions_RN.var(axis=0, ddof=1)
        bias_squared_N = (predictions_RN.mean(axis=0) - truth_N) ** 2 - variance_N / len(
            predictions_RN
        )
        risk_N = ((predictions_RN - truth_N) ** 2).mean(axis=0) + noise
        sum_N = record.bias_squared_N + record.variance_N + record.noise_N
        np.testing.assert_allclose(record.variance_N, variance_N, atol=1e-9)
        np.testing.assert_allclose(record.bias_squared_N, bias_squared_N, atol=1e-9)
        np.testing.assert_allclose(record.risk_N, risk_N, atol=1e-9)
        np.testing.assert_allclose(sum_N, risk_N, atol=1e-9)
        assert record.bias_squared + record.variance + record.noise == pytest.approx(
            record.risk, abs=1e-9
        )
        assert record.risk_R.mean() == pytest.approx(record.risk, abs=1e-9)

    @pytest.mark.parametrize("R", [2, 3, 4])
    @pytest.mark.parametrize("truth", [-1.0, 0.9])
    def test_both_parts_are_unbiased_at_any_number_of_replicates(self, R, truth):
        indices_RN, shares_N = tuples_of(3, SHARES, R)
        record = decompose_squared(OUTCOMES[indices_RN], np.full(len(shares_N), truth))
        mean = SHARES @ OUTCOMES
        assert shares_N @ record.variance_N == pytest.approx(SHARES @ (OUTCOMES - mean) ** 2)
        assert shares_N @ record.bias_squared_N == pytest.approx((mean - truth) ** 2, abs=1e-12)

    @pytest.mark.parametrize("seed", SEEDS)
    def test_known_bias_and_spread_are_found_within_five_standard_errors(self, seed):
        R, N, b, s = 20, 200, 0.5, 0.8
        generator = np.random.default_rng(seed)
        truth_N = generator.uniform(-1, 1, N)
        record = decompose_squared(truth_N + b + s * generator.standard_normal((R, N)), truth_N)
        bias_se = np.sqrt((4 * b**2 * s**2 / R + 2 * s**4 / (R * (R - 1))) / N)
        assert abs(record.bias_squared - b**2) < 5 * bias_se
        assert abs(record.variance - s**2) < 5 * np.sqrt(2 * s**4 / (R - 1) / N)

    def test_bias_squared_is_not_clipped_and_is_negative_as_often_as_students_t_says(self):
        R, N = 10, 20_000
        predictions_RN = np.random.default_rng(0).standard_normal((R, N))
        record = decompose_squared(predictions_RN, np.zeros(N))
        expected = 1 - 2 * stats.t.sf(1.0, R - 1)
        negative = float((record.bias_squared_N < 0).mean())
        assert abs(negative - expected) < 5 * np.sqrt(expected * (1 - expected) / N)

    def test_risk_is_the_error_on_fresh_noisy_targets(self):
        generator, sigma, n = np.random.default_rng(0), 0.7, 100_000
        predictions_RN, truth_N = generator.standard_normal((8, 5)), generator.standard_normal(5)
        noisy = truth_N + sigma * generator.standard_normal((n, 1, 5))
        errors_n = ((predictions_RN - noisy) ** 2).mean(axis=(1, 2))
        risk = decompose_squared(predictions_RN, truth_N, sigma**2).risk
        assert abs(errors_n.mean() - risk) < 5 * errors_n.std() / np.sqrt(n)

    def test_a_variance_far_below_the_bias_keeps_its_digits(self):
        predictions_RN = 1e6 + np.random.default_rng(0).standard_normal((50, 3))
        record = decompose_squared(predictions_RN, np.zeros(3))
        # one rounding of a number near 1e6 is 1e-10; the spread is 1
        np.testing.assert_allclose(record.variance_N, predictions_RN.var(axis=0, ddof=1), rtol=1e-8)

    def test_noisy_truth_is_said_and_its_noise_is_not_counted_twice(self):
        predictions_RN = np.random.default_rng(0).standard_normal((4, 3))
        assert decompose_squared(
            predictions_RN, np.ones(3), truth_is_noisy=True
        ).bias_includes_noise
        with pytest.raises(ValueError, match="noise_variance must be 0 when truth_is_noisy"):
            decompose_squared(predictions_RN, np.ones(3), 0.1, truth_is_noisy=True)

    def test_median_risk_does_not_follow_one_wild_replicate(self):
        predictions_RN = np.ones((5, 4))
        predictions_RN[2] = 1e3
        record = decompose_squared(predictions_RN, np.zeros(4))
        assert record.median_risk == 1
        assert record.risk > 1e5


class TestDomingos:
    @quick
    @given(class_predictions())
    def test_every_part_is_its_definition_counted_by_hand(self, data):
        predicted_RN, labels_N, C = data
        record = decompose_zero_one(predicted_RN, labels_N, C)
        for n, (votes_R, y) in enumerate(zip(predicted_RN.T, labels_N, strict=True)):
            counts = Counter(votes_R.tolist())
            most = max(counts.values())
            winners = sorted(c for c, votes in counts.items() if votes == most)
            assert record.main_N[n] == winners[0]
            assert record.tied_N[n] == (len(winners) > 1)
            assert record.bias_N[n] == (winners[0] != y)
            assert record.variance_N[n] == pytest.approx(np.mean(votes_R != winners[0]))
            assert record.risk_N[n] == pytest.approx(np.mean(votes_R != y))
        sum_N = record.bias_N + record.variance_contribution_N + record.noise_N
        np.testing.assert_allclose(sum_N, record.risk_N, atol=1e-12)
        total = record.bias + record.unbiased_variance - record.biased_variance
        assert total == pytest.approx(record.risk, abs=1e-12)

    @quick
    @given(arrays(int, (5, 3), elements=st.integers(0, 1)))
    def test_two_classes_follow_the_two_class_formula(self, predicted_RN):
        record = decompose_zero_one(predicted_RN, [0, 1, 1], 2)
        error = np.mean(record.bias_N + (1 - 2 * record.bias_N) * record.variance_N)
        assert error == pytest.approx(record.risk, abs=1e-12)

    def test_with_three_classes_only_correct_votes_are_subtracted_on_a_biased_point(self):
        record = decompose_zero_one([[0], [0], [1], [2]], [2], 3)
        assert record.variance == 0.5
        assert record.variance_contribution == -0.25
        assert record.risk == 0.75
        assert record.bias + (1 - 2 * record.bias) * record.variance != record.risk

    def test_a_tie_goes_to_the_lowest_class_and_is_reported(self):
        record = decompose_zero_one([[2, 1], [1, 1]], [2, 1], 3)
        assert record.main_N.tolist() == [1, 1]
        assert record.tied_N.tolist() == [True, False]
        assert record.tied_fraction == 0.5


class TestKohaviWolpert:
    @quick
    @given(class_predictions())
    def test_parts_add_up_to_the_error(self, data):
        predicted_RN, labels_N, C = data
        record = decompose_zero_one(predicted_RN, labels_N, C, "kohavi_wolpert")
        error_N = (predicted_RN != labels_N).mean(axis=0)
        np.testing.assert_allclose(record.risk_N, error_N, atol=1e-12)
        sum_N = record.bias_squared_N + record.variance_N + record.noise_N
        np.testing.assert_allclose(sum_N, error_N, atol=1e-12)

    @pytest.mark.parametrize("R", [2, 3, 4])
    @pytest.mark.parametrize("label", [0, 1, 2])
    def test_both_parts_are_unbiased_at_any_number_of_replicates(self, R, label):
        votes_RN, shares_N = tuples_of(3, SHARES, R)
        labels_N = np.full(len(shares_N), label)
        record = decompose_zero_one(votes_RN, labels_N, 3, "kohavi_wolpert")
        one_hot = np.eye(3)[label]
        bias_squared, variance = 0.5 * np.sum((one_hot - SHARES) ** 2), 0.5 * (1 - SHARES @ SHARES)
        assert shares_N @ record.bias_squared_N == pytest.approx(bias_squared)
        assert shares_N @ record.variance_N == pytest.approx(variance)


class TestCrossEntropy:
    @quick
    @given(log_predictions())
    def test_parts_are_their_definitions_and_add_up_to_the_risk(self, data):
        logs_RNC, labels_N = data
        record = decompose_cross_entropy(logs_RNC, labels_N)
        R, N, _ = logs_RNC.shape
        main_NC = record.main_log_probabilities_NC
        divergence_N = (np.exp(main_NC) * (main_NC - logs_RNC)).sum(axis=2).mean(axis=0)
        risk_N = -logs_RNC[:, np.arange(N), labels_N].mean(axis=0)
        np.testing.assert_allclose(np.exp(main_NC).sum(axis=1), 1, atol=1e-12)
        np.testing.assert_allclose(record.variance_plug_in_N, divergence_N, atol=1e-9)
        np.testing.assert_allclose(
            record.bias_plug_in_N, -main_NC[np.arange(N), labels_N], atol=1e-9
        )
        np.testing.assert_allclose(record.variance_N, divergence_N * R / (R - 1), atol=1e-9)
        np.testing.assert_allclose(record.risk_N, risk_N, atol=1e-9)
        np.testing.assert_allclose(record.bias_N + record.variance_N, risk_N, atol=1e-9)
        np.testing.assert_allclose(
            record.bias_plug_in_N + record.variance_plug_in_N, risk_N, atol=1e-9
        )

    def test_main_prediction_minimizes_the_mean_divergence_over_the_simplex(self):
        logs_RNC = log_softmax(np.random.default_rng(0).standard_normal((4, 1, 3)))
        record = decompose_cross_entropy(logs_RNC, [0])
        step = 0.01
        grid = np.array(
            [
                (a, b, 1 - a - b)
                for a in np.arange(step, 1, step)
                for b in np.arange(step, 1 - a, step)
            ]
        )
        grid = grid[grid.min(axis=1) > step / 2]
        mean_kl = (
            (grid[:, None] * (np.log(grid)[:, None] - logs_RNC[:, 0])).sum(axis=2).mean(axis=1)
        )
        main_C = np.exp(record.main_log_probabilities_NC[0])
        assert mean_kl.min() >= record.variance_plug_in
        assert np.abs(grid[mean_kl.argmin()] - main_C).max() <= step
        from_main = (grid * (np.log(grid) - np.log(main_C))).sum(axis=1)
        np.testing.assert_allclose(mean_kl, record.variance_plug_in + from_main, atol=1e-12)

    def test_log_probabilities_of_minus_ten_thousand_do_not_underflow(self):
        record = decompose_cross_entropy([[[0.0, -1e4]], [[-1e4, 0.0]]], [0])
        assert record.risk == 5000
        assert record.bias_plug_in == pytest.approx(np.log(2), abs=1e-9)
        assert record.variance_plug_in == pytest.approx(5000 - np.log(2), abs=1e-9)

    def test_replicates_that_agree_have_no_variance(self):
        logs_NC = log_softmax(np.random.default_rng(0).standard_normal((5, 3)))
        record = decompose_cross_entropy(np.stack([logs_NC] * 4), np.zeros(5, dtype=int))
        np.testing.assert_allclose(record.variance_N, 0, atol=1e-12)
        np.testing.assert_allclose(record.bias_N, -logs_NC[:, 0], atol=1e-12)

    def test_correction_removes_the_first_order_error_of_finite_replicates(self):
        def errors(spread: float) -> tuple[float, float]:
            outcomes = log_softmax(np.array([[-spread, 0.3], [spread, 0.3]]))
            true = -np.log(np.exp(outcomes.mean(axis=0)).sum())
            indices_RN, shares_N = tuples_of(2, np.array([0.5, 0.5]), 3)
            record = decompose_cross_entropy(
                outcomes[indices_RN], np.zeros(len(shares_N), dtype=int)
            )
            return (
                shares_N @ record.variance_plug_in_N - true,
                shares_N @ record.variance_N - true,
            )

        (plug_wide, corrected_wide), (plug_narrow, corrected_narrow) = errors(0.2), errors(0.1)
        # half the spread: an error of second order falls to 1/4, one of fourth order to 1/16
        assert plug_wide / plug_narrow == pytest.approx(4, rel=0.05)
        assert corrected_wide / corrected_narrow == pytest.approx(16, rel=0.05)
        assert abs(corrected_wide) < 0.05 * abs(plug_wide)

    def test_single_precision_log_softmax_is_taken(self):
        logs_RNC = log_softmax(np.random.default_rng(0).standard_normal((3, 4, 10)) * 50)
        record = decompose_cross_entropy(logs_RNC.astype(np.float32), np.zeros(4, dtype=int))
        assert record.bias + record.variance == pytest.approx(record.risk, abs=1e-9)


def effects(*shapes: tuple[int, int]) -> list[np.ndarray]:
    """Every combination of signs ±1 for independent effects of these (D, I) shapes, N last."""
    sizes = [d * i for d, i in shapes]
    signs_N = np.array(list(itertools.product([-1.0, 1.0], repeat=sum(sizes)))).T
    parts = np.split(signs_N, np.cumsum(sizes)[:-1])
    return [part.reshape(*shape, -1) for part, shape in zip(parts, shapes, strict=True)]


class TestSplitVariance:
    def test_nested_parts_are_unbiased_even_where_the_spread_depends_on_the_data(self):
        data_D1N, start_DIN = effects((2, 1), (2, 3))
        predictions_DIN = 5 + data_D1N + (2 + data_D1N) * start_DIN
        record = split_variance(predictions_DIN)
        assert record.data_variance == pytest.approx(1.0)
        assert record.initialization_variance == pytest.approx((1**2 + 3**2) / 2)
        assert record.variance == pytest.approx(6.0)
        assert np.isnan(record.interaction)

    def test_crossed_parts_are_unbiased_and_the_nested_formula_would_not_be(self):
        a_D1N, b_1IN, c_DIN = effects((2, 1), (1, 2), (2, 2))
        predictions_DIN = a_D1N + 2 * b_1IN + 3 * c_DIN
        record = split_variance(predictions_DIN, design="crossed")
        assert record.data_variance == pytest.approx(1.0)
        assert record.initialization_variance == pytest.approx(4.0 + 9.0)
        assert record.interaction == pytest.approx(9.0)
        assert record.variance == pytest.approx(14.0)
        nested = split_variance(predictions_DIN, design="nested")
        assert nested.data_variance == pytest.approx(1.0 - 4.0 / 2)

    def test_within_part_is_the_mean_variance_over_initializations(self):
        predictions_DIN = np.random.default_rng(0).standard_normal((4, 3, 5)) * 3 + 1e3
        record = split_variance(predictions_DIN)
        within_N = predictions_DIN.var(axis=1, ddof=1).mean(axis=0)
        between_N = predictions_DIN.mean(axis=1).var(axis=0, ddof=1) - within_N / 3
        np.testing.assert_allclose(record.initialization_variance_N, within_N, rtol=1e-9)
        np.testing.assert_allclose(record.data_variance_N, between_N, atol=1e-9)
        np.testing.assert_allclose(record.variance_N, within_N + between_N, atol=1e-9)


class TestEnsembleRisk:
    @quick
    @given(real_predictions())
    def test_law_and_measurement_agree_for_one_replicate_and_for_all(self, data):
        predictions_RN, truth_N = data
        for K in (1, len(predictions_RN)):
            record = ensemble_risk(predictions_RN, truth_N, K, 0.5)
            np.testing.assert_allclose(record.law_N, record.measured_N, atol=1e-9)

    def test_both_are_unbiased_for_bias_plus_variance_over_the_number(self):
        indices_RN, shares_N = tuples_of(3, SHARES, 5)
        truth_N = np.full(len(shares_N), 0.2)
        record = ensemble_risk(OUTCOMES[indices_RN], truth_N, 2, 0.5)
        mean = SHARES @ OUTCOMES
        expected = (mean - 0.2) ** 2 + SHARES @ (OUTCOMES - mean) ** 2 / 2 + 0.5
        assert record.n_groups == 2
        assert shares_N @ record.law_N == pytest.approx(expected)
        assert shares_N @ record.measured_N == pytest.approx(expected)

    @pytest.mark.parametrize("seed", SEEDS)
    def test_averaging_divides_the_variance_and_keeps_the_bias(self, seed):
        R, N, K, b = 60, 50, 5, 0.5
        predictions_RN = b + np.random.default_rng(seed).standard_normal((R, N))
        record = ensemble_risk(predictions_RN, np.zeros(N), K)
        # the square of a mean of K: b² + 2b·N(0, 1/K) + its square, over G groups and N points
        spread = np.sqrt((4 * b**2 / K + 2 / K**2) / (record.n_groups * N))
        assert abs(record.measured - (b**2 + 1 / K)) < 5 * spread
        assert abs(record.law - (b**2 + 1 / K)) < 5 * spread

    def test_fewer_than_eight_groups_have_no_interval(self):
        predictions_RN = np.random.default_rng(0).standard_normal((16, 3))
        seven, eight = (ensemble_risk(predictions_RN[: 2 * G], np.zeros(3), 2) for G in (7, 8))
        assert seven.n_groups == 7
        assert np.isnan([seven.measured_low, seven.measured_high]).all()
        assert eight.measured_low < eight.measured < eight.measured_high

    @pytest.mark.parametrize("K", [0, 4])
    def test_a_group_larger_than_the_replicates_is_refused(self, K):
        with pytest.raises(ValueError, match=f"K must be between 1 and 3; got {K}"):
            ensemble_risk(np.eye(3), np.zeros(3), K)


LOG_HALF = np.log(0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: decompose_squared(np.zeros(3), [0.0]),
            r"\(replicates, points\); got shape \(3,\)",
        ),
        (lambda: decompose_squared(np.zeros((0, 3)), np.zeros(3)), r"empty; got shape \(0, 3\)"),
        (lambda: decompose_squared(np.zeros((1, 3)), np.zeros(3)), "at least 2 replicates; got 1"),
        (lambda: decompose_squared(np.zeros((2, 3)), np.zeros(2)), "of 3 points; got 2"),
        (lambda: decompose_squared([[0.0], [np.nan]], [0.0]), r"first at \(1, 0\) is nan"),
        (lambda: decompose_squared([["a"], ["b"]], [0.0]), "real numbers; got dtype <U1"),
        (lambda: decompose_squared([[0.0], [1.0]], [0.0], -1.0), "at least 0; got -1.0"),
        (lambda: decompose_zero_one([[0.0], [1.0]], [0], 2), "integers.*; got dtype float64"),
        (lambda: decompose_zero_one([[0], [2]], [0], 2), "between 0 and 1; got 2"),
        (lambda: decompose_zero_one([[0], [1]], [-1], 2), "labels_N .* between 0 and 1; got -1"),
        (lambda: decompose_zero_one([[0], [1]], [0], 1), "n_classes must be at least 2; got 1"),
        (lambda: decompose_zero_one([[0], [1]], [0], 2.0), "n_classes must be an integer; got 2.0"),
        (lambda: decompose_zero_one([[0], [1]], [0], 2, "mode"), "domingos, .*; got 'mode'"),
        (lambda: decompose_cross_entropy([[[-np.inf, 0.0]]] * 2, [0]), "is -inf"),
        (lambda: decompose_cross_entropy([[[0.5, 0.5]]] * 2, [0]), "log-sum of 1.19"),
        (lambda: decompose_cross_entropy([[[LOG_HALF] * 2]] * 2, [2]), "between 0 and 1; got 2"),
        (lambda: split_variance(np.zeros((1, 2, 3))), "at least 2 data sets; got 1"),
        (lambda: split_variance(np.zeros((2, 1, 3))), "at least 2 initializations; got 1"),
        (lambda: split_variance(np.zeros((2, 2, 3)), design="both"), "nested, crossed; got 'both'"),
    ],
)
def test_what_does_not_fit_is_refused_naming_what_was_got(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()
