"""Fits that pile up: one at a time they are those of all, and they go where theory says.

Shapes: K repetitions of the noise, R training sets, M training points, G points of a line.
"""

from __future__ import annotations

import numpy as np
import pytest

from nnviz.experiments.bias_variance import decompose_squared
from nnviz.experiments.classical_models import (
    PolynomialSpec,
    SineSpec,
    draw_training_sets,
    predictions_over_replicates,
    sine_truth,
)
from nnviz.experiments.complexity.pile import PileSettings, pile, pile_of
from nnviz.experiments.complexity.pile_reading import pile_words
from nnviz.experiments.complexity.pile_record import DEGREES, MOST_SETS
from nnviz.randomness import numpy_generator

LINE = np.linspace(-1, 1, 101)


@pytest.mark.parametrize("design", ["fresh", "fixed"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_closed_form_is_lowest_at_degree_three_or_four_and_so_are_the_bars(design, seed):
    shown = pile(design=design, seed=seed)
    assert int(np.argmin(shown.expected_risk)) in (3, 4)
    risks = [shown.parts(degree, MOST_SETS).risk for degree in DEGREES]
    assert int(np.argmin(risks)) in (3, 4)
    assert risks[0] > 3 * risks[3]


@pytest.mark.parametrize("n_sets", [2, 7, MOST_SETS])
def test_piled_up_one_at_a_time_they_are_the_fits_of_all(n_sets):
    shown = pile()
    alone = draw_training_sets(SineSpec(), n_sets, 0)
    for degree in (1, 6):
        fits_RG = predictions_over_replicates(
            PolynomialSpec(degree=degree), alone.x_RMF, alone.y_RM, LINE
        )
        np.testing.assert_allclose(shown.fits_DRG[degree, :n_sets], fits_RG, rtol=1e-9, atol=1e-12)
        by_hand = decompose_squared(fits_RG, sine_truth(LINE), 0.09)
        found = shown.parts(degree, n_sets)
        assert found.bias_squared == pytest.approx(by_hand.bias_squared, abs=1e-12)
        assert found.variance == pytest.approx(by_hand.variance)
        assert found.risk == pytest.approx(found.bias_squared + found.variance + shown.noise)


def test_the_parts_together_are_what_one_fit_misses():
    shown = pile()
    for n_sets in (2, 20):
        found = shown.parts(3, n_sets)
        together = found.bias_squared + found.variance
        assert shown.missed(3, n_sets) == pytest.approx(together)


@pytest.mark.parametrize("design", ["fresh", "fixed"])
@pytest.mark.parametrize("degree", [0, 3, 5])
def test_the_closed_form_is_the_mean_over_the_noise(design, degree):
    shown, sigma, repetitions = pile(design=design), 0.3, 200
    noise = numpy_generator(7)
    found = []
    for _ in range(repetitions):
        y_RM = sine_truth(shown.x_RM[..., None]) + sigma * noise.standard_normal(shown.x_RM.shape)
        fits_RG = predictions_over_replicates(PolynomialSpec(degree=degree), shown.x_RM, y_RM, LINE)
        parts = decompose_squared(fits_RG, sine_truth(LINE))
        found.append((parts.bias_squared, parts.variance))
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / np.sqrt(repetitions)
    expected = shown.expected_bias_D[degree], shown.expected_variance_D[degree]
    assert (np.abs(mean - expected) < 4 * error).all()


def test_a_constant_has_the_textbooks_parts():
    """The mean of n targets: bias² = ½, variance = (½ + σ²) / n, over inputs in -1 … 1."""
    shown = pile(n_samples=40, sigma=0.5)
    assert shown.expected_bias_D[0] == pytest.approx(0.5, abs=0.01)
    assert shown.expected_variance_D[0] == pytest.approx((0.5 + 0.25) / 40, rel=0.5)
    same = pile(n_samples=40, sigma=0.5, design="fixed")
    assert same.expected_variance_D[0] == pytest.approx(0.25 / 40)


def test_without_noise_and_with_the_same_inputs_nothing_scatters():
    shown = pile(sigma=0.0, design="fixed")
    for degree in DEGREES:
        assert shown.parts(degree, MOST_SETS).variance == pytest.approx(0, abs=1e-12)
        assert shown.expected_variance_D[degree] == pytest.approx(0, abs=1e-12)


def test_the_darts_are_the_fits_at_two_places():
    shown = pile()
    darts_R2 = shown.darts(3, 10, (-0.5, 0.8))
    np.testing.assert_array_equal(darts_R2[:, 0], shown.fits_DRG[3, :10, 25])
    missed, spread = shown.aside(3, 10, (-0.5, 0.8))
    truth_2 = sine_truth(np.array([-0.5, 0.8]))
    assert missed == pytest.approx(np.linalg.norm(darts_R2.mean(axis=0) - truth_2))
    assert spread**2 == pytest.approx(darts_R2.var(axis=0, ddof=1).sum())


def test_equal_piles_are_measured_once():
    assert pile_of(PileSettings(sets=3)) is pile_of(PileSettings(sets=9, chosen_degree=5))


def test_what_is_said_of_one_place_is_of_that_place():
    here, there = PileSettings(beside="two places"), PileSettings(beside="two places", left=0.1)
    assert pile_words(here, pile_of(here)) != pile_words(there, pile_of(there))
