"""Normalizations average over what they say, and are refused where they can't."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nnviz import NetworkSpec, SpecError, build_network
from nnviz.catalog.normalizations import (
    NORMALIZATIONS,
    NormalizationOptions,
    fitting_groups,
    working_groups,
)
from nnviz.spec import ConvolutionBlock, DenseBlock

EPS = 1e-5
OPTIONS = NormalizationOptions(groups=2)
SHAPES = [(6,), (6, 5), (6, 4, 3)]


def made(name, shape, options=OPTIONS):
    return NORMALIZATIONS[name].make(shape, options).train()


def sample(shape, n=7):
    generator = torch.Generator().manual_seed(2)
    return 3 + 2 * torch.randn(n, *shape, generator=generator)


def by_definition(x, axes):
    mean = x.mean(dim=axes, keepdim=True)
    variance = x.var(dim=axes, correction=0, keepdim=True)
    return (x - mean) / (variance + EPS).sqrt()


def expected(name, x):
    space = tuple(range(2, x.dim()))
    if name == "none":
        return x
    if name == "batch":
        return by_definition(x, (0, *space))
    if name == "layer":
        return by_definition(x, tuple(range(1, x.dim())))
    if name == "instance":
        return by_definition(x, space)
    groups = x.reshape(len(x), OPTIONS.groups, -1)
    return by_definition(groups, (2,)).reshape(x.shape)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", sorted(NORMALIZATIONS))
def test_it_averages_over_what_it_says(name, shape):
    entry = NORMALIZATIONS[name]
    assert entry.averages_over
    if entry.refuse(shape, OPTIONS):
        pytest.skip("refused on this shape")
    x = sample(shape)
    torch.testing.assert_close(made(name, shape)(x), expected(name, x))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", sorted(NORMALIZATIONS))
def test_only_what_uses_the_batch_depends_on_its_other_samples(name, shape):
    entry = NORMALIZATIONS[name]
    if entry.refuse(shape, OPTIONS):
        pytest.skip("refused on this shape")
    x = sample(shape)
    alike = torch.allclose(made(name, shape)(x)[:3], made(name, shape)(x[:3]), atol=1e-6)
    assert alike == (not entry.uses_batch)


@pytest.mark.parametrize(
    ("name", "shape", "groups", "words"),
    [
        ("instance", (8,), 4, "a dense layer has none"),
        ("instance", (8, 1), 4, "a single position gives 0"),
        ("instance", (8, 1, 1), 4, "a single position gives 0"),
        ("layer", (1,), 4, "a single number gives 0"),
        ("group", (8,), 8, "one unit each give 0"),
        ("group", (8,), 3, "groups must divide the 8 units or channels; got 3"),
        ("group", (4,), 8, "groups must divide"),
    ],
)
def test_traps_are_refused_with_the_reason(name, shape, groups, words):
    assert words in NORMALIZATIONS[name].refuse(shape, NormalizationOptions(groups=groups))


SPACES = st.sampled_from([(), (1,), (2,), (4,), (2, 3)])


def share_at_one(normalized):
    """Share of values that are +1 or -1 up to the variance that eps hides."""
    return float(((normalized.detach().abs() - 1).abs() < 0.01).float().mean())


@given(st.integers(1, 12), st.integers(1, 12), SPACES)
def test_a_caution_is_said_exactly_where_nearly_all_values_become_plus_or_minus_one(
    channels, groups, space
):
    """Layer, instance and group; the batch's own depends on the batch size."""
    shape, options = (channels, *space), NormalizationOptions(groups=groups)
    x = sample(shape, n=500)
    for name in ("layer", "instance", "group"):
        entry = NORMALIZATIONS[name]
        if entry.refuse(shape, options) is None:
            at_one = share_at_one(made(name, shape, options)(x)) > 0.95
            assert at_one == (entry.caution(shape, options) is not None), name


@given(st.integers(1, 40), SPACES)
def test_groups_that_are_offered_divide_and_keep_more_than_the_order_of_a_pair(channels, space):
    shape = (channels, *space)
    offered, entry = working_groups(shape), NORMALIZATIONS["group"]
    fine = [
        groups
        for groups in range(1, channels + 1)
        if entry.refuse(shape, NormalizationOptions(groups)) is None
        and entry.caution(shape, NormalizationOptions(groups)) is None
    ]
    assert offered == fine
    chosen = fitting_groups([shape])
    assert chosen == max([g for g in fine if g <= 4], default=1)


def test_refusal_and_caution_name_the_groups_that_work():
    group = NORMALIZATIONS["group"]
    assert group.refuse((8,), NormalizationOptions(3)).endswith("got 3: use 1 or 2")
    assert group.caution((8,), NormalizationOptions(4)).endswith("use 1 or 2")
    assert group.caution((8,), NormalizationOptions(2)) is None
    assert group.refuse((12,), NormalizationOptions(12)).endswith("use 1, 2, 3 or 4")
    assert "no number of groups works" in group.caution((2,), NormalizationOptions(1))
    assert fitting_groups([(8,), (6,), (16,)]) == 2
    assert fitting_groups([(8,), (9,)]) == 1
    assert fitting_groups([]) == NormalizationOptions().groups


@given(st.integers(1, 12), st.integers(1, 12), st.sampled_from([(), (1,), (4,), (2, 3)]))
def test_what_is_not_refused_neither_raises_nor_wipes_the_signal_out(channels, groups, space):
    options = NormalizationOptions(groups=groups)
    x = sample((channels, *space), n=4)
    for name, entry in NORMALIZATIONS.items():
        if entry.refuse((channels, *space), options) is None:
            assert float(made(name, (channels, *space), options)(x).detach().abs().max()) > 0.1


def test_a_dense_block_refuses_instance_and_a_convolution_takes_it():
    with pytest.raises(SpecError, match="dense1: instance normalization averages over space"):
        build_network(NetworkSpec(blocks=(DenseBlock(normalization="instance"),)), (2,), 2)
    block = ConvolutionBlock(normalization="instance")
    assert build_network(NetworkSpec(blocks=(block,)), (1, 8, 8), 2)(torch.randn(3, 1, 8, 8)).shape


def test_group_of_one_is_layer_and_group_of_all_is_instance():
    x = sample((6, 5))
    one = made("group", (6, 5), NormalizationOptions(groups=1))(x)
    torch.testing.assert_close(one, made("layer", (6, 5))(x))
    every = made("group", (6, 5), NormalizationOptions(groups=6))(x)
    torch.testing.assert_close(every, made("instance", (6, 5))(x))


def test_after_k_steps_share_0_9_to_the_k_of_the_first_running_value_remains():
    norm, x = made("batch", (6,)), sample((6,))
    for _ in range(10):
        norm(x)
    batch = x.var(dim=0, correction=1)
    torch.testing.assert_close(norm.running_var, 0.9**10 * 1 + (1 - 0.9**10) * batch)
    torch.testing.assert_close(norm.running_mean, (1 - 0.9**10) * x.mean(dim=0))


def test_cumulative_momentum_is_the_mean_over_the_batches():
    norm = made("batch", (6,), NormalizationOptions(momentum=None))
    batches = sample((6,), n=28).split(7)
    for batch in batches:
        norm(batch)
    means = torch.stack([batch.mean(dim=0) for batch in batches])
    torch.testing.assert_close(norm.running_mean, means.mean(dim=0))


def test_without_running_statistics_evaluation_uses_the_batch():
    norm = made("batch", (6,), NormalizationOptions(track_running_stats=False)).eval()
    x = sample((6,))
    torch.testing.assert_close(norm(x), expected("batch", x))
