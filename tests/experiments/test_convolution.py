"""A gliding window, filters and receptive fields against torch, scipy's rule and closed forms."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nnviz.experiments.convolution.filtered import filtered
from nnviz.experiments.convolution.kernels import FILTERS, kernel, recut
from nnviz.experiments.convolution.receptive import FieldLayer, receptive_fields
from nnviz.experiments.convolution.samples import photograph, sample
from nnviz.experiments.convolution.window import Glide, slide
from nnviz.randomness import numpy_generator

KINDS = ["digit", "photograph", "colour", "signal", "volume"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [0, 9])
def test_every_input_has_something_to_see(kind, number):
    x = sample(kind, number)
    assert np.isfinite(x).all()
    assert x.std() > 0.05 * np.abs(x).max()


def test_digits_and_photographs_are_whole_numbers():
    for kind in ("digit", "photograph", "colour"):
        x = sample(kind, 4)
        assert np.array_equal(x, x.round())


@settings(deadline=None, max_examples=40)
@given(
    n=st.integers(5, 14), size=st.integers(1, 4), stride=st.integers(1, 4),
    padding=st.integers(0, 3), dilation=st.integers(1, 3), n_axes=st.integers(1, 3),
)  # fmt: skip
def test_each_number_is_the_sum_of_the_products_under_the_window(
    n, size, stride, padding, dilation, n_axes
):
    glide = Glide(size, stride, padding, dilation)
    if glide.reach > n + 2 * padding:
        return
    rng = numpy_generator(n)
    x = rng.integers(-5, 6, (2, *(n,) * n_axes)).astype(float)
    weights = rng.integers(-3, 4, (3, 2, *(size,) * n_axes)).astype(float)
    record = slide(x, weights, 2.0, glide)
    assert record.output.shape[1:] == record.formula_space
    place = tuple(rng.integers(0, m) for m in record.formula_space)
    under = tuple(slice(p * stride, p * stride + glide.reach, dilation) for p in place)
    window = record.padded[(slice(None), *under)]
    assert record.output[(1, *place)] == (window * weights[1]).sum() + 2


def test_the_cost_is_what_torch_counts_and_a_dense_layers_is_another():
    x = sample("colour", 0)
    for groups in (1, 3):
        weights = np.ones((3, 3 // groups, 3, 3))
        record = slide(x, weights, 0.0, Glide(groups=groups))
        layer = nn.Conv2d(3, 3, 3, groups=groups)
        dense = nn.Linear(x.size, record.output.size, device="meta")
        assert record.n_parameters == sum(p.numel() for p in layer.parameters())
        assert record.n_dense_parameters == sum(p.numel() for p in dense.parameters())
        assert record.n_multiplications == weights[0].size * record.output.size


@pytest.mark.parametrize("n_axes", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_blur_keeps_even_areas_and_sharpen_too_and_edges_silence_them(n_axes, size):
    assert kernel("blur", size, n_axes).sum() == pytest.approx(1)
    assert kernel("sharpen", size, n_axes).sum() == pytest.approx(1)
    assert kernel("edges", size, n_axes).sum() == pytest.approx(0 if size > 1 else 1)


def test_own_numbers_keep_their_middle_when_the_kernel_grows_or_shrinks():
    nine = tuple(float(n) for n in range(9))
    same = recut(nine, (1, 1, 3, 3))[0, 0]
    grown = recut(nine, (1, 1, 5, 5))[0, 0]
    assert np.array_equal(grown[1:4, 1:4], same)
    assert grown.sum() == same.sum()
    assert recut(nine, (1, 1, 1, 1)).item() == 4


@given(
    n=st.integers(1, 225), size=st.integers(1, 5), n_axes=st.integers(1, 3), n_in=st.integers(1, 3)
)
def test_any_numbers_can_be_recut(n, size, n_axes, n_in):
    shape = (3, n_in, *(size,) * n_axes)
    assert recut(tuple(range(n)), shape).shape == shape


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_a_filter_keeps_even_areas_or_silences_them(name):
    values = np.array(FILTERS[name])
    keeps = name in ("identity", "blur", "sharpen", "emboss")
    assert values.shape == (3, 3)
    assert values.sum() == pytest.approx(1 if keeps else 0, abs=1e-12)


def test_pooling_after_the_filter_is_taken_over_squares():
    record = filtered("temple", np.array(FILTERS["identity"], dtype=float), False, "max", 4)
    assert np.array_equal(record.after, record.before)
    assert record.pooled[3, 5] == record.before[12:16, 20:24].max()
    mean = filtered("temple", np.array(FILTERS["identity"], dtype=float), False, "average", 4)
    assert mean.pooled[3, 5] == pytest.approx(record.before[12:16, 20:24].mean())


def test_photographs_are_means_of_blocks():
    whole, half = photograph("flower", 1), photograph("flower", 2)
    assert half[1, 7, 9] == whole[1, 14:16, 18:20].mean().round()


def test_the_middle_unit_lies_over_the_middle_of_what_it_reads():
    layers = [FieldLayer(3), FieldLayer(2, 2, is_pool=True), FieldLayer(5, 1, 2), FieldLayer(3)]
    _, records = receptive_fields(layers)
    for record in records:
        place = len(record.read[-1]) // 2
        assert record.read[-1].sum() == 1
        middle = record.start + (record.measured - 1) / 2
        assert record.centres[-1][place] == pytest.approx(middle)


def test_one_axis_reads_what_two_axes_read():
    layers = [FieldLayer(3, 2), FieldLayer(3, 1, 2)]
    _, records = receptive_fields(layers)
    for record in records:
        assert np.count_nonzero(record.read[0]) ** 2 == record.n_pixels


def test_the_effective_field_of_plain_layers_grows_with_the_root_of_the_depth():
    _, records = receptive_fields([FieldLayer(3)] * 32)
    assert records[-1].measured == 65
    ratio = records[31].effective / records[7].effective
    assert ratio == pytest.approx(2, abs=0.3)


def test_what_is_measured_draws_from_no_global_generator():
    before = torch.get_rng_state()
    slide(sample("digit", 0), np.ones((1, 1, 3, 3)), 0.0, Glide())
    receptive_fields([FieldLayer(3)] * 2)
    assert torch.equal(before, torch.get_rng_state())


def test_a_layer_too_deep_to_measure_is_left_out():
    size, records = receptive_fields([FieldLayer(7, 3)] * 8)
    assert size <= 127
    assert len(records) < 8
