"""Scaled dot-product attention, step by step.

Shapes: T words, D numbers a word, of X, Q, K and V alike. Source: Vaswani et al. 2017, §3.2.1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from nnviz.experiments.attention.records import AttentionRecord
from nnviz.experiments.attention.words import word_vectors
from nnviz.randomness import torch_generator
from nnviz.seeds import derived_seed


def projection_seed(seed: int) -> int:
    """What the three matrices are drawn from, one after another."""
    return derived_seed(seed, "projections")


def open_cells(n_words: int, causal: bool, n_padding: int) -> Tensor:
    """True where a word (row) may look at a word (column), (T, T)."""
    open_TT = torch.ones(n_words, n_words, dtype=torch.bool)
    if causal:
        open_TT = open_TT.tril()
    open_TT[:, n_words - n_padding :] = False
    return open_TT


def attend(
    words: Sequence[str],
    width: int = 4,
    scaled: bool = True,
    causal: bool = False,
    n_padding: int = 0,
    seed: int = 0,
) -> AttentionRecord:
    """Words look at words; W is drawn as N(0, 1/D), so that q and k are about N(0, 1).

    The last `n_padding` words are padding: nobody may look at them.
    """
    x_TD = word_vectors(words, width, seed)
    generator = torch_generator(projection_seed(seed))
    weight_3DD = torch.randn(3, width, width, generator=generator) / math.sqrt(width)
    query_TD, key_TD, value_TD = x_TD @ weight_3DD
    product_TT = query_TD @ key_TD.T
    divisor = math.sqrt(width) if scaled else 1.0
    open_TT = open_cells(len(words), causal, n_padding)
    score_TT = (product_TT / divisor).masked_fill(~open_TT, -math.inf)
    share_TT = score_TT.softmax(dim=1)
    return AttentionRecord(
        tuple(words),
        x_TD.numpy(),
        weight_3DD.numpy(),
        query_TD.numpy(),
        key_TD.numpy(),
        value_TD.numpy(),
        product_TT.numpy(),
        divisor,
        score_TT.numpy(),
        share_TT.numpy(),
        (share_TT @ value_TD).numpy(),
    )
