"""A training is known by its content: computed once, shared by its readers and by its forks."""

from __future__ import annotations

import math
from typing import Any

import pytest

from nnviz import ExperimentSpec, initial_state
from nnviz.runs import Run
from nnviz.runs.timeline import Timeline
from nnviz.training import advance
from tests.randomness.digests import digest
from tests.runs.conftest import HandEngine, small
from tests.runs.readers import (
    CountingEngine,
    assert_undisturbed,
    cut_bursts,
    name_of,
    stepped,
    worked,
)
from tests.runs.test_run import assert_same, state_of

CHANGES: dict[str, dict[str, Any]] = {
    "learning rate": {"optimizer": {"learning_rate": 0.1}},
    "optimizer": {"optimizer": {"name": "sgd", "momentum": 0.9}},
    "batch size": {"batch_size": 7},
    "penalty": {"l1": 0.01},
    "schedule": {"schedule": {"name": "cosine"}},
    "loss": {"label_smoothing": 0.2},
}


@pytest.fixture
def counting() -> CountingEngine:
    return CountingEngine()


@pytest.mark.parametrize("n_readers", [2, 5])
def test_equal_trainings_meet_and_cost_what_one_costs(
    counting: CountingEngine, monkeypatch: pytest.MonkeyPatch, n_readers: int
) -> None:
    cut_bursts(monkeypatch, math.inf)
    alone = CountingEngine()
    one = Run([small()], on=alone)
    one.train()
    worked(alone)
    runs = [Run([small()], f"reader {n}", counting) for n in range(n_readers)]
    for run in runs:
        run.train()
    worked(counting)
    assert len({run.trajectories for run in runs}) == 1
    assert 40 <= counting.updates == alone.updates
    assert counting.bursts == alone.bursts
    for run in runs:
        assert (run.status, run.history.steps) == ("finished", one.history.steps)
        assert_undisturbed(run)


def test_who_comes_later_is_answered_from_what_is_there(counting: CountingEngine) -> None:
    first = Run([small()], "first", counting)
    first.train()
    worked(counting)
    updates = counting.updates
    second = Run([small()], "second", counting)
    assert second.history.steps == (0,)
    second.train()
    assert (second.status, counting.updates) == ("finished", updates)
    assert second.history.entries[-1][0] is first.history.entries[-1][0]
    assert_undisturbed(second)
    assert (worked(counting), set(second.history.steps)) == (0, set(first.history.steps))


def test_lanes_of_one_run_meet_too(counting: CountingEngine, monkeypatch: Any) -> None:
    cut_bursts(monkeypatch, math.inf)
    alone = CountingEngine()
    stepped(Run([small()], on=alone), alone, 9)
    run = stepped(Run([small(), small()], on=counting), counting, 9)
    assert counting.updates == alone.updates
    assert run.history.latest is not None
    assert run.history.latest[0] is run.history.latest[1]


@pytest.mark.parametrize(
    ("changes", "meets"),
    [
        ({"n_steps": 90}, True),
        ({"n_steps": 90, "schedule": {"name": "step"}}, False),
        ({"huber_delta": 3.0}, True),
        ({"seed": 1}, False),
        ({"batch_size": 15}, False),
        ({"width": 5}, False),
        ({"n_samples": 61}, False),
        ({"device": "cpu"}, True),
    ],
)
def test_what_can_not_change_the_numbers_does_not_part_trainings(
    changes: dict[str, Any], meets: bool
) -> None:
    assert (name_of(small()) == name_of(small(**changes))) is meets


@pytest.mark.parametrize(("name", "meets"), [("constant", True), ("step", True), ("cosine", False)])
def test_the_number_of_steps_parts_trainings_under_a_schedule_that_ends_there(
    hand: HandEngine, name: str, meets: bool
) -> None:
    runs = [Run([small(n_steps=n, schedule={"name": name})], on=hand) for n in (40, 60)]
    for run in runs:
        run.train()
    worked(hand)
    assert (runs[0].trajectories == runs[1].trajectories) is meets
    assert [run.current_step for run in runs] == [40, 60]
    for run in runs:
        assert_undisturbed(run)


