"""Histograms, ranks and cosines of tensors whose answer is known."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nnviz.recorders import histogram, measures
from nnviz.records import N_BINS

# within 2^±50, where scaling by a power of two neither over- nor underflows float32
sizes = st.floats(2.0**-50, 2.0**50, width=32)
floats = st.just(0.0) | sizes | sizes.map(lambda size: -size) | st.integers(-64, 64).map(float)


@given(arrays.arrays(np.float32, st.integers(1, 200), elements=floats))
def test_counts_are_numpys_for_any_values(values):
    ours = histogram(torch.from_numpy(values))
    counts, _ = np.histogram(values.astype(float), N_BINS, (-ours.limit, ours.limit))
    np.testing.assert_array_equal(ours.counts_B, counts)
    assert math.frexp(ours.limit)[0] == 0.5
    assert ours.counts_B.sum() == len(values)


@given(arrays.arrays(np.float32, st.integers(0, 50), elements=st.floats(width=32)))
def test_what_is_not_finite_is_counted_apart(values):
    ours = histogram(torch.from_numpy(values))
    finite = np.isfinite(values)
    assert ours.n_nonfinite == (~finite).sum()
    assert ours.counts_B.sum() == finite.sum()


@given(arrays.arrays(np.float32, st.integers(1, 100), elements=floats), st.integers(0, 6))
def test_a_rebinned_histogram_is_that_of_the_wider_range(values, doublings):
    narrow = histogram(torch.from_numpy(values))
    limit = narrow.limit * 2**doublings
    below = np.nextafter(narrow.limit, 0.0)  # the last bin held its upper edge too
    counts, _ = np.histogram(np.minimum(values.astype(float), below), N_BINS, (-limit, limit))
    wide = narrow.rebinned(limit)
    np.testing.assert_array_equal(wide.counts_B, counts)
    assert wide.limit == limit


def test_a_histogram_is_not_rebinned_to_a_narrower_range():
    with pytest.raises(ValueError, match="limit must be at least 4"):
        histogram(torch.tensor([3.0])).rebinned(2.0)


def test_density_integrates_to_one():
    ours = histogram(torch.randn(1000, generator=torch.Generator().manual_seed(0)))
    assert (ours.density * np.diff(ours.edges)).sum() == pytest.approx(1)


@pytest.mark.parametrize("rank", [1, 2, 5])
def test_equal_singular_values_have_their_number_as_effective_rank(rank):
    generator = torch.Generator().manual_seed(1)
    left = torch.linalg.qr(torch.randn(50, 51, generator=generator, dtype=torch.float64))[0]
    left = left[:, :rank] - left[:, :rank].mean(dim=0)
    left = torch.linalg.qr(left)[0]
    right = torch.linalg.qr(torch.randn(8, rank, generator=generator, dtype=torch.float64))[0]
    assert measures.effective_rank(left @ right.T + 3) == pytest.approx(rank, rel=1e-6)


def test_a_constant_output_has_no_effective_rank():
    assert math.isnan(measures.effective_rank(torch.ones(20, 4)))
    assert math.isnan(measures.effective_rank(torch.full((20, 4), math.nan)))


def test_sample_cosine_of_one_direction_is_one_and_of_right_angles_zero():
    one_direction = torch.ones(5, 3) * torch.arange(1.0, 6)[:, None]
    assert measures.sample_cosine(one_direction) == pytest.approx(1)
    assert measures.sample_cosine(torch.eye(4)) == pytest.approx(0, abs=1e-7)
    assert math.isnan(measures.sample_cosine(torch.zeros(5, 3)))


def test_moments_of_a_convolution_go_over_points_and_space():
    values = torch.randn(6, 3, 4, 5, generator=torch.Generator().manual_seed(2))
    ours = measures.moments(values)
    np.testing.assert_allclose(ours.mean_D, values.mean(dim=(0, 2, 3)), atol=1e-6)
    assert ours.mean == pytest.approx(float(values.mean()), abs=1e-6)
    assert ours.std == pytest.approx(float(values.std(correction=0)), rel=1e-6)


def test_a_large_mean_does_not_swallow_the_deviation():
    values = 1e6 + torch.arange(8.0).repeat(16)[:, None]
    assert measures.moments(values).std == pytest.approx(float(np.arange(8.0).std()), rel=1e-9)


def test_units_differ_by_their_weights_or_their_bias():
    copies, bias = torch.ones(4, 3), torch.zeros(4)
    assert measures.unit_difference(copies, bias) == 0
    assert measures.unit_difference(0 * copies, None) == 0
    apart = torch.tensor([0.0, 0.0, 0.0, 1.0])
    assert measures.unit_difference(copies, apart) == pytest.approx(1 / 2)  # ‖(1, 1, 1, 1)‖ = 2
    assert math.isnan(measures.unit_difference(copies[:1], bias[:1]))
