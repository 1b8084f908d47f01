"""Rows whose targets follow from a rule: each recomputed from the row alone."""

import math
from collections import Counter
from itertools import product

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from nnviz import DataSpec
from nnviz.catalog.datasets import DATASETS
from nnviz.catalog.sequences import _balanced, _is_balanced
from nnviz.data import load

ROWS = [name for name, entry in DATASETS.items() if entry.length is not None]
TOKENS = [name for name, entry in DATASETS.items() if entry.token_names]
CLOSING = {")": "(", "]": "["}


def drawn(name, **settings):
    data = load(DataSpec(name=name, **settings))
    return torch.cat([data.train_x, data.test_x]), torch.cat([data.train_y, data.test_y])


def closes_in_order(word):
    """By a stack."""
    stack = []
    for bracket in word:
        if bracket not in CLOSING:
            stack.append(bracket)
        elif not stack or stack.pop() != CLOSING[bracket]:
            return False
    return not stack


def words(x):
    names = DATASETS["brackets"].token_names
    return ["".join(names[token] for token in row) for row in x[:, 0].long().tolist()]


@pytest.mark.parametrize("length", [4, 20, 100])
@pytest.mark.parametrize("name", ROWS)
def test_rows_have_the_length_that_was_asked_for(name, length):
    spec = DataSpec(name=name, length=length, n_samples=40)
    data = load(spec)
    channels = DATASETS[name].input_shape[0]
    assert spec.sample.shape == (channels, length) == data.input_shape
    assert data.train_x.dtype == torch.float32
    assert spec.positions == (length if DATASETS[name].per_position else None)
    if spec.positions:
        assert data.train_y.shape == (30, length)
        assert spec.output_shape == (spec.classes, length)


@pytest.mark.parametrize("scaling", ["standard", "minmax", "none"])
@pytest.mark.parametrize("name", TOKENS)
def test_tokens_are_whole_numbers_of_the_vocabulary_whatever_the_scaling(name, scaling):
    spec = DataSpec(name=name, scaling=scaling)
    x, _ = drawn(name, scaling=scaling)
    assert set(x.flatten().tolist()) == set(map(float, range(spec.sample.vocabulary)))
    assert torch.equal(x, drawn(name)[0])


@pytest.mark.parametrize("name", [name for name in DATASETS if name not in ROWS])
def test_a_length_is_refused_where_there_is_none(name):
    assert DataSpec(name=name).length is None
    with pytest.raises(ValueError, match=f"length does not apply to {name}"):
        DataSpec(name=name, length=20)


@pytest.mark.parametrize("length", [-1, 0, 3, 101, 10**9, 5.5, True, "long", math.nan])
@pytest.mark.parametrize("name", ROWS)
def test_a_length_out_of_bounds_is_refused(name, length):
    with pytest.raises(ValueError, match="length"):
        DataSpec(name=name, length=length)


def test_an_odd_row_of_brackets_is_refused():
    with pytest.raises(ValueError, match="multiple of 2 for brackets; got 13"):
        DataSpec(name="brackets", length=13)


def test_label_noise_is_refused_where_each_place_has_a_class():
    with pytest.raises(ValueError, match="reversal has one for each position"):
        DataSpec(name="reversal", label_noise=0.1)


def test_the_sum_of_the_two_marked_numbers_is_the_target():
    x, y = drawn("adding", n_samples=500, length=31)
    value, mark = x[:, 0], x[:, 1]
    assert ((value >= 0) & (value < 1)).all()
    assert set(mark.flatten().tolist()) == {0.0, 1.0}
    assert (mark[:, :15].sum(dim=1) == 1).all()
    assert (mark[:, 15:].sum(dim=1) == 1).all()
    by_hand = [sum(v for v, m in zip(*row, strict=True) if m) for row in x.double().tolist()]
    torch.testing.assert_close(y[:, 0].double(), torch.tensor(by_hand).double())


def test_answering_the_mean_of_the_sums_costs_a_sixth():
    _, y = drawn("adding", n_samples=10_000, seed=3)
    squares = (y.double() - 1).square()
    standard_error = float(squares.std()) / 100
    assert abs(float(squares.mean()) - 1 / 6) < 3 * standard_error


@pytest.mark.parametrize("length", [4, 9, 100])
def test_reversed_rows_are_numpys(length):
    x, y = drawn("reversal", length=length, n_samples=200)
    assert np.array_equal(y.numpy(), np.flip(x[:, 0].numpy().astype(int), axis=1))


@pytest.mark.parametrize("length", [4, 9, 100])
def test_sorted_rows_are_pythons(length):
    x, y = drawn("sorting", length=length, n_samples=200)
    assert y.tolist() == [sorted(map(int, row)) for row in x[:, 0].tolist()]


@pytest.mark.parametrize("length", [4, 12, 40])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_stack_says_which_brackets_close_in_order(length, seed):
    x, y = drawn("brackets", length=length, n_samples=400, seed=seed)
    assert [closes_in_order(word) for word in words(x)] == y.bool().tolist()
    assert torch.bincount(y).tolist() == [200, 200]


def test_the_check_of_brackets_is_the_stacks_for_every_word_of_six():
    every = np.array(list(product(range(4), repeat=6)))
    names = DATASETS["brackets"].token_names
    expected = [closes_in_order([names[token] for token in row]) for row in every]
    assert _is_balanced(every).tolist() == expected
    assert sum(expected) == 5 * 2**3  # Catalan number, two kinds for each pair


def test_every_nesting_of_brackets_is_equally_likely():
    n = 42_000
    drawn_words = _balanced(n, 10, np.random.default_rng(0)) < 2
    counts = Counter(map(bytes, drawn_words))
    assert len(counts) == 42  # Catalan number of five pairs
    chi2 = sum((count - n / 42) ** 2 / (n / 42) for count in counts.values())
    assert chi2 < 74.7  # 41 degrees of freedom, 0.1 %


def test_counting_brackets_does_not_tell_whether_they_close():
    x, y = drawn("brackets", n_samples=10_000, length=12)
    tokens = x[:, 0].long()
    counts = torch.nn.functional.one_hot(tokens, 4).sum(dim=1).numpy()
    assert (counts[:, :2].sum(axis=1) == 6).all()
    fitted = LogisticRegression().fit(counts[:5000], y[:5000])
    right = (fitted.predict(counts[5000:]) == y[5000:].numpy()).mean()
    assert abs(right - 0.5) < 3 * 0.5 / 5000**0.5
    assert (counts[:, 0] == counts[:, 2]).all()  # each opened kind is closed as often, in both
    assert (counts[:, 1] == counts[:, 3]).all()
