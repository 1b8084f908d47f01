"""The gallery of remedies: what underfits and memorizes by construction, and doses that differ."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch

from nnviz.experiments.overfitting import gallery_remedies
from nnviz.experiments.overfitting.gallery import (
    compared,
    dropped_inputs,
    extra_of,
    gallery_lane,
    gallery_lanes,
    spec_of,
)
from nnviz.experiments.overfitting.gallery_records import (
    AS_IT_IS,
    FEWER_INPUTS,
    GalleryLane,
    collected,
    outcome,
)
from nnviz.experiments.overfitting.gallery_remedies import GALLERY, N_NUISANCE, example
from nnviz.experiments.overfitting.remedies import INPUT_NOISE
from nnviz.network import build_network
from nnviz.training import advance, initial_state

DOSES = range(1, 5)


@cache
def lane(remedy, dose, label_noise=0.2, n_seeds=4):
    return gallery_lane(GalleryLane(remedy, dose, label_noise, n_seeds))


def test_random_labels_are_memorized_and_new_points_are_at_chance():
    """Zhang et al. 2017: half of two classes' labels turned is no label at all."""
    record = lane(AS_IT_IS, 0, 0.5)
    assert record.train_accuracy_S.mean() > 0.95
    assert record.test_accuracy_S.mean() == pytest.approx(0.5, abs=0.12)
    assert outcome(record) == "memorizes"


@pytest.mark.parametrize("remedy", ["narrower", FEWER_INPUTS, "l2", "dropout", "early_stopping"])
def test_far_too_much_underfits_with_training_and_test_loss_both_high(remedy):
    record = lane(remedy, 4)
    assert outcome(record) == "underfits"
    assert min(record.train_loss_S.mean(), record.test_loss_S.mean()) > 0.55
    assert record.train_accuracy_S.mean() < 0.75


def test_without_inputs_every_point_gets_the_same_answer():
    record = lane(FEWER_INPUTS, 4)
    assert np.ptp(record.class_1_GG) < 1e-6


def test_a_dose_between_learns_the_moons_and_not_the_wrong_labels():
    record = lane(INPUT_NOISE, 2)
    assert outcome(record) == "between"
    assert record.test_accuracy_S.mean() > lane(AS_IT_IS, 0).test_accuracy_S.mean() + 0.05


def test_training_accuracy_is_made_of_right_and_wrong_labels():
    record = lane("l2", 2)
    flipped = record.flipped_N.mean()
    parts = (1 - flipped) * record.right_learned_S + flipped * record.wrong_believed_S
    np.testing.assert_allclose(record.train_accuracy_S, parts)


@pytest.mark.parametrize("remedy", GALLERY)
def test_all_doses_of_a_remedy_are_different_trainings(remedy):
    asked = [GalleryLane(remedy, dose) for dose in (0, *DOSES)]
    kinds = FEWER_INPUTS, INPUT_NOISE
    told = {(repr(spec_of(each)), *(extra_of(each, kind) for kind in kinds)) for each in asked}
    assert len(told) == 5


def test_a_tile_is_the_training_that_the_playground_makes_of_its_experiment():
    asked = GalleryLane("early_stopping", 3, n_seeds=1)
    spec = spec_of(asked)
    _, snapshots = advance(initial_state(spec), n_steps=spec.training.n_steps)
    assert snapshots[-1].train_loss == pytest.approx(gallery_lane(asked).train_loss_S[0], rel=1e-3)


def test_what_says_nothing_stands_beside_the_plane_as_it_was():
    plain, wider = example(0.2, 3).data, spec_of(GalleryLane(FEWER_INPUTS, 0), 3).data
    rng = [np.random.default_rng(0) for _ in range(2)]
    (x, y), (more, same) = plain.drawn(rng[0]), wider.drawn(rng[1])
    np.testing.assert_array_equal(more[:, :2], x)
    np.testing.assert_array_equal(same, y)
    assert more.shape[1] == 2 + N_NUISANCE
    network = build_network(example(0.2, 0).network, wider.sample, wider.output_shape)
    assert network(torch.zeros(3, 8)).shape == (3, 2)


def test_the_plane_itself_is_dropped_last():
    assert set(dropped_inputs(GalleryLane(FEWER_INPUTS, 2))) <= set(range(2, 8))
    assert len(dropped_inputs(GalleryLane(FEWER_INPUTS, 4))) == 8


def test_the_first_lanes_are_those_that_are_looked_at():
    lanes = gallery_lanes(0.2, 4, 0, 3)
    assert [each.dose for each in lanes[: len(GALLERY) + 2]] == [0, 0, *[3] * len(GALLERY)]
    assert len(set(lanes)) == 2 + 4 * len(GALLERY)


def test_few_seeds_tell_nothing_and_enough_tell_loss_and_accuracy_apart():
    few = compared(lane("l2", 2), lane(AS_IT_IS, 0))
    assert all(not each.ahead_T.any() for each in few.differences.values())
    own, base = (lane(name, dose, n_seeds=36) for name, dose in (("l2", 4), (AS_IT_IS, 0)))
    found = compared(own, base).differences
    assert found["test_loss"].ahead_T[0] == 1
    assert found["test_accuracy"].ahead_T[0] == -1


def test_nothing_back_shows_nothing():
    assert collected([]) is None
    assert collected([lane("l2", 2)]).at("l2", 1) is None


def test_the_example_is_one_small_training(monkeypatch):
    monkeypatch.setattr(gallery_remedies, "N_STEPS", 7)
    assert example(0.2, 0).training.n_steps == 7
