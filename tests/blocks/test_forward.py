"""What a block computes is what plain torch modules with its weights compute."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nnviz.blocks.sample import Sample
from nnviz.network import build_network
from nnviz.recorders.parts import learned_part
from nnviz.spec import NetworkSpec
from tests.blocks.cases import CASES, kinds
from tests.blocks.test_shapes import given_to

ROWS = Sample((6, 9))
CELLS: dict[str, Any] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def block_of(document: dict[str, Any], sample: Sample, seed: int = 0) -> nn.Module:
    network = build_network(NetworkSpec.model_validate({"blocks": [document]}), sample, 2, seed)
    return network[0]


def own_weights(block: nn.Module, place: str = "") -> dict[str, Tensor]:
    learned = learned_part(block)
    assert learned is not None
    return {name.removeprefix(place): tensor for name, tensor in learned.state_dict().items()}


@pytest.mark.parametrize("n_layers", [1, 2])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_a_recurrent_block_is_torchs_own_layer(cell: str, both: bool, n_layers: int) -> None:
    document = {"kind": "recurrent", "cell": cell, "width": 4, "layers": n_layers}
    x = given_to(ROWS, 5)
    for output in ("last", "mean", "all"):
        block = block_of({**document, "bidirectional": both, "output": output}, ROWS)
        plain = CELLS[cell](6, 4, n_layers, batch_first=True, bidirectional=both)
        plain.load_state_dict(own_weights(block, "cells."))
        states, last = plain(x.mT)
        final = last[0] if cell == "lstm" else last
        expected = {
            "all": states.mT,
            "mean": states.mean(1),
            "last": torch.cat([*final[-1 - both :]], dim=1),
        }
        torch.testing.assert_close(block(x), expected[output], rtol=0, atol=0)


def test_the_forget_gate_starts_with_what_is_asked() -> None:
    """Rows h to 2h of both biases together, of each layer and direction; nothing else changes."""
    document = {"kind": "recurrent", "width": 4, "layers": 2, "bidirectional": True}
    plain = own_weights(block_of(document, ROWS))
    asked = own_weights(block_of({**document, "forget_bias": 1.5}, ROWS))
    for name, tensor in asked.items():
        if "bias_ih" in name:
            together = tensor + asked[name.replace("ih", "hh")]
            assert (together[4:8] == 1.5).all()
            torch.testing.assert_close(tensor[:4], plain[name][:4], rtol=0, atol=0)
            torch.testing.assert_close(tensor[8:], plain[name][8:], rtol=0, atol=0)
        elif "weight" in name:
            assert torch.equal(tensor, plain[name])


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("training", [False, True])
def test_an_encoder_is_a_stack_of_torchs_layers(norm_first: bool, training: bool) -> None:
    document = {"kind": "encoder", "heads": 3, "feedforward": 5, "layers": 2}
    block = block_of({**document, "norm_first": norm_first}, ROWS).train(training)
    layers = nn.ModuleList(
        nn.TransformerEncoderLayer(6, 3, 5, 0.0, batch_first=True, norm_first=norm_first)
        for _ in range(2)
    )
    plain = nn.ModuleDict({"layers": layers, **({"norm": nn.LayerNorm(6)} if norm_first else {})})
    plain.load_state_dict(own_weights(block))
    x = given_to(ROWS, 5)
    expected = x.mT
    for layer in layers.train(training):
        expected = layer(expected)
    if norm_first:
        expected = plain["norm"](expected)
    torch.testing.assert_close(block(x), expected.mT, rtol=0, atol=0)


def test_encoder_layers_start_differently() -> None:
    weights = own_weights(block_of({"kind": "encoder", "heads": 2, "layers": 2}, ROWS))
    name = "layers.{}.self_attn.in_proj_weight"
    assert not torch.equal(weights[name.format(0)], weights[name.format(1)])


def test_an_embedding_is_torchs_own() -> None:
    words = Sample((1, 7), 5)
    block = block_of({"kind": "embedding", "width": 4}, words)
    table = nn.Embedding(5, 4)
    table.load_state_dict(own_weights(block, "table."))
    x = given_to(words)
    torch.testing.assert_close(block(x), table(x[:, 0].long()).mT, rtol=0, atol=0)


def test_positions_are_those_of_the_paper() -> None:
    x = given_to(ROWS)
    added = (block_of({"kind": "positions"}, ROWS)(x) - x)[0].double()
    t = torch.arange(9, dtype=torch.float64)
    for i in range(3):
        angle = t / 10000 ** (2 * i / 6)
        torch.testing.assert_close(added[2 * i], angle.sin(), rtol=0, atol=1e-6)
        torch.testing.assert_close(added[2 * i + 1], angle.cos(), rtol=0, atol=1e-6)


def test_learned_positions_are_one_vector_a_step() -> None:
    block = block_of({"kind": "positions", "form": "learned"}, ROWS)
    table = nn.Embedding(9, 6)
    table.load_state_dict(own_weights(block, "table."))
    x = given_to(ROWS, 3)
    torch.testing.assert_close(block(x), x + table(torch.arange(9)).T, rtol=0, atol=0)


def test_no_positions_change_nothing() -> None:
    x = given_to(ROWS, 3)
    assert torch.equal(block_of({"kind": "positions", "form": "none"}, ROWS)(x), x)


def test_a_residual_block_adds_what_arrives() -> None:
    inside = [{"kind": "convolution", "channels": 6}, {"kind": "encoder", "heads": 2}]
    block = block_of({"kind": "residual", "blocks": inside}, ROWS)
    x = given_to(ROWS)
    torch.testing.assert_close(block(x), x + block[1](block[0](x)), rtol=0, atol=0)


@pytest.mark.parametrize("shape", [(4, 11), (4, 7, 9), (4, 5, 6, 7)])
@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_a_convolution_is_torchs_own(shape: tuple[int, ...], groups: int, dilation: int) -> None:
    kinds_of = {2: nn.Conv1d, 3: nn.Conv2d, 4: nn.Conv3d}
    for kernel_size, padding in ((2, "same"), (3, "same"), (3, "valid")):
        document = {
            "kind": "convolution", "channels": 8, "kernel_size": kernel_size, "bias": groups < 4,
            "dilation": dilation, "channel_groups": groups, "padding": padding,
            "activation": "identity",
        }  # fmt: skip
        block = block_of(document, Sample(shape))
        plain = kinds_of[len(shape)](
            4, 8, kernel_size, padding=padding, dilation=dilation, groups=groups, bias=groups < 4
        )
        plain.load_state_dict(own_weights(block))
        x = given_to(Sample(shape))
        torch.testing.assert_close(block(x), plain(x))


@pytest.mark.parametrize("shape", [(3, 8), (3, 6, 9), (3, 4, 5, 6)])
@pytest.mark.parametrize("method", ["max", "average"])
def test_pooling_takes_the_largest_or_the_mean(shape: tuple[int, ...], method: str) -> None:
    x, n = given_to(Sample(shape)), len(shape) - 1
    all_positions = tuple(range(2, 2 + n))
    whole = x.amax(all_positions) if method == "max" else x.mean(all_positions)
    everywhere = block_of({"kind": "pool", "method": f"global_{method}"}, Sample(shape))
    torch.testing.assert_close(everywhere(x), whole.view(2, 3, *[1] * n))
    if n == 1:
        in_time = block_of({"kind": "pool", "method": method, "over": "time"}, Sample(shape))
        torch.testing.assert_close(in_time(x), whole)
    windows = x
    for axis in all_positions:
        windows = windows.unfold(axis, 2, 2)
    inside = tuple(range(-n, 0))
    expected = windows.amax(inside) if method == "max" else windows.mean(inside)
    block = block_of({"kind": "pool", "method": method}, Sample(shape))
    torch.testing.assert_close(block(x), expected)


DRAWN = {
    "dense": Sample((5,)),
    "convolution": Sample((2, 6, 6, 6)),
    "embedding": Sample((1, 7), 5),
    "positions": ROWS,
    "recurrent": ROWS,
    "encoder": ROWS,
    "sequence_to_sequence": ROWS,
}


@pytest.mark.parametrize("kind", DRAWN)
def test_the_seed_alone_decides_the_weights(kind: str) -> None:
    document = {"kind": kind, **({"form": "learned"} if kind == "positions" else {})}
    document |= {"heads": 2} if kind in ("encoder", "sequence_to_sequence") else {}
    before = torch.get_rng_state()
    one, same, other = (own_weights(block_of(document, DRAWN[kind], seed)) for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(one[name], same[name]) for name in one)
    drawn = [name for name, tensor in one.items() if tensor.dim() > 1]
    assert drawn
    assert not any(torch.equal(one[name], other[name]) for name in drawn)


def test_every_kind_with_weights_is_among_these() -> None:
    all_kinds = set().union(*(kinds(case["network"]["blocks"]) for case in CASES.values()))
    assert all_kinds - {"pool", "flatten", "residual"} == set(DRAWN)
