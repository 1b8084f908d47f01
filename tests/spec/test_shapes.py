"""Shapes and counts by arithmetic are those of the network that torch builds."""

import math

import pytest
import torch
from hypothesis import given, settings

from nnviz import DenseBlock, ExperimentSpec, NetworkSpec, build_network
from nnviz.spec import ConvolutionBlock, PoolBlock, SpecError, layer_shapes
from tests.strategies import experiments


@settings(max_examples=120)
@given(experiments())
def test_arithmetic_agrees_with_the_built_network(spec):
    shapes = spec.layer_shapes
    network = build_network(spec.network, spec.data.sample, spec.data.output_shape)
    assert [shape.name for shape in shapes] == [name for name, _ in network.named_children()]
    values = torch.zeros(3, *spec.data.sample.shape)
    network.eval()
    for shape, block in zip(shapes, network, strict=True):
        assert tuple(values.shape[1:]) == shape.input_shape
        values = block(values)
        assert tuple(values.shape[1:]) == shape.output_shape
        assert sum(p.numel() for p in block.parameters()) == shape.n_parameters
    assert spec.n_parameters == sum(p.numel() for p in network.parameters())
    assert tuple(values.shape) == (3, *spec.data.output_shape)


def test_multiplications_of_a_convolution_are_those_of_its_definition():
    network = NetworkSpec(blocks=(ConvolutionBlock(channels=4, kernel_size=3, stride=2),))
    convolution, output = layer_shapes(network, (1, 8, 8), 10)
    assert convolution.output_shape == (4, 4, 4)
    assert convolution.n_multiplications == 4 * 4 * 4 * 1 * 3 * 3
    assert output.n_multiplications == output.n_parameters - 10 == 64 * 10


def test_parameters_of_an_mlp_are_counted_as_on_paper():
    spec = ExperimentSpec(network=NetworkSpec(blocks=(DenseBlock(width=4),)))
    assert spec.n_parameters == (2 * 4 + 4) + (4 * 2 + 2)


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (PoolBlock(size=8), "a window of 8 does not fit 7"),
        (ConvolutionBlock(kernel_size=9, padding="valid"), "a kernel of 9 does not fit 7"),
    ],
)
def test_what_is_larger_than_its_input_is_refused(block, words):
    with pytest.raises(SpecError, match=words):
        layer_shapes(NetworkSpec(blocks=(block,)), (1, 7), 2)


def test_global_average_leaves_one_number_a_channel():
    shapes = layer_shapes(NetworkSpec(blocks=(PoolBlock(method="global_average"),)), (3, 8, 8), 2)
    assert math.prod(shapes[0].output_shape) == 3