@pytest.mark.parametrize("seconds", [0.0, math.inf])
@pytest.mark.parametrize("step", [0, 5, 16, 33])
@pytest.mark.parametrize("change", CHANGES)
def test_a_fork_is_a_training_changed_by_hand(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch, change: str, step: int, seconds: float
) -> None:
    cut_bursts(monkeypatch, seconds)
    spec, changed = small(), small(**CHANGES[change])
    run = Run([spec], on=hand)
    worked(hand)
    if step:
        stepped(run, hand, step)
    run.change_training(changed.training)
    assert run.current_step == step
    stepped(run, hand, 9)
    before = advance(initial_state(spec), n_steps=step, record=False)[0] if step else None
    start = initial_state(changed) if before is None else before.with_training(changed.training)
    expected, snapshots = advance(start, n_steps=9)
    assert_same(state_of(run), expected)
    assert run.history.latest is not None
    assert digest(run.history.latest[0]) == digest(snapshots[-1])
    assert_undisturbed(run)


def test_a_fork_shares_what_came_before_it(hand: HandEngine) -> None:
    run = stepped(Run([small()], on=hand), hand, 12)
    (parent,), shown = run.trajectories, run.history.entries
    other = stepped(Run([small()], on=hand), hand, 20)
    run.change_training(small(l1=0.1).training)
    stepped(run, hand, 8)
    (fork,) = run.trajectories
    assert (fork.parent, fork.fork_step) == (parent, 12)
    for step in range(13):
        assert fork.recorded(step) is parent.recorded(step)
        assert fork.state(step) is parent.state(step)
    for (snapshot,) in shown:
        looked, is_exact = run.look(snapshot.step)
        assert is_exact
        assert looked is not None
        assert looked[0] is snapshot
    for step in range(13, 21):
        assert fork.recorded(step) is not parent.recorded(step)
    assert_undisturbed(other)


def test_forks_of_a_fork_and_of_two_readers_meet(counting: CountingEngine) -> None:
    runs = [Run([small()], on=counting) for _ in range(2)]
    ways = []
    for run in runs:
        before = counting.updates
        for number in (3, 4):
            stepped(run, counting, 6)
            run.change_training(small(batch_size=number).training)
        stepped(run, counting, 6)
        ways.append((run.trajectories, counting.updates - before))
    assert ways[0][0] == ways[1][0]
    assert ways[1][1] == 0
    changes = runs[0].trajectories[0].timeline.changes
    assert [(step, training.batch_size) for step, training in changes] == [(6, 3), (12, 4)]
    assert_undisturbed(runs[1])


def test_a_change_before_the_start_is_the_training_begun_with_it(hand: HandEngine) -> None:
    run = Run([small()], on=hand)
    run.change_training(small(l1=0.1).training)
    assert run.trajectories == Run([small(l1=0.1)], on=hand).trajectories


def test_a_change_and_its_reversal_lead_back(hand: HandEngine) -> None:
    run = stepped(Run([small()], on=hand), hand, 7)
    before = run.trajectories
    for training in (small(l1=0.1).training, small(batch_size=3).training, small().training):
        run.change_training(training)
    assert run.trajectories[0] is before[0]
    assert run.events == ()
    assert worked(hand) == 0


@pytest.mark.parametrize("step", [0, 4])
def test_changes_made_in_any_order_at_one_step_are_one_training(step: int) -> None:
    rate, size = {"optimizer": {"learning_rate": 0.1}}, {"batch_size": 8}
    begin = Timeline.begin(small())
    both = small(**rate, **size).training  # type: ignore[arg-type]
    ways = [begin.forked(step, small(**one).training).forked(step, both) for one in (rate, size)]  # type: ignore[arg-type]
    assert ways[0] == ways[1] == begin.forked(step, both)
    assert ways[0].name != begin.name


def specs(n: int) -> list[ExperimentSpec]:
    return [small(seed=seed) for seed in range(n)]


def test_different_trainings_do_not_meet(hand: HandEngine) -> None:
    run = stepped(Run(specs(4), on=hand), hand, 5)
    assert len(set(run.trajectories)) == 4
    assert_undisturbed(run)
