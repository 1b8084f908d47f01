"""Blocks in the order asked for, with initial weights that depend on name and seed alone."""

import math

import pytest
import torch
from hypothesis import given, settings
from torch import nn

from nnviz import DenseBlock, ExperimentSpec, FlattenBlock, NetworkSpec, PoolBlock, build_network
from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.network import bias_has_no_effect
from nnviz.spec import ConvolutionBlock
from tests.strategies import experiments

TWO = (DenseBlock(width=6), DenseBlock(width=6))


def built(shape=(2,), n_outputs=3, seed=0, **fields):
    fields.setdefault("blocks", TWO)
    return build_network(NetworkSpec(**fields), shape, n_outputs, seed)


def parts(block):
    return [name for name, _ in block.named_children()]


def test_normalization_stands_where_it_is_placed():
    before = built(normalization="batch", dropout=0.1)
    after = built(normalization="batch", dropout=0.1, placement="after")
    assert parts(before[0]) == ["linear", "normalization", "activation", "dropout"]
    assert parts(after[0]) == ["linear", "activation", "normalization", "dropout"]
    assert parts(built()[0]) == ["linear", "activation"]
    assert parts(before.output) == ["linear"]
    x = torch.randn(20, 2)
    linear, norm = after[0].linear, nn.BatchNorm1d(6)
    torch.testing.assert_close(after[0][:3](x), norm(torch.relu(linear(x))))
    torch.testing.assert_close(before[0][:3](x), torch.relu(nn.BatchNorm1d(6)(linear(x))))


def test_blocks_are_numbered_from_the_input_and_flattened_where_needed():
    blocks = (ConvolutionBlock(), PoolBlock(), FlattenBlock(), DenseBlock())
    network = built((1, 8, 8), blocks=blocks)
    names = ["convolution1", "pool2", "flatten3", "dense4", "output"]
    assert [name for name, _ in network.named_children()] == names
    assert parts(network.dense4) == ["linear", "activation"]
    direct = built((1, 8, 8), blocks=(ConvolutionBlock(), DenseBlock()))
    assert parts(direct.dense2) == ["flatten", "linear", "activation"]
    assert parts(built((1, 8, 8), blocks=()).output) == ["flatten", "linear"]


def convolved(shape, **fields):
    """A network that starts with one convolution, what went in, and what the convolution gave."""
    block = ConvolutionBlock(channels=3, activation="identity", **fields)
    network = built(shape, blocks=(block,))
    x = torch.randn(5, *shape, generator=torch.Generator().manual_seed(0))
    return network.convolution1, x, network.convolution1(x)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("kernel_size", range(1, 8))
@pytest.mark.parametrize("shape", [(2, 11), (2, 7, 9)])
def test_same_padding_is_torchs_own(shape, kernel_size):
    block, x, answer = convolved(shape, kernel_size=kernel_size)
    convolve = nn.functional.conv1d if len(shape) == 2 else nn.functional.conv2d
    layer = block.convolution
    torch.testing.assert_close(answer, convolve(x, layer.weight, layer.bias, padding="same"))
    assert answer.shape[2:] == x.shape[2:]


@pytest.mark.parametrize("kernel_size", range(1, 8))
@pytest.mark.parametrize("stride", [2, 3, 5])
@pytest.mark.parametrize("size", [6, 7, 11])
def test_same_padding_leaves_one_position_a_stride_for_any_kernel(size, stride, kernel_size):
    _, _, answer = convolved((2, size, 2 * size), kernel_size=kernel_size, stride=stride)
    expected = [math.ceil(size / stride), math.ceil(2 * size / stride)]
    assert list(answer.shape[2:]) == expected


def test_a_convolution_pads_by_itself_where_both_sides_get_the_same():
    odd, _, _ = convolved((1, 9, 9), kernel_size=5)
    even, _, _ = convolved((1, 9, 9), kernel_size=4)
    valid, _, _ = convolved((1, 9, 9), kernel_size=4, padding="valid")
    assert (parts(odd), odd.convolution.padding) == (["convolution", "activation"], (2, 2))
    assert (parts(even), even.convolution.padding) == (
        ["padding", "convolution", "activation"],
        (0, 0),
    )
    assert (parts(valid), valid.convolution.padding) == (["convolution", "activation"], (0, 0))


def test_a_block_overrides_the_network():
    blocks = (DenseBlock(activation="tanh", dropout=0.0), DenseBlock())
    network = built(blocks=blocks, activation="gelu", dropout=0.3)
    assert isinstance(network.dense1.activation, nn.Tanh)
    assert parts(network.dense1) == ["linear", "activation"]
    assert isinstance(network.dense2.activation, nn.GELU)
    assert network.dense2.dropout.p == 0.3


