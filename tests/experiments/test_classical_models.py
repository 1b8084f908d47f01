"""The comparison models have the bias and variance that theory gives them.

Shapes: R replicates, M training points, N test points, P basis functions. A model that is linear
in its targets shows its hat matrix H when the replicates are the unit vectors; its variance is
then σ² Σ_j H_ij² and its mean H t, exactly.
"""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from nnviz.experiments.bias_variance import SquaredRecord, decompose_squared
from nnviz.experiments.classical_models import (
    ClassicalModelSpec,
    NeighborsSpec,
    PolynomialSpec,
    RandomFeaturesSpec,
    SineSpec,
    TreeSpec,
    draw_training_sets,
    least_squares,
    predictions_over_replicates,
    sine_truth,
)

SEEDS = (0, 1, 2)
LINE = np.linspace(-1, 1, 101)


def decomposed(
    model: ClassicalModelSpec, data: SineSpec, x_NF: np.ndarray, n_replicates: int, seed: int
) -> SquaredRecord:
    sets = draw_training_sets(data, n_replicates, seed)
    predictions_RN = predictions_over_replicates(model, sets.x_RMF, sets.y_RM, x_NF, seed)
    return decompose_squared(predictions_RN, sine_truth(x_NF), sets.noise_variance)


def hat_matrix(model: ClassicalModelSpec, x_M: np.ndarray) -> np.ndarray:
    """H with predictions at the training points = H y."""
    M = len(x_M)
    return predictions_over_replicates(model, np.tile(x_M, (M, 1)), np.eye(M), x_M).T


class TestPolynomial:
    @pytest.mark.parametrize("degree", [0, 1, 3, 7])
    def test_hat_matrix_has_variance_degree_plus_one_over_n(self, degree):
        x_M = np.random.default_rng(0).uniform(-1, 1, 25)
        hat_MM = hat_matrix(PolynomialSpec(degree=degree), x_M)
        assert np.mean((hat_MM**2).sum(axis=1)) == pytest.approx((degree + 1) / 25)
        np.testing.assert_allclose(hat_MM @ x_M**degree, x_M**degree, atol=1e-9)

    @pytest.mark.parametrize("seed", SEEDS)
    def test_fixed_design_variance_is_found_by_the_decomposition(self, seed):
        R, M, sigma, degree = 200, 25, 0.3, 3
        data = SineSpec(n_samples=M, noise=sigma, design="fixed")
        x_MF = draw_training_sets(data, 1, seed).x_RMF[0]
        record = decomposed(PolynomialSpec(degree=degree), data, x_MF, R, seed)
        expected = sigma**2 * (degree + 1) / M
        # R - 1 times the estimate is σ²/M times a chi-square with (R - 1)(degree + 1) degrees
        assert abs(record.variance / expected - 1) < 5 * np.sqrt(2 / ((R - 1) * (degree + 1)))
        residual_M = sine_truth(x_MF) - hat_matrix(PolynomialSpec(degree=degree), x_MF[:, 0]) @ (
            sine_truth(x_MF)
        )
        # mean residual² plus 2·residual·noise: the fit's noise is orthogonal to the residual,
        # so what is left is the noise of V̂/R itself
        bias_se = sigma**2 / M * np.sqrt(2 * (degree + 1) / (R * (R - 1)))
        assert abs(record.bias_squared - np.mean(residual_M**2)) < 5 * bias_se

    def test_fit_is_numpys_polynomial_fit(self):
        sets = draw_training_sets(SineSpec(), 3)
        predictions_RN = predictions_over_replicates(
            PolynomialSpec(degree=4), sets.x_RMF, sets.y_RM, LINE
        )
        for x_M, y_M, ours_N in zip(sets.x_RMF[..., 0], sets.y_RM, predictions_RN, strict=True):
            np.testing.assert_allclose(ours_N, np.polyval(np.polyfit(x_M, y_M, 4), LINE), atol=1e-9)

    def test_risk_is_a_u_with_its_minimum_at_three_or_four_and_heavy_tails_at_seven(self):
        """Fact 15: sin πx, n = 25, σ = 0.3; the median is what can be drawn."""
        degrees = range(11)
        median, mean = np.zeros((2, len(SEEDS), len(degrees)))
        for i, seed in enumerate(SEEDS):
            for degree in degrees:
                record = decomposed(PolynomialSpec(degree=degree), SineSpec(), LINE, 300, seed)
                median[i, degree], mean[i, degree] = record.median_risk, record.risk
        u_shape = median.mean(axis=0)
        assert u_shape.argmin() in (3, 4)
        assert mean.mean(axis=0).argmin() in (3, 4)
        assert (np.diff(u_shape[4:]) > 0).all()
        noise = 0.09
        excess = (mean.mean(axis=0) - noise) / (u_shape - noise)
        assert excess[7] > 5 > 2 > excess[3]


