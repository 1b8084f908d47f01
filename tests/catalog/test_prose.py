"""Windows of a text: what stands in them, what comes next, and which are kept for the test."""

from collections import Counter

import pytest
import torch

from nnviz import DataSpec
from nnviz.catalog.prose import LETTERS, LONGEST, TEXT
from nnviz.data import load


def places(x, y):
    """Where in the text each letter to be guessed stands."""
    found = []
    for row, target in zip(x[:, 0].long().tolist(), y.tolist(), strict=True):
        window = "".join(LETTERS[token] for token in [*row, target])
        assert TEXT.count(window) == 1
        found.append(TEXT.index(window) + len(row))
    return found


def test_the_text_is_of_its_letters_and_each_is_in_its_first_part_more_than_once():
    assert 3000 < len(TEXT) < 5000
    counts = Counter(TEXT[LONGEST : int(0.7 * len(TEXT))])
    assert set(counts) == set(TEXT) == set(LETTERS)
    assert min(counts.values()) > 1


def test_every_letter_behind_the_first_hundred_is_asked_for_once():
    data = load(DataSpec(name="characters", length=100))
    asked = places(torch.cat([data.train_x, data.test_x]), torch.cat([data.train_y, data.test_y]))
    assert sorted(asked) == list(range(LONGEST, len(TEXT)))


@pytest.mark.parametrize("settings", [{}, {"n_samples": 600, "seed": 3}, {"test_fraction": 0.5}])
def test_the_test_is_the_last_part_of_the_text(settings):
    data = load(DataSpec(name="characters", length=60, **settings))
    train, test = places(data.train_x, data.train_y), places(data.test_x, data.test_y)
    assert max(train) < min(test)
    overlapping = [place for place in test if place - 60 < max(train)]
    assert len(overlapping) <= 60  # at the border alone
    assert train != sorted(train)  # a part of the training points is a random sample of them


def test_the_same_letters_are_asked_for_at_every_length():
    short, long = (load(DataSpec(name="characters", length=length)) for length in (5, 80))
    assert torch.equal(short.train_y, long.train_y)
    assert torch.equal(short.train_x, long.train_x[:, :, -5:])
