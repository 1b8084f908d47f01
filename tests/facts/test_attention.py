"""Published facts of attention: 22 to 26 of the list."""

import numpy as np
import pytest
import torch
from torch import nn

from nnviz.experiments.attention.count import count
from nnviz.experiments.attention.masks import influence
from nnviz.experiments.attention.norm_place import norm_place
from nnviz.experiments.attention.order import reorder
from nnviz.experiments.attention.scale import WIDTHS, scale


@pytest.mark.parametrize("d", [8, 64])
@pytest.mark.parametrize("f", [16, 100])
def test_parameters_of_attention_and_of_an_encoder_layer(d, f):
    """Fact 22."""
    assert sum(p.numel() for p in nn.MultiheadAttention(d, 4).parameters()) == 4 * d * d + 4 * d
    formula = 4 * d * d + 4 * d + 2 * d * f + f + d + 4 * d
    layer = nn.TransformerEncoderLayer(d, 4, f)
    assert sum(p.numel() for p in layer.parameters()) == formula
    assert count(d, 4, f, 5, 10).of_a_layer == formula


def test_products_have_variance_d_and_softmax_stares_unless_divided():
    """Fact 23, mean of three seeds."""
    records = [scale(64, 8, seed) for seed in range(3)]
    variance_2W = np.mean([each.variance_2W for each in records], axis=0)
    np.testing.assert_allclose(variance_2W[0] / WIDTHS, 1, atol=0.06)
    np.testing.assert_allclose(variance_2W[1], 1, atol=0.06)
    largest_2W = np.mean([each.largest_2W for each in records], axis=0)
    assert largest_2W[0, WIDTHS.index(64)] > 0.8
    assert largest_2W[0, WIDTHS.index(1024)] > 0.95
    assert (largest_2W[1] < 0.4).all()


@pytest.mark.parametrize("seed", range(3))
def test_permuting_tokens_permutes_outputs_until_positions_are_added(seed):
    """Fact 24."""
    words, order = ("one", "two", "three", "four", "five"), (3, 0, 4, 2, 1)
    assert reorder(words, order, False, seed).change_T.max() < 1e-13
    assert reorder(words, order, True, seed).change_T.min() > 1e-3


@pytest.mark.parametrize("n_layers", [1, 4])
def test_behind_a_causal_mask_no_output_depends_on_a_later_input(n_layers):
    """Fact 25: exactly 0, through any number of layers."""
    is_open = np.tril(np.ones((7, 7), dtype=bool))
    shown = influence(is_open.tolist(), n_layers)
    assert (shown.influence_TT[~is_open] == 0).all()
    assert (shown.influence_TT[is_open] > 0).all()


def test_gradients_fall_with_depth_before_and_not_after():
    """Fact 26: d 64, 4 heads, f 256, Xavier normal, three seeds."""
    shown = norm_place(64, 4, 2, n_seeds=3)
    after, before = (dict(zip(shown.depths_N, row.mean(axis=0), strict=True))
                     for row in shown.last_PRN)  # fmt: skip
    assert after[12] > 0.9 * after[2]
    assert after[6] > 0.9 * after[2]
    assert before[2] > before[6] > before[12]
    assert before[12] < 0.6 * before[2]
    assert torch.isfinite(torch.tensor(list(after.values()))).all()
