"""Who listens to a run or a sweep is called when something is new, and only then."""

from __future__ import annotations

import logging
import threading

import pytest

from nnviz.records import Snapshot
from nnviz.runs import Run, Shelf, Sweep
from nnviz.runs.mode_gaps import ModeGaps
from nnviz.runs.shelf import STOP_AFTER_SECONDS
from tests.runs.conftest import HandEngine, small, unseen
from tests.runs.readers import Clock, cut_bursts, worked

CONTROLS = ["train", "step", "epochs", "pause", "stop", "reset", "undo", "redo"]


class Bell:
    """Counts its calls, and whether the store was ever locked by somebody when it rang."""

    def __init__(self, run: Run | None = None) -> None:
        self.calls, self.run = 0, run

    def __call__(self) -> None:
        self.calls += 1
        if self.run is not None:
            assert is_free(self.run)

    def rang(self) -> bool:
        """Whether it was called since the last question."""
        calls, self.calls = self.calls, 0
        return calls > 0


def is_free(run: Run) -> bool:
    """Whether another thread may have the store's lock now."""
    found: list[bool] = []

    def ask() -> None:
        if run._lock.acquire(blocking=False):
            run._lock.release()
            found.append(True)

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join()
    return bool(found)


def test_each_burst_that_is_told_to_a_run_rings(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_bursts(monkeypatch, 0.0)
    run = Run([small()], on=hand)
    bell = Bell(run)
    run.listen(bell)
    worked(hand)
    assert bell.rang()
    run.train()
    assert bell.rang()
    while run.status == "running":
        hand.work(1)
        assert bell.rang()


@pytest.mark.parametrize("control", CONTROLS)
def test_each_control_of_any_reader_rings(hand: HandEngine, control: str) -> None:
    run = Run([small()], on=hand)
    worked(hand)
    bell = Bell(run)
    run.listen(bell)
    getattr(run, control)()
    assert bell.rang()


def test_controls_with_settings_ring_too(hand: HandEngine) -> None:
    run = Run([small()], on=hand)
    worked(hand)
    path = run.path
    bell = Bell(run)
    run.listen(bell)
    for control in (
        lambda: run.seek(0), lambda: run.set_speed(5.0), lambda: run.attend(False),
        lambda: run.attend(True), lambda: run.change([small(batch_size=4)]),
        lambda: run.reseed(7), lambda: run.go_back_to(path),
    ):  # fmt: skip
        control()
        assert bell.rang()


def test_a_look_rings_only_where_it_finds_that_the_run_has_come_to_rest(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr("nnviz.runs.pace.Pace.__init__.__defaults__", (clock,))
    run = Run([small(n_steps=3)], on=hand)
    worked(hand)
    run.set_speed(10.0)
    run.train()
    worked(hand)
    bell = Bell(run)
    run.listen(bell)
    clock.now += 0.05
    assert (run.current_step, run.look(0)[1], bell.rang()) == (1, True, False)
    clock.now += 1.0
    assert (run.current_step, run.status, bell.rang()) == (3, "finished", True)
    assert (run.current_step, bell.rang()) == (3, False)


def test_a_step_that_was_passed_and_forgotten_rings_when_it_is_there_again(
    hand: HandEngine,
) -> None:
    run = Run([unseen(n_steps=2000)], on=hand)
    run.train()
    worked(hand)
    missing = next(step for step in range(1, 2000) if run.history.at(step)[0].step != step)  # type: ignore[index]
    bell = Bell(run)
    run.listen(bell)
    assert run.look(missing)[1] is False
    bell.rang()
    worked(hand)
    assert bell.rang()
    found = run.look(missing)[0]
    assert found is not None
    assert isinstance(found[0], Snapshot)
    assert found[0].step == missing


def test_who_listens_no_more_is_not_called(hand: HandEngine) -> None:
    run = Run([small()], on=hand)
    stays, goes = Bell(), Bell()
    run.listen(stays)
    end = run.listen(goes)
    twice = run.listen(stays)
    end()
    end()
    worked(hand)
    assert (stays.rang(), goes.rang()) == (True, False)
    twice()
    run.train()
    hand._dispatcher.keeper.listeners.ring()
    assert (stays.calls, goes.calls) == (2, 0)


def test_a_listener_that_fails_is_logged_and_harms_nobody(
    hand: HandEngine, caplog: pytest.LogCaptureFixture
) -> None:
    run, bell = Run([small()], on=hand), Bell()

    def fail() -> None:
        raise ZeroDivisionError("no bell")

    run.listen(fail)
    run.listen(bell)
    run.train()
    worked(hand)
    assert run.status == "finished"
    assert bell.rang()
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "no bell" in caplog.text
    assert errors


def test_a_run_that_the_shelf_stops_rings(hand: HandEngine) -> None:
    clock = Clock()
    shelf = Shelf(hand, clock)
    run = shelf.new_run([small()], "me")
    run.train()
    bell = Bell(run)
    run.listen(bell)
    clock.now += STOP_AFTER_SECONDS
    shelf.reap()
    assert (run.status, bell.rang()) == ("stopped", True)
    shelf.drop(run.id)
    assert bell.rang()
    shelf.close()


def test_workers_that_go_and_come_back_ring(hand: HandEngine) -> None:
    run, bell = Run([small()], on=hand), Bell()
    run.listen(bell)
    keeper = hand._dispatcher.keeper
    keeper._found({"one": 1})
    assert (hand.status, bell.rang()) == ("ready", True)
    keeper._found({"one": 1, "two": 1})
    assert not bell.rang()
    keeper._found({})
    assert (hand.status, bool(run.waiting), bell.rang()) == ("waiting", True, True)
    keeper._found({"one": 1})
    assert (run.waiting, bell.rang()) == ("", True)


def test_what_both_modes_gave_rings(hand: HandEngine) -> None:
    run = Run([unseen()], on=hand)
    worked(hand)
    bell = Bell(run)
    run.listen(bell)
    ModeGaps(run, hand).follow()
    worked(hand)
    assert bell.rang()


def test_a_sweep_rings_at_each_result_and_at_its_end(hand: HandEngine) -> None:
    sweep, bell = Sweep([(pow, (n, 2)) for n in range(5)], on=hand), Bell()
    end = sweep.listen(bell)
    for n in (1, 2):
        hand.work(1)
        assert (sweep.n_done, bell.rang()) == (n, True)
    sweep.cancel()
    assert bell.rang()
    sweep.cancel()
    assert not bell.rang()
    end()
