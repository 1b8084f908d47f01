"""Ways back and forth: undo, redo, the ways gone before, and reset."""

from __future__ import annotations

import pytest

from nnviz import ExperimentSpec
from nnviz.runs import Run
from tests.randomness.digests import digest
from tests.runs.conftest import HandEngine, small
from tests.runs.readers import CountingEngine, assert_undisturbed, stepped, worked


@pytest.fixture
def counting() -> CountingEngine:
    return CountingEngine()


def standing(run: Run) -> tuple[object, ...]:
    """All that undo has to bring back."""
    entries = [digest(entry) for entry in run.history.entries]
    return run.lanes, run.current_step, run.trajectories, run.history.steps, entries, run.events


def four_ways(run: Run, hand: HandEngine) -> list[tuple[object, ...]]:
    """Forks, a new network and a new seed, each gone for a while; how the run stood on each."""
    stood = []
    for lane in (
        small(),
        small(optimizer={"learning_rate": 0.1}),
        small(optimizer={"learning_rate": 0.1}, batch_size=5),
        small(width=6, batch_size=5),
        small(width=6, batch_size=5, seed=3),
    ):
        run.change([lane])
        stepped(run, hand, 7)
        stood.append(standing(run))
    return stood


def test_undo_and_redo_bring_back_settings_position_and_history(hand: HandEngine) -> None:
    run = Run([small()], on=hand)
    stood = four_ways(run, hand)
    assert [before[1] for before in stood] == [7, 14, 21, 7, 7]
    for before in stood[-2::-1]:
        assert run.can_undo
        run.undo()
        worked(hand)
        assert standing(run) == before
        assert_undisturbed(run)
    assert not run.can_undo
    for after in stood[1:]:
        assert run.can_redo
        run.redo()
        worked(hand)
        assert standing(run) == after
    assert not run.can_redo
    run.redo()
    assert standing(run) == stood[-1]


def test_undo_needs_no_worker(counting: CountingEngine) -> None:
    run = Run([small()], on=counting)
    four_ways(run, counting)
    updates = counting.updates
    for control in (run.undo, run.undo, run.undo, run.redo, run.redo):
        control()
        assert (run.history.steps[0], run.history.steps[-1]) == (0, run.current_step)
    worked(counting)
    assert counting.updates == updates


def test_a_new_change_ends_what_could_be_redone(hand: HandEngine) -> None:
    run = Run([small()], on=hand)
    four_ways(run, hand)
    run.undo()
    run.undo()
    run.change_training(small(l1=0.5).training)
    assert (run.can_redo, run.can_undo) == (False, True)
    stepped(run, hand, 2)
    assert_undisturbed(run)


def test_go_back_to_a_recent_way(hand: HandEngine) -> None:
    run = Run([small()], on=hand)
    stood = four_ways(run, hand)
    assert [path.step for path in run.recent] == [7, 14, 21, 7]
    for number in (2, 0, 3):
        path = next(path for path in run.recent if path.lanes == stood[number][0])
        run.go_back_to(path)
        worked(hand)
        assert standing(run) == stood[number]
        assert [len(lane) > 0 for lane in run.ghost(path)] == [True]
    run.undo()
    worked(hand)
    assert standing(run) == stood[0]
    before = run.path
    run.go_back_to(Run([small(width=9)], on=hand).path)
    assert run.path is before, "it was never gone"


def test_a_ghost_is_what_was_seen_on_that_way(hand: HandEngine) -> None:
    run = stepped(Run([small(), small(l1=0.1)], on=hand), hand, 9)
    seen, before = run.history.entries, run.path
    run.reseed(4)
    stepped(run, hand, 3)
    ghost = run.ghost(before)
    assert [snapshot.step for snapshot in ghost[0]] == list(range(10))
    for entry in seen:
        assert all(one in lane for one, lane in zip(map(id, entry), _ids(ghost), strict=True))


def _ids(ghost: tuple[tuple[object, ...], ...]) -> list[set[int]]:
    return [{id(snapshot) for snapshot in lane} for lane in ghost]


def test_reset_of_a_fork_begins_with_its_settings(hand: HandEngine) -> None:
    run = stepped(Run([small()], on=hand), hand, 5)
    run.change_training(small(l1=0.1).training)
    stepped(run, hand, 5)
    run.reset()
    stepped(run, hand, 4)
    assert run.trajectories == Run([small(l1=0.1)], on=hand).trajectories
    assert_undisturbed(run)
    run.undo()
    assert (run.current_step, run.lanes) == (10, (small(l1=0.1),))


def test_another_task_at_step_0_begins_anew(hand: HandEngine) -> None:
    run = Run([small()], on=hand)
    sine = ExperimentSpec.model_validate({"data": {"name": "sinusoid", "n_samples": 60}})
    run.change([sine])
    worked(hand)
    assert (run.lanes, run.current_step, run.history.steps) == ((sine,), 0, (0,))
    run.undo()
    worked(hand)
    assert run.lanes == (small(),)
