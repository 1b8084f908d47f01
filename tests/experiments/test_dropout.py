"""Masks, scaling, variances and their shift are what theory says, within stated errors."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nnviz.experiments.distributions import distribution_of, shared_edges
from nnviz.experiments.dropout.alpha import SATURATION, compare_alpha, dropped_value
from nnviz.experiments.dropout.batch_norm_shift import MOMENTS, expected_ratio, measure_shift
from nnviz.experiments.dropout.channels import drop_channels, feature_maps
from nnviz.experiments.dropout.masks import SmallNetwork, draw_mask
from nnviz.experiments.dropout.uncertainty import CurveFit, fit_curve
from nnviz.experiments.dropout.variance import measure_variance
from nnviz.randomness import torch_generator
from nnviz.seeds import derived_seed

SHARES = st.sampled_from([0.0, 0.1, 0.35, 0.5, 0.8])


@given(st.integers(1, 10), st.integers(1, 3), SHARES, SHARES, st.integers(0, 99))
def test_survivors_are_scaled_and_dropped_units_are_silent(width, depth, q, input_q, draw):
    record = draw_mask(SmallNetwork(width, depth, q, input_q), draw)
    first, hidden, output = record.layers[0], record.layers[1], record.layers[-1]
    kept = np.ones(4, bool) if first.kept_D is None else first.kept_D
    np.testing.assert_allclose(first.training_D, first.evaluation_D * kept / (1 - input_q))
    bare = np.maximum(record.weights[0] @ first.training_D + biases(width, depth)[0], 0)
    mask = np.ones(width, bool) if hidden.kept_D is None else hidden.kept_D
    np.testing.assert_allclose(hidden.training_D, bare * mask / (1 - q), atol=1e-9)
    assert output.kept_D is None
    assert output.evaluation_D[0] == record.evaluation_output
    assert record.n_maskable == (width * depth if q else 0) + (4 if input_q else 0)


def biases(width, depth):
    """The biases that the network of seed 0 is born with."""
    net = SmallNetwork(width, depth).make(torch_generator(derived_seed(0, "small network")))
    return [part.bias.detach().numpy() for part in net if isinstance(part, nn.Linear)]


@given(st.integers(1, 10), st.sampled_from([0.1, 0.35, 0.5, 0.7]), st.integers(0, 30))
@settings(max_examples=30)
def test_one_hidden_layer_has_the_variance_and_mean_of_the_theory(width, q, seed):
    """Within 5 standard errors of 4000 masks."""
    record = draw_mask(SmallNetwork(width, 1, q, 0.0, seed), 0)
    away = abs(record.outputs.variance - record.expected_variance)
    assert away <= 5 * record.outputs.variance_error + 1e-12
    off = abs(record.outputs.mean - record.evaluation_output)
    assert off <= 5 * record.outputs.mean_error + 1e-12


def test_the_variance_over_all_masks_of_one_layer_is_exact():
    record = draw_mask(SmallNetwork(4, 1, 0.3), 0)
    hidden = record.layers[1].evaluation_D
    weight, bias = record.weights[1][0], biases(4, 1)[1][0]
    outputs, chances = [], []
    for number in range(16):
        kept = np.array([number >> bit & 1 for bit in range(4)])
        outputs.append(weight @ (hidden * kept / 0.7) + bias)
        chances.append(0.7 ** kept.sum() * 0.3 ** (4 - kept.sum()))
    mean = np.dot(chances, outputs)
    assert mean == pytest.approx(record.evaluation_output)
    assert np.dot(chances, (np.array(outputs) - mean) ** 2) == pytest.approx(
        record.expected_variance
    )


def test_another_draw_is_another_mask_of_the_same_network():
    one, other = (draw_mask(SmallNetwork(8, 2), draw) for draw in (0, 1))
    assert one.evaluation_output == other.evaluation_output
    assert one.outputs.mean == other.outputs.mean
    assert (one.layers[1].kept_D != other.layers[1].kept_D).any()


@given(
    st.sampled_from([0.0, 0.1, 0.5, 0.8]), st.floats(-3, 3), st.floats(0, 3), st.integers(1, 32),
    st.integers(0, 99),
)  # fmt: skip
@settings(max_examples=25)
def test_variances_after_dropout_and_a_linear_unit_are_those_of_the_theory(q, c, std, n, seed):
    """Within 5 standard errors, derived from the sample size and the fourth moment."""
    record = measure_variance(q, c, std, n, seed)
    training = record.training
    slack = 5 * training.variance_error + 1e-9
    assert abs(training.variance - record.expected_training) < slack
    assert abs(training.mean - c) < 5 * training.mean_error + 1e-9
    assert abs(record.linear_difference - record.expected_linear_difference) < (
        5 * record.linear_difference_error + 1e-9
    )


@pytest.mark.parametrize("shape", ["image", "signal", "volume"])
def test_channel_dropout_takes_whole_channels_and_elementwise_does_not(shape):
    record = drop_channels(shape, 0.5, 0, 3)
    space = tuple(range(2, record.before.ndim))
    assert (record.channel_kept.all(axis=space) == record.channel_kept.any(axis=space)).all()
    assert (
        record.elementwise_kept.all(axis=space) != record.elementwise_kept.any(axis=space)
    ).any()
    np.testing.assert_allclose(record.channel, record.before * record.channel_kept * 2)
    np.testing.assert_allclose(record.elementwise, record.before * record.elementwise_kept * 2)
    assert record.refusal is None
    assert 0 < record.neighbour_correlation < 1


def test_channel_dropout_of_a_table_is_refused_because_it_drops_samples():
    record = drop_channels("table", 0.5, 0, 0)
    assert record.refusal is not None
    assert "whole samples" in record.refusal
    assert (record.channel_kept.all(axis=1) == record.channel_kept.any(axis=1)).all()
    table = torch.ones(400, 3)
    rows = (nn.Dropout1d(0.5)(table) != 0).numpy()
    assert (rows.all(axis=1) == rows.any(axis=1)).all(), "torch itself still behaves so"


def test_the_feature_maps_are_the_digits_themselves_in_the_first_channel():
    from sklearn.datasets import load_digits

    maps = feature_maps("image", 6)
    np.testing.assert_allclose(maps[:, 0], load_digits().images[6:9] / 16)
    assert feature_maps("volume").shape == (3, 6, 3, 8, 8)


@given(st.sampled_from([0.05, 0.2, 0.5, 0.8]), st.integers(0, 99))
@settings(max_examples=15)
def test_alpha_dropout_keeps_mean_zero_and_variance_one(q, seed):
    """Within 5 standard errors of 20,000 numbers; dropout's variance is 1/(1 - q)."""
    record = compare_alpha(q, 1, seed)
    assert abs(record.alpha.mean) < 5 * record.alpha.mean_error
    assert abs(record.alpha.variance - 1) < 5 * record.alpha.variance_error
    assert abs(record.ordinary.variance - 1 / (1 - q)) < 5 * record.ordinary.variance_error


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
def test_torch_puts_dropped_numbers_where_the_formula_says(q):
    torch.manual_seed(0)
    dropped = nn.AlphaDropout(q)(torch.zeros(1000, dtype=torch.float64)).numpy()
    kept_value = -dropped_value(q) * q / (1 - q) if q < 1 else 0
    found = np.unique(dropped.round(9))
    np.testing.assert_allclose(found, sorted([dropped_value(q), kept_value]), atol=1e-6)
    assert pytest.approx(-1.7580993408) == SATURATION