class TestRandomFeatures:
    def test_least_squares_is_numpys_least_norm_solution(self):
        generator = np.random.default_rng(0)
        for P in (3, 8, 20):
            features_RMP, y_RM = generator.standard_normal((4, 8, P)), generator.normal(size=(4, 8))
            weights_RP = least_squares(features_RMP, y_RM)
            for features_MP, y_M, ours_P in zip(features_RMP, y_RM, weights_RP, strict=True):
                theirs_P = np.linalg.lstsq(features_MP, y_M, rcond=None)[0]
                np.testing.assert_allclose(ours_P, theirs_P, atol=1e-9)

    def test_ridge_solves_its_normal_equations(self):
        generator, ridge = np.random.default_rng(0), 0.3
        features_RMP, y_RM = generator.standard_normal((1, 8, 5)), generator.normal(size=(1, 8))
        gram_PP = features_RMP[0].T @ features_RMP[0] / 8 + ridge * np.eye(5)
        expected_P = np.linalg.solve(gram_PP, features_RMP[0].T @ y_RM[0] / 8)
        np.testing.assert_allclose(least_squares(features_RMP, y_RM, ridge)[0], expected_P)

    def test_columns_of_zeros_get_no_weight(self):
        assert (least_squares(np.zeros((1, 4, 3)), np.ones((1, 4))) == 0).all()

    def test_many_features_interpolate(self):
        sets = draw_training_sets(SineSpec(n_samples=12, n_inputs=3), 1)
        fitted_RM = predictions_over_replicates(
            RandomFeaturesSpec(n_features=400), sets.x_RMF, sets.y_RM, sets.x_RMF[0]
        )
        np.testing.assert_allclose(fitted_RM, sets.y_RM, atol=1e-9)

    def test_frozen_features_leave_only_the_data_to_vary(self):
        sets = draw_training_sets(SineSpec(n_inputs=2), 1)
        x_RMF, y_RM = np.repeat(sets.x_RMF, 3, axis=0), np.repeat(sets.y_RM, 3, axis=0)
        for initialization, moves in (("frozen", False), ("fresh", True)):
            model = RandomFeaturesSpec(n_features=10, initialization=initialization)
            predictions_RN = predictions_over_replicates(model, x_RMF, y_RM, sets.x_RMF[0])
            assert bool(np.ptp(predictions_RN, axis=0).max() > 1e-6) == moves

    def test_risk_peaks_at_as_many_features_as_points_and_a_ridge_removes_the_peak(self):
        """Fact 17 (Belkin et al. 2019): n = 40; five inputs, so that p features have rank p."""
        sizes = (5, 10, 20, 40, 60, 100, 300, 1000)
        data = SineSpec(n_samples=40, n_inputs=5)
        x_NF = np.random.default_rng(9).uniform(-1, 1, (100, 5))

        def median_risks(ridge: float) -> np.ndarray:
            """Median over replicates without the noise, mean over the seeds, one per size."""
            models = [RandomFeaturesSpec(n_features=p, ridge=ridge) for p in sizes]
            risk = [[decomposed(m, data, x_NF, 24, s).median_risk for m in models] for s in SEEDS]
            return np.mean(risk, axis=0) - data.noise**2

        ridgeless, ridged = median_risks(0.0), median_risks(1e-3)
        at_n = sizes.index(40)
        assert ridgeless.argmax() == at_n
        assert ridgeless[at_n] + data.noise**2 > 10 * (ridgeless[-1] + data.noise**2)
        assert ridged[at_n] < 2 * ridged[-1]
        assert ridged.argmax() != at_n


class TestNeighborsAndTrees:
    @pytest.mark.parametrize("k", [1, 4, 25])
    def test_neighbors_have_variance_one_over_k(self, k):
        hat_MM = hat_matrix(NeighborsSpec(n_neighbors=k), np.random.default_rng(0).uniform(size=25))
        np.testing.assert_allclose((hat_MM**2).sum(axis=1), 1 / k)

    @pytest.mark.parametrize("model", [NeighborsSpec(n_neighbors=1), TreeSpec()])
    def test_one_neighbor_and_a_full_tree_repeat_their_training_targets(self, model):
        sets = draw_training_sets(SineSpec(n_inputs=2, design="fixed"), 4)
        predictions_RN = predictions_over_replicates(model, sets.x_RMF, sets.y_RM, sets.x_RMF[0])
        np.testing.assert_allclose(predictions_RN, sets.y_RM)

    def test_a_deeper_tree_has_less_bias_and_more_variance(self):
        for seed in SEEDS:
            shallow, deep = (
                decomposed(TreeSpec(max_depth=depth), SineSpec(), LINE, 60, seed)
                for depth in (1, 6)
            )
            assert deep.bias_squared < shallow.bias_squared
            assert deep.variance > shallow.variance


