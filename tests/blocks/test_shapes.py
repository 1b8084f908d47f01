"""Shapes and counts of every kind of block are those of the network that torch builds."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from nnviz.blocks import BLOCKS
from nnviz.blocks.sample import Sample
from nnviz.network import build_network
from nnviz.recorders.parts import named_blocks
from nnviz.spec import NetworkSpec, layer_shapes
from tests.blocks.settings import SETTINGS, SMALL, arriving, layers_of


def given_to(sample: Sample, n: int = 2) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    if sample.vocabulary:
        size = (n, *sample.shape)
        return torch.randint(0, sample.vocabulary, size, generator=generator).float()
    return torch.randn(n, *sample.shape, generator=generator)


def test_every_kind_has_random_settings() -> None:
    assert set(SETTINGS) == set(BLOCKS)


@pytest.mark.parametrize("kind", BLOCKS)
def test_what_is_counted_is_what_torch_builds(kind: str) -> None:
    n_built = 0

    @settings(max_examples=60)
    @given(SETTINGS[kind], arriving(kind))
    def check(block: dict[str, Any], sample: Sample) -> None:
        nonlocal n_built
        layers = layers_of(block, sample)
        if isinstance(layers, str):
            return assert_sentence(layers, kind)
        n_built += 1
        spec = NetworkSpec.model_validate({"blocks": [block]})
        network = build_network(spec, sample, 3).eval()
        seen: dict[str, tuple[torch.Size, torch.Size]] = {}
        for name, own in named_blocks(network):
            own.register_forward_hook(
                lambda _, x, y, name=name: seen.update({name: (x[0].shape[1:], y.shape[1:])})
            )
        network(given_to(sample))
        shapes = {layer.name: (layer.input_shape, layer.output_shape) for layer in layers}
        assert shapes == seen
        assert sum(layer.n_parameters for layer in layers) == sum(
            p.numel() for p in network.parameters()
        )
        return None

    check()
    assert n_built >= 10


def assert_sentence(words: str, kind: str) -> None:
    """It begins with the block and goes on for some words."""
    assert words.startswith((f"{kind}1", "output"))
    assert len(words.split()) > 6


positions = st.integers(1, 3).flatmap(
    lambda n: st.tuples(*(st.integers(*SMALL[n]) for _ in range(n)))
)


@settings(max_examples=150)
@given(
    positions, st.integers(1, 7), st.integers(1, 5), st.integers(1, 4), st.integers(1, 3),
    st.sampled_from(("same", "valid")), st.booleans(),
)  # fmt: skip
def test_a_convolution_is_as_large_as_the_formula_says(
    axes: tuple[int, ...], k: int, s: int, d: int, groups: int, padding: str, bias: bool
) -> None:
    """⌊(n + zeros - d(k - 1) - 1) / s⌋ + 1 (Dumoulin & Visin 2016)."""
    zeros = d * (k - 1) if padding == "same" else 0
    sizes = tuple((n + zeros - d * (k - 1) - 1) // s + 1 for n in axes)
    block = {
        "kind": "convolution", "channels": 2 * groups, "kernel_size": k, "stride": s,
        "dilation": d, "padding": padding, "channel_groups": groups, "bias": bias,
    }  # fmt: skip
    layers = layers_of(block, Sample((3 * groups, *axes)))
    if min(n + zeros - d * (k - 1) for n in axes) < 1:
        assert isinstance(layers, str)
        return
    assert layers[0].output_shape == (2 * groups, *sizes)
    n_weights = 2 * groups * 3 * k ** len(axes)
    assert layers[0].n_parameters == n_weights + 2 * groups * bias
    assert layers[0].n_multiplications == n_weights * math.prod(sizes)


@settings(max_examples=80)
@given(positions, st.integers(2, 5), st.sampled_from(("max", "average")))
def test_pooling_is_as_large_as_the_formula_says(
    axes: tuple[int, ...], size: int, method: str
) -> None:
    """⌊(n - k) / s⌋ + 1 with k = s."""
    layers = layers_of({"kind": "pool", "method": method, "size": size}, Sample((2, *axes)))
    if min(axes) < size:
        assert isinstance(layers, str)
        return
    assert layers[0].output_shape == (2, *((n - size) // size + 1 for n in axes))
    assert layers[0].n_parameters == 0


@settings(max_examples=80)
@given(
    st.sampled_from(("rnn", "gru", "lstm")), st.integers(1, 9), st.integers(1, 9),
    st.integers(1, 4), st.booleans(),
)  # fmt: skip
def test_a_cell_learns_as_many_numbers_as_on_paper(
    cell: str, i: int, h: int, n_layers: int, both: bool
) -> None:
    """h(i + h) + 2h for a plain one, three times that for a GRU, four times for an LSTM."""
    block = {"kind": "recurrent", "cell": cell, "width": h, "layers": n_layers}
    layers = layers_of({**block, "bidirectional": both}, Sample((i, 7)))
    assert not isinstance(layers, str)
    ways = 1 + both
    incoming = [i, *[ways * h] * (n_layers - 1)]
    gates = {"rnn": 1, "gru": 3, "lstm": 4}[cell]
    own = sum(h * (n + h) + 2 * h for n in incoming)
    assert layers[0].n_parameters == gates * ways * own
    products = sum(h * (n + h) for n in incoming)
    assert layers[0].n_multiplications == 7 * gates * ways * products


@settings(max_examples=60)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 12), st.integers(1, 3), st.booleans())
def test_an_encoder_learns_as_many_numbers_as_on_paper(
    heads: int, each: int, f: int, n_layers: int, norm_first: bool
) -> None:
    """4d² + 4d of attention, 2df + f + d of two dense layers, 4d of two normalizations."""
    d = heads * each
    block = {"kind": "encoder", "heads": heads, "feedforward": f, "layers": n_layers}
    layers = layers_of({**block, "norm_first": norm_first}, Sample((d, 5)))
    assert not isinstance(layers, str)
    layer = (4 * d * d + 4 * d) + (2 * d * f + f + d) + 4 * d
    assert layers[0].n_parameters == n_layers * layer + 2 * d * norm_first


@pytest.mark.parametrize("kind", ["dense", "convolution", "encoder", "sequence_to_sequence"])
@settings(max_examples=12)
@given(data=st.data())
def test_multiplications_are_those_that_torch_takes(kind: str, data: st.DataObject) -> None:
    sample = data.draw(arriving(kind))
    assume(not sample.vocabulary)
    spec = NetworkSpec.model_validate({"blocks": [data.draw(SETTINGS[kind])]})
    assume(not isinstance(layers_of(spec.blocks[0].model_dump(), sample), str))
    layers, network = layer_shapes(spec, sample, 3), build_network(spec, sample, 3)
    for part in network.modules():  # what is fused in evaluation can't be counted
        part.train(isinstance(part, nn.TransformerEncoderLayer | nn.MultiheadAttention))
    with FlopCounterMode(display=False) as counted, sdpa_kernel(SDPBackend.MATH):
        network(given_to(sample, 1))
    assert counted.get_total_flops() == 2 * sum(layer.n_multiplications for layer in layers)


@pytest.mark.parametrize("n_axes", [1, 2, 3])
def test_a_network_of_strided_convolutions_reads_where_the_formula_says(n_axes: int) -> None:
    """r_l = r_(l-1) + (k_l - 1) · d_l · Π s_i, and ∂(one answer)/∂input is 0 beyond it."""
    rows = [(3, 1, 2), (2, 2, 1), (3, 1, 1)]
    names = ("kernel_size", "stride", "dilation")
    blocks = [
        {"kind": "convolution", "channels": 2, "padding": "valid", "activation": "identity",
         **dict(zip(names, row, strict=True))} for row in rows
    ]  # fmt: skip
    reach, apart = 1, 1
    for k, s, d in rows:
        reach, apart = reach + (k - 1) * d * apart, apart * s
    side = reach + 2
    spec = NetworkSpec.model_validate({"blocks": blocks})
    network = build_network(spec, (1, *[side] * n_axes), 3)[: len(rows)]
    x = torch.randn(1, 1, *[side] * n_axes, generator=torch.Generator().manual_seed(1))
    answer = network(x.requires_grad_())
    answer[(0, slice(None), *[0] * n_axes)].sum().backward()
    assert x.grad is not None
    read = x.grad[0, 0].nonzero()
    assert (read.amin(0) == 0).all()
    assert (read.amax(0) == reach - 1).all()


def test_layers_hand_on_what_the_next_one_gets() -> None:
    blocks = [{"kind": "embedding"}, {"kind": "positions"}, {"kind": "encoder"}, {"kind": "dense"}]
    layers = layer_shapes(NetworkSpec.model_validate({"blocks": blocks}), Sample((1, 6), 4), 2)
    assert all(one.output == next_one.arrives for one, next_one in pairwise(layers))
    assert layers[0].arrives.vocabulary == 4
    assert not layers[1].arrives.vocabulary