def test_alpha_dropout_keeps_a_deep_selu_network_standardized():
    record = compare_alpha(0.3, 12, 0)
    plain, alpha, ordinary = record.std_KL[:, -1]
    assert plain == pytest.approx(1, abs=0.1)
    assert alpha == pytest.approx(1, abs=0.1)
    assert ordinary > 1.5


def test_dropout_before_batch_norm_shifts_the_variance_by_2_47():
    """Fact 14: z⁺ → dropout .5 → linear → batch norm; three seeds."""
    assert expected_ratio(0.5, "rectified") == pytest.approx(2.47, abs=0.005)
    ratios = [measure_shift(0.5, "rectified", "dropout_first", seed).ratio for seed in range(3)]
    assert np.mean(ratios) == pytest.approx(2.467, abs=0.05)


@pytest.mark.parametrize("inputs", list(MOMENTS))
@pytest.mark.parametrize("q", [0.0, 0.2, 0.5])
def test_each_units_shift_is_that_of_the_theory(inputs, q):
    """Both variances have a relative error of √(2/4096): 5 of their joint errors are allowed."""
    record = measure_shift(q, inputs, "dropout_first", 1)
    ratio_O = record.training_O / record.evaluation_O
    allowed = 5 * math.sqrt(2) * record.relative_error * record.expected_ratio
    assert np.abs(ratio_O - record.expected_ratio).max() < allowed


def test_the_moments_of_the_inputs_are_right():
    z = np.random.default_rng(0).normal(size=400_000)
    for name, values in (("rectified", z.clip(0)), ("half_normal", abs(z)), ("normal", z)):
        assert MOMENTS[name] == pytest.approx((values.mean(), values.var()), abs=0.01)


def test_dropout_behind_batch_norm_shifts_nothing():
    record = measure_shift(0.5, "rectified", "batch_norm_first", 0)
    assert record.expected_ratio == 1
    assert record.ratio == pytest.approx(1, abs=0.03)
    assert record.output_evaluation.variance == pytest.approx(1, abs=0.05)


def test_monte_carlo_dropout_spreads_only_where_there_is_dropout():
    spread = fit_curve(CurveFit(q=0.2))
    assert spread.std_G.min() > 0
    assert spread.train_loss < 0.05
    certain = fit_curve(CurveFit(q=0.0, n_steps=50))
    assert certain.std_G.max() == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(certain.mean_G, certain.evaluation_G, atol=1e-5)


@pytest.mark.parametrize("gap_width", [0.0, 0.6, 1.4])
def test_no_training_point_lies_in_the_gap(gap_width):
    record = fit_curve(CurveFit(n_steps=1, gap_width=gap_width))
    low, high = record.gap
    assert not ((record.train_x > low + 1e-6) & (record.train_x < high - 1e-6)).any()
    assert np.abs(record.train_x).max() <= 1.0 + 1e-6


def test_measuring_leaves_the_callers_random_state_alone():
    torch.manual_seed(5)
    state = torch.get_rng_state()
    draw_mask(SmallNetwork(), 0)
    measure_variance(0.5, 1, 1, 4, 0)
    drop_channels("image", 0.5, 0, 0)
    compare_alpha(0.5, 2, 0)
    measure_shift.cache_clear()
    measure_shift(0.5, "normal", "dropout_first", 0)
    fit_curve(CurveFit(n_steps=2))
    assert torch.equal(state, torch.get_rng_state())


@given(st.integers(2, 4000), st.integers(0, 9))
def test_a_distribution_knows_its_moments_and_holds_its_numbers(n, seed):
    values = np.random.default_rng(seed).normal(3, 2, n)
    found = distribution_of("some", values, shared_edges(values))
    assert found.mean == pytest.approx(values.mean())
    assert found.variance == pytest.approx(values.var())
    inside = np.sum(found.density_B * np.diff(found.edges))
    assert 0.99 - 2 / n <= inside <= 1 + 1e-9
