"""What is forgotten to save memory is computed again, the same, and nobody goes in circles."""

from __future__ import annotations

import math

import pytest

from nnviz.runs import Run, path, store, trajectory
from tests.randomness.digests import digest
from tests.runs.conftest import HandEngine, small, unseen
from tests.runs.readers import all_seen, assert_undisturbed, cut_bursts, stepped, worked

SPEC = small(n_steps=100, optimizer={"name": "adam", "learning_rate": 0.05})


@pytest.fixture(params=["trajectory", "store"])
def forgetful(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for nothing, in each trajectory or in all together."""
    module = {"trajectory": trajectory, "store": store}[request.param]
    monkeypatch.setattr(module, "MAX_BYTES", 1)


def assert_all_seen(run: Run) -> None:
    """The whole history, compared with the training in one piece."""
    expected = all_seen(run.lanes[0], run.history.steps)
    for step, (snapshot,) in zip(run.history.steps, run.history.entries, strict=True):
        assert digest(snapshot) == expected[step]


@pytest.mark.usefixtures("forgetful")
@pytest.mark.parametrize("seconds", [0.0, math.inf])
def test_a_training_comes_to_its_end_with_the_same_numbers(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    cut_bursts(monkeypatch, seconds)
    run = Run([SPEC, small(n_steps=100, batch_size=5)], on=hand)
    run.train()
    worked(hand)
    assert (run.status, run.current_step, run.is_live) == ("finished", 100, False)
    assert_undisturbed(run)
    run.step(3)
    worked(hand)
    assert_undisturbed(run)


@pytest.mark.usefixtures("forgetful")
def test_every_control_ends(hand: HandEngine) -> None:
    run = Run([SPEC], on=hand)
    for n in (1, 5, 30):
        stepped(run, hand, n)
        assert_undisturbed(run)
    run.epochs(2)
    worked(hand)
    assert_undisturbed(run)
    run.seek(13)
    worked(hand)
    assert (run.current_step, run.is_live) == (13, False)
    assert_undisturbed(run)
    run.change_training(small(l1=0.1).training)
    stepped(run, hand, 9)
    assert_undisturbed(run)
    run.undo()
    worked(hand)
    assert (run.current_step, run.is_live) == (13, False)
    assert_undisturbed(run)
    run.redo()
    worked(hand)
    assert (run.current_step, run.is_live) == (22, False)
    assert_undisturbed(run)


@pytest.mark.usefixtures("forgetful")
def test_a_look_ends_and_is_answered(hand: HandEngine) -> None:
    run = stepped(Run([small(n_steps=1000)], on=hand), hand, 60)
    expected = all_seen(run.lanes[0], range(61))
    for step in (37, 59, 3):
        run.look(step)
        worked(hand)
        entry, is_exact = run.look(step)
        assert is_exact
        assert entry is not None
        assert digest(entry[0]) == expected[step]
        worked(hand)
    assert not run.is_live


@pytest.mark.usefixtures("forgetful")
def test_two_readers_in_different_places_do_not_chase_each_other(hand: HandEngine) -> None:
    runs = [Run([SPEC], name, hand) for name in ("one", "two", "three")]
    for n, run in enumerate(runs):
        run.step(11 + 17 * n)
    worked(hand)
    for run in runs:
        assert_undisturbed(run)
    for run, step in zip(runs, (40, 5, 21), strict=True):
        run.seek(step)
    runs[1].train()
    worked(hand)
    assert [run.current_step for run in runs] == [11, 100, 21]
    for run in runs:
        assert_undisturbed(run)


@pytest.mark.parametrize("n_times", [1, 3, 20])
def test_thinning_in_the_middle_changes_no_number(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch, n_times: int
) -> None:
    cut_bursts(monkeypatch, 0.0)
    run = Run([SPEC], on=hand)
    run.train()
    for _ in range(40):
        hand.work(2)
        for _ in range(n_times):
            run.trajectories[0].thin()
    worked(hand)
    assert (run.status, run.current_step) == ("finished", 100)
    assert_all_seen(run)
    run.seek(33)
    run.trajectories[0].thin()
    worked(hand)
    assert_undisturbed(run)


def test_thinning_comes_to_an_end_and_keeps_the_ends(hand: HandEngine) -> None:
    run = stepped(Run([SPEC], on=hand), hand, 70)
    (kept,) = run.trajectories
    before = kept.n_bytes
    while kept.thin():
        assert kept.n_bytes < before
        before = kept.n_bytes
    assert kept.steps(-1, 70) >= {0, 1, 2, 4, 8, 16, 32, 64}
    assert kept.state(70) is not None


def test_what_nobody_looks_at_gives_way_first(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = stepped(Run([small(seed=1)], on=hand), hand, 30)
    watched = stepped(Run([small(seed=2)], on=hand), hand, 30)
    forgotten = left.trajectories[0].n_bytes
    monkeypatch.setattr(store, "MAX_BYTES", store.store_of(hand).n_bytes)
    watched.step(5)
    n_held = watched.trajectories[0].n_bytes
    worked(hand)
    assert watched.trajectories[0].n_bytes > n_held
    assert left.trajectories[0].n_bytes < forgotten
    left.step()
    worked(hand)
    assert_undisturbed(left)
    assert_undisturbed(watched)


def test_a_trajectory_keeps_within_its_bytes(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    for engine, limit in ((HandEngine(), trajectory.MAX_BYTES), (hand, 600_000)):
        monkeypatch.setattr(trajectory, "MAX_BYTES", limit)
        run = Run([small(n_steps=1000)], on=engine)
        run.train()
        worked(engine)
        assert run.status == "finished"
        sizes.append(run.trajectories[0].n_bytes)
        assert_undisturbed(run)
    assert sizes[0] > 2 * 600_000 > 2 * sizes[1]


def test_a_reader_who_never_stops_changing_things_takes_no_more_room(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_KNOWN", 150)
    run = stepped(Run([SPEC], on=hand), hand, 1)
    for n in range(1, 400):
        run.change([small(n_steps=100, l1=n / 1000)])
        if n % 2:
            stepped(run, hand, 1)
    found = store.store_of(hand)
    assert len(found) <= 150
    assert len(run.path.timelines[0].changes) <= path.MAX_CHANGES
    assert_undisturbed(run)
    run.undo()
    worked(hand)
    assert_undisturbed(run)


def test_the_memory_told_is_that_of_the_states_and_snapshots_held(hand: HandEngine) -> None:
    run = Run([unseen(n_steps=5000)], on=hand)
    run.train()
    worked(hand)
    for step in range(4990, 4960, -1):  # more than are kept off the grid
        run.seek(step)
        worked(hand)
    trajectory = run.trajectories[0]
    for _ in range(3):
        snapshots = len(trajectory._snapshots) * trajectory._snapshot_bytes
        assert trajectory.n_bytes == snapshots + sum(map(len, trajectory._states.values()))
        assert trajectory.thin()
