"""Words as vectors: each is drawn by chance, from the word itself.

Shapes: T words, D numbers a word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch
from torch import Tensor

from nnviz.randomness import torch_generator
from nnviz.seeds import derived_seed

MOST_WORDS = 8
LONGEST = 12
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, without what stands between them.

    Raises ValueError where there is none, one too many, or one too long.
    """
    words = tuple(_WORD.findall(text))
    if not 1 <= len(words) <= MOST_WORDS:
        raise ValueError(f"type from 1 to {MOST_WORDS} words; got {len(words)}")
    if longest := next((word for word in words if len(word) > LONGEST), None):
        raise ValueError(f"a word may have {LONGEST} letters; {longest!r} has {len(longest)}")
    return words


def word_seed(word: str, seed: int) -> int:
    """What a word's vector is drawn from."""
    return derived_seed(seed, "word", word.lower())


def word_vectors(words: Sequence[str], width: int, seed: int) -> Tensor:
    """N(0, 1) numbers for each word, (T, D); the same word has the same vector anywhere."""
    return torch.stack(
        [torch.randn(width, generator=torch_generator(word_seed(word, seed))) for word in words]
    )
