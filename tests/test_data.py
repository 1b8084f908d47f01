"""Splitting, scaling and label noise."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from nnviz import DataSpec
from nnviz.catalog.datasets import DATASETS
from nnviz.data import input_grid, load
from tests.strategies import experiments

ALL = pytest.mark.parametrize("name", sorted(DATASETS))
SCALED = pytest.mark.parametrize("name", [n for n, e in DATASETS.items() if e.scales_inputs])


def parts(name, **settings):
    data = load(DataSpec(name=name, **settings))
    axes = (0,) if data.train_x.dim() == 2 else None
    return data.record.train_x, data.record.test_x, axes


@SCALED
def test_standard_scaling_gives_the_training_part_mean_0_and_deviation_1(name):
    train, _, axes = parts(name)
    # float64 before the conversion to float32: rounding only
    np.testing.assert_allclose(train.mean(axis=axes), 0, atol=1e-12)
    np.testing.assert_allclose(train.std(axis=axes), 1, atol=1e-12)


@SCALED
def test_minmax_scaling_puts_the_training_part_between_minus_1_and_1(name):
    train, _, axes = parts(name, scaling="minmax")
    np.testing.assert_allclose(train.min(axis=axes), -1, atol=1e-12)
    np.testing.assert_allclose(train.max(axis=axes), 1, atol=1e-12)


@SCALED
@pytest.mark.parametrize("scaling", ["standard", "minmax"])
def test_scaling_is_fitted_on_the_training_part_alone(name, scaling):
    raw_train, raw_test, axes = parts(name, scaling="none")
    train, test, _ = parts(name, scaling=scaling)
    if scaling == "standard":
        shift, factor = raw_train.mean(axis=axes), raw_train.std(axis=axes)
    else:
        low, high = raw_train.min(axis=axes), raw_train.max(axis=axes)
        shift, factor = (high + low) / 2, (high - low) / 2
    np.testing.assert_allclose(train, (raw_train - shift) / factor, atol=1e-9)
    np.testing.assert_allclose(test, (raw_test - shift) / factor, atol=1e-9)


@pytest.mark.parametrize("name", [n for n, e in DATASETS.items() if not e.scales_inputs])
@pytest.mark.parametrize("scaling", ["standard", "minmax"])
def test_tokens_and_marks_are_not_scaled(name, scaling):
    scaled, as_drawn = (load(DataSpec(name=name, scaling=way)) for way in (scaling, "none"))
    assert torch.equal(scaled.train_x, as_drawn.train_x)
    assert torch.equal(scaled.test_x, as_drawn.test_x)


def test_the_target_of_diabetes_is_scaled_and_that_of_a_known_truth_is_not():
    diabetes = load(DataSpec(name="diabetes"))
    assert float(diabetes.train_y.mean()) == pytest.approx(0, abs=1e-6)
    assert float(diabetes.train_y.std(correction=0)) == pytest.approx(1, abs=1e-6)
    sinusoid = load(DataSpec(name="sinusoid", noise=0.0))
    record = sinusoid.record
    order = np.argsort(record.train_x[:, 0])
    between = np.interp(record.train_x[order, 0], record.truth_x_G, record.truth_y_G)
    # linear interpolation on 200 points errs by h²/8·π², h = 2/199
    np.testing.assert_allclose(record.train_y[order, 0], between, atol=1.3e-4)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 0.9])
@pytest.mark.parametrize("name", ["spirals", "iris", "digits"])
def test_label_noise_replaces_exactly_its_share_and_only_in_training(name, share):
    clean, noisy = load(DataSpec(name=name)), load(DataSpec(name=name, label_noise=share))
    assert torch.equal(clean.train_x, noisy.train_x)
    assert torch.equal(clean.test_y, noisy.test_y)
    changed = clean.train_y != noisy.train_y
    assert int(changed.sum()) == round(share * len(clean.train_y))
    if share:
        assert np.array_equal(noisy.record.flipped_N, changed.numpy())
    else:
        assert noisy.record.flipped_N is None
    classes = DATASETS[name].n_classes
    assert set(noisy.train_y.tolist()) <= set(range(classes))


def test_replaced_labels_are_spread_over_the_other_classes():
    noisy = load(DataSpec(name="digits", label_noise=0.5))
    clean = load(DataSpec(name="digits"))
    flipped = noisy.record.flipped_N
    shift = (noisy.train_y - clean.train_y).numpy()[flipped] % 10
    counts = np.bincount(shift, minlength=10)
    assert counts[0] == 0
    expected = flipped.sum() / 9
    chi2 = ((counts[1:] - expected) ** 2 / expected).sum()
    assert chi2 < 26.1  # 8 degrees of freedom, 0.1 %


@settings(max_examples=40)
@given(experiments())
def test_training_and_test_part_have_the_sizes_that_the_spec_computes(spec):
    data = load(spec.data)
    assert (len(data.train_x), len(data.test_x)) == (spec.data.n_train, spec.data.n_test)
    assert spec.data.n_train >= 2
    assert data.input_shape == spec.data.sample.shape


@ALL
def test_the_input_grid_covers_all_points_with_a_margin_where_inputs_can_be_drawn(name):
    record = load(DataSpec(name=name)).record
    axes = input_grid(record, 50)
    if DATASETS[name].input_shape not in ((1,), (2,)):
        assert axes is None
        return
    points = np.concatenate([record.train_x, record.test_x])
    for axis, values in zip(axes, points.T, strict=True):
        assert len(axis) == 50
        spread = values.max() - values.min()
        np.testing.assert_allclose(values.min() - axis[0], 0.15 * spread, rtol=1e-5)
        np.testing.assert_allclose(axis[-1] - values.max(), 0.15 * spread, rtol=1e-5)


def test_drawing_leaves_the_callers_random_state_alone():
    load.cache_clear()
    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    load(DataSpec(seed=77, label_noise=0.2))
    assert torch.equal(torch_before, torch.get_rng_state())
    assert np.array_equal(numpy_before, np.random.get_state()[1])  # noqa: NPY002