@pytest.mark.parametrize(
    "other",
    [
        {"normalization": "batch"},
        {"normalization": "layer", "placement": "after"},
        {"activation": "tanh"},
        {"activation": "prelu"},
        {"dropout": 0.5},
        {"blocks": (*TWO, DenseBlock(width=6), DenseBlock(width=6))},
        {"blocks": (DenseBlock(width=6), DenseBlock(width=9))},
    ],
)
@pytest.mark.parametrize("initializer", ["default", "normal", "orthogonal"])
def test_networks_share_the_weights_of_every_part_whose_name_and_shape_agree(other, initializer):
    initialization = {"name": initializer, **({"gain": 1} if initializer == "orthogonal" else {})}
    one = built(initialization=initialization).state_dict()
    two = built(initialization=initialization, **other).state_dict()
    shared = []
    for weight in (name for name in one if name.endswith("linear.weight") and name in two):
        if one[weight].shape == two[weight].shape:
            shared += [weight, weight.replace("weight", "bias")]
    assert {"dense1.linear.weight", "dense1.linear.bias"} <= set(shared)
    assert all(torch.equal(one[name], two[name]) for name in shared)


def test_the_seed_decides_and_layers_differ():
    one, same, other = built(seed=1), built(seed=1), built(seed=2)
    assert torch.equal(one.dense2.linear.weight, same.dense2.linear.weight)
    assert not torch.equal(one.dense2.linear.weight, other.dense2.linear.weight)
    deep = built(blocks=TWO * 2)
    assert not torch.equal(deep.dense2.linear.weight, deep.dense3.linear.weight)


@settings(max_examples=40)
@given(experiments())
def test_building_leaves_the_callers_random_state_alone(spec):
    before = torch.get_rng_state()
    build_network(spec.network, spec.data.sample, spec.data.output_shape)
    assert torch.equal(torch.get_rng_state(), before)


@settings(max_examples=60)
@given(experiments(names=("spirals", "iris", "digits")))
def test_a_bias_has_no_effect_exactly_where_its_gradient_vanishes(spec):
    """The gradient of a bias behind which its mean is subtracted is 0 up to rounding."""
    network = build_network(spec.network, spec.data.sample, spec.data.output_shape)
    network = network.double().train()
    generator = torch.Generator().manual_seed(0)
    shape = (32, *spec.data.entry.input_shape)
    x = torch.randn(shape, generator=generator, dtype=torch.float64)
    for block in network.children():  # alone, so that nothing behind it can hide the gradient
        learned = next((p for p in block if isinstance(p, (nn.Linear, nn.Conv1d, nn.Conv2d))), None)
        if learned is not None:
            for part in block:
                if isinstance(part, nn.modules.dropout._DropoutNd):
                    part.eval()
            out = block(x)
            weights = torch.randn(out.shape, generator=generator, dtype=torch.float64)
            scale = (out * weights).abs().sum().item()
            (gradient,) = torch.autograd.grad((out * weights).sum(), learned.bias)
            vanishes = gradient.abs().max().item() <= 1e-9 * max(scale, 1e-300)
            if bias_has_no_effect(block):
                assert vanishes
        x = block(x).detach()


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("placement", ["before", "after"])
@pytest.mark.parametrize("normalization", sorted(NORMALIZATIONS))
def test_bias_has_no_effect_is_told_by_its_gradient(normalization, placement, activation):
    block = ConvolutionBlock(
        channels=4, kernel_size=4, normalization=normalization, placement=placement, groups=2,
        activation=activation, initialization={"name": "kaiming_normal", "bias": 0.3},
    )  # fmt: skip
    network = built((1, 8, 8), blocks=(block,)).double()
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(16, 1, 8, 8, generator=generator, dtype=torch.float64)
    target = torch.randint(0, 3, (16,), generator=generator)
    nn.functional.cross_entropy(network(x), target).backward()
    convolution = network.convolution1.convolution
    size = convolution.bias.grad.norm() / convolution.weight.grad.norm()
    assert (float(size) < 1e-12) == bias_has_no_effect(network.convolution1)


def test_logits_come_out_for_any_valid_spec():
    spec = ExperimentSpec()
    network = build_network(spec.network, (2,), spec.data.n_outputs)
    assert network.training
    assert network(torch.zeros(5, 2)).shape == (5, 2)