class TestTrainingSets:
    @pytest.mark.parametrize("model", [RandomFeaturesSpec(n_features=7), TreeSpec()])
    def test_a_replicate_does_not_depend_on_how_many_there_are(self, model):
        few, many = (draw_training_sets(SineSpec(n_inputs=2), R, seed=3) for R in (2, 5))
        np.testing.assert_array_equal(few.y_RM, many.y_RM[:2])
        answers = [
            predictions_over_replicates(model, sets.x_RMF, sets.y_RM, few.x_RMF[0], seed=3)
            for sets in (few, many)
        ]
        np.testing.assert_allclose(answers[0], answers[1][:2], atol=1e-9)

    def test_fixed_design_repeats_the_inputs_and_not_the_noise(self):
        sets = draw_training_sets(SineSpec(design="fixed"), 3)
        assert np.ptp(sets.x_RMF, axis=0).max() == 0
        assert np.ptp(sets.y_RM, axis=0).min() > 0

    @pytest.mark.parametrize("seed", SEEDS)
    def test_targets_are_the_truth_plus_noise_of_the_given_size(self, seed):
        spec = SineSpec(n_samples=1000, noise=0.3)
        sets = draw_training_sets(spec, 20, seed)
        noise_RM = sets.y_RM - np.sin(np.pi * sets.x_RMF[..., 0])
        n = noise_RM.size
        assert sets.noise_variance == pytest.approx(0.09)
        assert abs(noise_RM.var() / 0.09 - 1) < 5 * np.sqrt(2 / n)
        assert abs(noise_RM.mean()) < 5 * 0.3 / np.sqrt(n)
        assert abs(sets.x_RMF).max() <= 1

    def test_features_do_not_share_random_numbers_with_the_data(self):
        noise_free = SineSpec(noise=0.0)
        x_RMF = draw_training_sets(noise_free, 2, seed=0).x_RMF
        other = draw_training_sets(SineSpec(noise=1.0), 2, seed=0)
        np.testing.assert_array_equal(x_RMF, other.x_RMF)
        correlation = np.corrcoef(x_RMF.ravel(), (other.y_RM - sine_truth(x_RMF)).ravel())[0, 1]
        assert abs(correlation) < 5 / np.sqrt(x_RMF.size)


class TestSpecs:
    @pytest.mark.parametrize(
        "model",
        [PolynomialSpec(degree=5), RandomFeaturesSpec(ridge=0.1), NeighborsSpec(), TreeSpec()],
    )
    def test_a_model_survives_the_trip_through_json(self, model):
        adapter = TypeAdapter(ClassicalModelSpec)
        assert adapter.validate_json(adapter.dump_json(model)) == model

    @pytest.mark.parametrize(
        "build",
        [
            lambda: PolynomialSpec(degree=-1),
            lambda: PolynomialSpec(ridge=float("nan")),
            lambda: PolynomialSpec(colour="red"),
            lambda: RandomFeaturesSpec(n_features=10**9),
            lambda: NeighborsSpec(n_neighbors=0),
            lambda: TreeSpec(max_depth=0),
            lambda: SineSpec(noise=-0.1),
            lambda: SineSpec(design="random"),
        ],
    )
    def test_what_is_unknown_or_out_of_bounds_is_refused(self, build):
        with pytest.raises(ValidationError):
            build()

    def test_a_spec_cannot_be_changed(self):
        with pytest.raises(ValidationError, match="frozen"):
            PolynomialSpec().degree = 4


@pytest.mark.parametrize(
    ("model", "shapes", "message"),
    [
        (PolynomialSpec(), ((2, 5, 2), (2, 5), (3, 2)), "a polynomial takes 1 input; got 2"),
        (NeighborsSpec(n_neighbors=9), ((2, 5), (2, 5), (3,)), "at most the 5 .* points; got 9"),
        (TreeSpec(), ((2, 5), (2, 4), (3,)), r"got \(2, 5\), \(2, 4\) and \(3,\)"),
        (TreeSpec(), ((2, 5, 2), (2, 5), (3,)), r"got \(2, 5, 2\), \(2, 5\) and \(3,\)"),
        (TreeSpec(), ((2, 5), (2, 5), (0,)), "must not be empty"),
    ],
)
def test_data_that_do_not_fit_are_refused_naming_their_shapes(model, shapes, message):
    with pytest.raises(ValueError, match=message):
        predictions_over_replicates(model, *(np.zeros(shape) for shape in shapes))


def test_targets_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="y_RM must be finite; got 1"):
        predictions_over_replicates(TreeSpec(), np.zeros((1, 2)), [[0.0, np.inf]], np.zeros(2))


def test_no_replicates_are_refused():
    with pytest.raises(ValueError, match="n_replicates must be at least 1; got 0"):
        draw_training_sets(SineSpec(), 0)
