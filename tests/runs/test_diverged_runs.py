"""A training that has diverged: what a change of its settings can save, and what it can not."""

from __future__ import annotations

import math

import pytest

from nnviz import ExperimentSpec
from nnviz.runs import Run
from tests.randomness.digests import digest
from tests.runs.conftest import HandEngine
from tests.runs.readers import (
    assert_undisturbed,
    by_hand,
    cut_bursts,
    seen_by_hand,
    stepped,
    worked,
)
from tests.runs.test_run import assert_same, polynomial, state_of


def linear(loss: str, learning_rate: float) -> ExperimentSpec:
    """Without hidden layers; under a large rate the squared error overflows, the weights do not."""
    optimizer = {"name": "sgd", "learning_rate": learning_rate}
    training = {"n_steps": 60, "batch_size": 16, "optimizer": optimizer, "loss": loss}
    data = {"name": "polynomial", "n_samples": 60}
    return ExperimentSpec.model_validate(
        {"data": data, "network": {"blocks": []}, "training": training}
    )


@pytest.mark.parametrize("seconds", [0.0, math.inf])
def test_a_diverged_training_goes_on_from_its_last_step_when_it_is_calmed(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    cut_bursts(monkeypatch, seconds)
    wild, calm = linear("mse", 10.0), linear("huber", 0.01)
    run = Run([wild], on=hand)
    run.train()
    worked(hand)
    assert (run.status, run.current_step) == ("diverged", 15)
    run.change_training(calm.training)
    assert (run.status, run.message, run.current_step) == ("paused", "", 15)
    worked(hand)
    assert run.history.latest is not None
    assert digest(run.history.latest[0]) == digest(seen_by_hand(wild, 15))
    run.train()
    worked(hand)
    assert (run.status, run.current_step, run.divergences) == ("finished", 60, (None,))
    assert_undisturbed(run)
    assert all(snapshot.divergence is None for snapshot in run.history.lane(0))
    run.undo()
    assert (run.status, run.current_step, worked(hand)) == ("diverged", 15, 0)
    assert run.message.startswith("Diverged at step 16: ")
    assert run.history.latest is not None
    assert run.history.latest[0].divergence is not None


@pytest.mark.parametrize("seconds", [0.0, math.inf])
def test_a_fork_that_diverges_at_once_leaves_its_parent_alone(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """Its last step is its parent's: the change made the next one fail."""
    cut_bursts(monkeypatch, seconds)
    calm, wild = linear("huber", 1e-6), linear("mse", 10.0)
    run, other = (stepped(Run([linear("mse", 10.0)], on=hand), hand, 15) for _ in range(2))
    for one, training in ((run, calm.training), (other, calm.training)):
        one.change_training(training)
        stepped(one, hand, 1)
    run.change_training(wild.training)
    run.train()
    worked(hand)
    assert (run.status, run.current_step) == ("diverged", 16)
    other.train()
    worked(hand)
    assert (other.status, other.current_step, other.divergences) == ("finished", 60, (None,))
    assert_undisturbed(other)


def test_a_lane_that_diverged_before_a_change_stays_where_it_stopped(hand: HandEngine) -> None:
    calm, wild = polynomial({"name": "adam"}), linear("mse", 10.0)
    run = stepped(Run([calm, wild], on=hand), hand, 20)
    told, stopped = run.message, state_of(run, 1)
    slower = polynomial({"name": "adam", "learning_rate": 1e-5}).training
    run.change_training([slower, slower])
    assert (run.status, run.message) == ("paused", told)
    stepped(run, hand, 6)
    assert (run.status, run.current_step, run.message) == ("paused", 26, told)
    assert_same(state_of(run), by_hand(calm, 26, ((20, slower),)))
    assert state_of(run, 1).step == stopped.step
    entry = run.history.latest
    assert entry is not None
    assert [snapshot.divergence is None for snapshot in entry] == [True, False]
