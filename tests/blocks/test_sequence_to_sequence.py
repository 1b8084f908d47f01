"""The encoder-decoder is torch's own, asks with questions of its own, and is found by its file."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nnviz.blocks import BLOCKS
from nnviz.blocks.sequence_to_sequence import EncoderDecoder
from nnviz.spec import NetworkSpec, SpecError, layer_shapes

WIDTH, STEPS, HEADS, HIDDEN = 8, 5, 2, 16


def made(**options) -> EncoderDecoder:
    torch.manual_seed(0)
    return EncoderDecoder(WIDTH, STEPS, HEADS, HIDDEN, **options).eval()


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("norm_first", [False, True])
def test_it_gives_what_torch_s_transformer_gives_for_its_questions(norm_first):
    ours = made(layers=2, norm_first=norm_first)
    theirs = nn.Transformer(
        WIDTH, HEADS, 2, 2, HIDDEN, 0.0, batch_first=True, norm_first=norm_first
    ).eval()
    for side in ("encoder", "decoder"):
        getattr(theirs, side).layers = getattr(ours, side)
    theirs.encoder.norm, theirs.decoder.norm = ours.read, ours.answered
    x = torch.randn(3, WIDTH, STEPS)
    questions = ours.questions.weight.expand(3, -1, -1)
    torch.testing.assert_close(ours(x), theirs(x.mT, questions).mT, atol=1e-6, rtol=1e-5)


def test_what_it_shows_are_the_looks_of_torch_s_attention_at_the_encoder():
    part, block = made(), BLOCKS["sequence_to_sequence"](heads=HEADS, feedforward=HIDDEN)
    x = torch.randn(2, WIDTH, STEPS)
    with torch.no_grad():
        (seen,) = block.seen(part, x)
        memory = part.encoder[0](x.mT)
        decoder = part.decoder[0]
        asks = part.questions.weight.expand(2, -1, -1)
        asks = decoder.norm1(asks + decoder.self_attn(asks, asks, asks)[0])
        _, looks = decoder.multihead_attn(asks, memory, memory, average_attn_weights=False)
    torch.testing.assert_close(seen.values[:, 1], looks, atol=1e-6, rtol=1e-5)
    assert seen.values.shape == (2, 2, HEADS, STEPS, STEPS)


def test_every_weight_has_one_role():
    part, block = made(layers=2), BLOCKS["sequence_to_sequence"](heads=HEADS, layers=2)
    found = block.tensors(part)
    n_weights = sum(p.numel() for p in part.parameters() if p.dim() > 1)
    assert sum(tensor.values.numel() for tensor in found) == n_weights
    assert len({tensor.role for tensor in found}) == len(found)


def test_heads_that_do_not_divide_the_width_are_refused_by_name():
    blocks = [{"kind": "sequence_to_sequence", "heads": 3}]
    network = NetworkSpec.model_validate({"blocks": blocks})
    with pytest.raises(SpecError, match="sequence_to_sequence1: heads must divide the 8 arriving"):
        layer_shapes(network, (WIDTH, STEPS), (4, STEPS))
