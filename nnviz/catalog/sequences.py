"""Rows of numbers and tokens whose targets follow from a rule.

Shapes: N rows, T places. Sources: the adding problem, Hochreiter & Schmidhuber 1997 in the form of
Le, Jaitly & Hinton 2015; random words of brackets, Arnold & Sleep 1980.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnviz.catalog.dataset_entry import Arrays, DatasetEntry


def _adding(n: int, noise: float, n_classes: int, rng: np.random.Generator, length: int) -> Arrays:
    value_NT, mark_NT = rng.uniform(0, 1, (n, length)), np.zeros((n, length))
    row, half = np.arange(n), length // 2
    mark_NT[row, rng.integers(0, half, n)] = 1
    mark_NT[row, rng.integers(half, length, n)] = 1
    return np.stack([value_NT, mark_NT], axis=1), (value_NT * mark_NT).sum(axis=1, keepdims=True)


def _reversal(
    n: int, noise: float, n_classes: int, rng: np.random.Generator, length: int
) -> Arrays:
    digit_NT = rng.integers(0, 10, (n, length))
    return digit_NT[:, None].astype(float), digit_NT[:, ::-1].copy()


def _sorting(n: int, noise: float, n_classes: int, rng: np.random.Generator, length: int) -> Arrays:
    digit_NT = rng.integers(0, 10, (n, length))
    return digit_NT[:, None].astype(float), np.sort(digit_NT, axis=1)


def _balanced(n: int, length: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Words of brackets that close in order, all shapes of nesting equally likely."""
    row, depth_N = np.arange(n), np.zeros(n, dtype=np.int64)
    open_NT, word_NT = np.zeros((n, length), np.int64), np.zeros((n, length), np.int64)
    for place in range(length):
        left = length - place
        share_N = (depth_N + 2) * (left - depth_N) / (2 * left * (depth_N + 1))
        opens_N, kind_N = rng.uniform(0, 1, n) < share_N, rng.integers(0, 2, n)
        innermost_N = open_NT[row, depth_N - 1]
        word_NT[:, place] = np.where(opens_N, kind_N, innermost_N + 2)
        open_NT[row[opens_N], depth_N[opens_N]] = kind_N[opens_N]
        depth_N += np.where(opens_N, 1, -1)
    return word_NT


def _is_balanced(word_NT: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each closing bracket meets its own kind and none is left open."""
    n, length = word_NT.shape
    row, depth_N = np.arange(n), np.zeros(n, dtype=np.int64)
    open_NT, fits_N = np.zeros((n, length + 1), np.int64), np.ones(n, dtype=bool)
    for place in range(length):
        opens_N, kind_N = word_NT[:, place] < 2, word_NT[:, place] % 2
        fits_N &= opens_N | ((depth_N > 0) & (open_NT[row, depth_N - 1] == kind_N))
        open_NT[row[opens_N], depth_N[opens_N]] = kind_N[opens_N]
        depth_N = np.maximum(depth_N + np.where(opens_N, 1, -1), 0)
    return np.asarray(fits_N & (depth_N == 0))


def _brackets(
    n: int, noise: float, n_classes: int, rng: np.random.Generator, length: int
) -> Arrays:
    y, word_NT = np.arange(n) % 2, _balanced(n, length, rng)
    wrong = np.flatnonzero(y == 0)
    while len(wrong):  # two brackets change places, until the word is not balanced any more
        swapped_NT, row = word_NT[wrong], np.arange(len(wrong))
        first_N = rng.integers(0, length, len(wrong))
        second_N = (first_N + rng.integers(1, length, len(wrong))) % length
        swapped_NT[row, first_N], swapped_NT[row, second_N] = (
            word_NT[wrong, second_N],
            word_NT[wrong, first_N],
        )
        done = ~_is_balanced(swapped_NT)
        word_NT[wrong[done]] = swapped_NT[done]
        wrong = wrong[~done]
    return word_NT[:, None].astype(float), y


_DIGITS = tuple("0123456789")

SEQUENCES = (
    DatasetEntry(
        "adding", _adding, (2, 30), 0, "numbers in a row, two of them marked: what is their sum?",
        feature_names=("value", "mark"), length=30, scales_inputs=False, usual_size=2000,
        follows_exactly=True,
    ),
    DatasetEntry(
        "reversal", _reversal, (1, 8), 10, "digits in a row, to be said backwards",
        feature_names=(), class_names=_DIGITS, length=8, token_names=_DIGITS, per_position=True,
        scales_inputs=False, usual_size=1000, follows_exactly=True,
    ),
    DatasetEntry(
        "sorting", _sorting, (1, 8), 10, "digits in a row, to be put in order",
        feature_names=(), class_names=_DIGITS, length=8, token_names=_DIGITS, per_position=True,
        scales_inputs=False, usual_size=1000, follows_exactly=True,
    ),
    DatasetEntry(
        "brackets", _brackets, (1, 12), 2,
        "brackets of two kinds: does each close in order? Where not, two have changed places",
        feature_names=(), class_names=("not balanced", "balanced"), length=12, length_step=2,
        token_names=("(", "[", ")", "]"), scales_inputs=False, usual_size=1000,
        follows_exactly=True,
    ),
)  # fmt: skip
