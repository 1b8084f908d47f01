"""Attention against torch's own functions and closed forms."""

import itertools
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nnviz.blocks.positions import sinusoids
from nnviz.experiments.attention.by_hand import attend, open_cells
from nnviz.experiments.attention.count import count
from nnviz.experiments.attention.masks import influence
from nnviz.experiments.attention.norm_place import DEPTHS, norm_place
from nnviz.experiments.attention.order import reorder
from nnviz.experiments.attention.records import ROUNDING
from nnviz.experiments.attention.scale import N_QUERIES, products, scale, softmax_slope
from nnviz.experiments.attention.words import MOST_WORDS, word_vectors, words_of

WORDS = ("dog", "sees", "dog", "run", "away")


@pytest.mark.parametrize(
    ("scaled", "causal", "n_padding"),
    list(itertools.product([True, False], [True, False], [0, 1, 4])),
)
def test_attention_by_hand_is_torchs_own(scaled, causal, n_padding):
    shown = attend(WORDS, 6, scaled, causal, n_padding, seed=3)
    q, k, v = (torch.from_numpy(m) for m in (shown.query_TD, shown.key_TD, shown.value_TD))
    mask = open_cells(len(WORDS), causal, n_padding)
    scale_by = 1 / math.sqrt(6) if scaled else 1.0
    expected = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=scale_by)
    torch.testing.assert_close(torch.from_numpy(shown.mix_TD), expected)
    assert (shown.share_TT[~mask.numpy()] == 0).all()
    np.testing.assert_allclose(shown.share_TT.sum(axis=1), 1, rtol=1e-6)


def test_a_word_has_the_same_vector_anywhere_and_another_for_each_seed():
    first = word_vectors(("a", "b", "A"), 4, 0)
    assert first[0].equal(first[2])
    assert not first[0].equal(first[1])
    assert not first.equal(word_vectors(("a", "b", "A"), 4, 1))


@given(st.text(max_size=80))
def test_whatever_is_typed_becomes_plain_words_or_is_refused(text):
    try:
        words = words_of(text)
    except ValueError:
        return
    assert 1 <= len(words) <= MOST_WORDS
    assert not set("".join(words)) & set("<>&*_`[]$|\\\n ")


def test_words_are_counted_without_what_stands_between_them():
    assert words_of("Dog, bites -- man's ear!") == ("Dog", "bites", "man's", "ear")


def test_the_slope_of_softmax_is_the_norm_of_its_jacobian():
    score = torch.randn(7, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(lambda s: s.softmax(0), score)
    assert float(softmax_slope(score.softmax(0))) == pytest.approx(float(jacobian.norm()))


def test_the_scale_record_is_of_the_products_that_it_says():
    shown = scale(64, 4, seed=2)
    product = products(64, 4, seed=2)
    assert product.shape == (N_QUERIES, 4)
    assert shown.variance_2W[0, 3] == pytest.approx(float(product.var()))
    assert shown.largest_2W[0, 3] == pytest.approx(
        float(product.softmax(1).amax(1).mean()), rel=1e-5
    )
    widths = np.diff(shown.edges_B)
    np.testing.assert_allclose((shown.density_2B * widths).sum(axis=1), 1)


@settings(max_examples=20)
@given(st.permutations(range(6)), st.integers(0, 50))
def test_without_positions_outputs_move_along_with_their_words(order, seed):
    shown = reorder(("who", "sees", "whom", "here", "and", "now"), order, False, seed)
    assert shown.is_same
    assert shown.change_T.max() < ROUNDING


def test_with_positions_another_order_is_another_sentence():
    words = ("dog", "bites", "man")
    assert not reorder(words, (2, 1, 0), True).is_same
    assert reorder(words, (0, 1, 2), True).is_same


def test_sinusoids_have_the_published_wavelengths():
    waves = sinusoids(8, 700).numpy()
    for pair in range(4):
        wavelength = 2 * math.pi * 10000 ** (2 * pair / 8)
        places = np.arange(700)
        np.testing.assert_allclose(
            waves[2 * pair], np.sin(2 * np.pi * places / wavelength), atol=1e-3
        )
        np.testing.assert_allclose(
            waves[2 * pair + 1], np.cos(2 * np.pi * places / wavelength), atol=1e-3
        )


@settings(max_examples=15)
@given(st.lists(st.booleans(), min_size=25, max_size=25), st.integers(1, 3), st.integers(0, 9))
def test_outputs_depend_on_inputs_just_where_a_way_leads(cells, n_layers, seed):
    is_open = np.array(cells).reshape(5, 5) | np.eye(5, dtype=bool)
    shown = influence(is_open.tolist(), n_layers, seed)
    np.testing.assert_array_equal(shown.influence_TT > 0, shown.reach_TT)
    assert (shown.share_LTT[:, ~is_open] == 0).all()


def test_more_draws_leave_the_first_draw_as_it_is():
    shown = norm_place(32, 2, 3, n_seeds=2)
    assert shown.last_PRN.shape == (2, 2, len(DEPTHS))
    assert shown.by_layer_PRL.shape == (2, 2, 3)
    again = norm_place(32, 2, 3, n_seeds=1)
    np.testing.assert_array_equal(shown.last_PRN[:, :1], again.last_PRN)


@pytest.mark.parametrize(("width", "heads", "feedforward"), [(16, 1, 64), (64, 4, 65), (96, 12, 7)])
def test_the_parts_add_up_to_what_torch_counts(width, heads, feedforward):
    shown = count(width, heads, feedforward, n_layers=3, steps=10)
    assert shown.counted == 3 * shown.of_a_layer
    attention = nn.MultiheadAttention(width, heads)
    assert sum(p.n_parameters for p in shown.parts[:4]) == sum(
        p.numel() for p in attention.parameters()
    )
