"""Readers who share a training are in nobody's way, and each is told how things are."""

from __future__ import annotations

import math

import pytest

from nnviz.runs import Run
from tests.runs.conftest import HandEngine, small
from tests.runs.readers import assert_undisturbed, cut_bursts, worked
from tests.runs.test_diverged_runs import linear


def test_a_reader_who_pauses_stops_nobody_else(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_bursts(monkeypatch, 0.0)
    runs = [Run([small(n_steps=1000)], name, hand) for name in ("one", "two", "three")]
    for run in runs:
        run.train()
    hand.work(50)
    paused, stopped, other = runs
    paused.pause()
    stopped.stop()
    where = paused.current_step
    assert 0 < where < 50
    worked(hand)
    assert (paused.status, paused.current_step) == ("paused", where)
    assert (other.status, other.current_step) == ("finished", 1000)
    assert_undisturbed(paused)
    assert_undisturbed(other)
    paused.step()
    worked(hand)
    assert paused.current_step == where + 1
    assert_undisturbed(paused)


def test_a_newcomer_sees_step_0_before_the_others_go_on(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_bursts(monkeypatch, 0.0)
    others = [Run([small(n_steps=1000, seed=n)], str(n), hand) for n in range(3)]
    for run in others:
        run.train()
    hand.work(20)
    newcomer = Run([small(seed=9)], "late", hand)
    hand.work(1)
    assert newcomer.history.steps == (0,)


def test_who_steps_is_not_carried_away_by_who_trains(hand: HandEngine) -> None:
    trains, steps = (Run([small()], name, hand) for name in ("one", "two"))
    trains.train()
    steps.step(3)
    worked(hand)
    assert (trains.current_step, steps.current_step) == (40, 3)
    assert steps.history.steps == (0, 1, 2, 3)


def test_without_a_reader_a_run_asks_for_nothing_and_goes_on_later(hand: HandEngine) -> None:
    run = Run([small()], on=hand)
    worked(hand)
    run.train()
    run.attend(False)
    assert (worked(hand), run.is_live, run.status) == (0, True, "running")
    assert run.current_step == 0
    run.attend(True)
    worked(hand)
    assert (run.status, run.current_step) == ("finished", 40)
    assert_undisturbed(run)


def test_a_run_at_rest_without_a_reader_asks_for_nothing(hand: HandEngine) -> None:
    run = Run([small()], on=hand)
    run.attend(False)
    assert (worked(hand), run.history.steps) == (0, ())
    run.attend(True)
    worked(hand)
    assert run.history.steps == (0,)


def test_what_comes_back_after_the_reader_left_is_kept(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_bursts(monkeypatch, math.inf)
    run = Run([small()], on=hand)
    worked(hand)
    run.train()
    deliver = hand.start()
    run.attend(False)
    assert deliver is not None
    deliver()
    assert (run.current_step, run.trajectories[0].head, worked(hand)) == (0, 40, 0)
    run.attend(True)
    assert (run.status, run.current_step) == ("finished", 40)


def test_training_that_goes_on_is_live_and_says_how_fast(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_bursts(monkeypatch, 0.0)
    run = Run([small(n_steps=200), linear("mse", 10.0)], on=hand)  # the second lane diverges
    worked(hand)
    assert (run.is_from_store, math.isnan(run.updates_per_second)) == (False, True)
    run.train()
    assert not run.is_from_store
    for _ in range(40):
        hand.work(2)
        assert (run.status, run.is_from_store) == ("running", False)
        assert run.updates_per_second > 0
    worked(hand)
    assert run.status == "finished"
    assert (run.is_from_store, math.isnan(run.updates_per_second)) == (False, True)


@pytest.mark.parametrize("step", [0, 500, 980])
def test_replaying_what_is_there_is_called_that_and_has_no_speed(
    hand: HandEngine, step: int
) -> None:
    """To its very end, and while single steps of it are computed again."""
    first = Run([small(n_steps=1000)], on=hand)
    first.train()
    worked(hand)
    run = Run([small(n_steps=1000)], on=hand)
    run.train()
    run.seek(step)
    worked(hand)
    run.set_speed(40)
    run.train()
    for _ in range(3):
        assert (run.status, run.is_from_store) == ("running", True)
        assert math.isnan(run.updates_per_second)
        worked(hand)


def test_paced_training_that_nobody_has_seen_is_live(hand: HandEngine) -> None:
    run = Run([small(n_steps=1000)], on=hand)
    worked(hand)
    run.set_speed(20)
    run.train()
    assert not run.is_from_store
    worked(hand)
    assert run.status == "running"
    assert (run.is_from_store, run.updates_per_second > 0) == (False, True)


def test_an_error_is_told_to_all_who_wanted_that_step_and_to_nobody_else(
    hand: HandEngine,
) -> None:
    ahead, also, rests = (Run([small()], name, hand) for name in ("one", "two", "three"))
    other = Run([small(seed=1)], on=hand)
    worked(hand)
    for run in (ahead, also, other):
        run.train()
    jobs = list(iter(hand.queue.take, None))
    assert len(jobs) == 2
    job = next(job for job in jobs if job.owner == ahead.trajectories[0].timeline.name)
    job.on_done(ZeroDivisionError("no number"))
    for run in (ahead, also):
        assert (run.status, run.current_step) == ("failed", 0)
        assert run.message == "The training failed: ZeroDivisionError: no number"
    assert (rests.status, other.status) == ("paused", "running")
    ahead.train()
    worked(hand)
    assert (ahead.status, ahead.message) == ("finished", "")
    assert (also.status, also.current_step) == ("failed", 0)
    also.train()
    assert (also.status, also.message) == ("finished", "")
    worked(hand)
    for run in (ahead, also):
        assert_undisturbed(run)
