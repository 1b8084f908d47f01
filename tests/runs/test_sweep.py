"""A sweep brings what its calls give, in order of arrival, and nobody else's."""

from __future__ import annotations

import math

import pytest

from nnviz.runs import Engine, NoPlaceError, Shelf, Sweep
from nnviz.runs.shelf import DROP_AFTER_SECONDS, MAX_SWEEPS_PER_OWNER, STOP_AFTER_SECONDS
from nnviz.spec import SpecError
from tests.runs.conftest import HandEngine, until

SQUARES = [(pow, (n, 2)) for n in range(5)]


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def refuse(text: str) -> None:
    raise SpecError(text)


def test_results_come_from_workers(live_engine: Engine) -> None:
    sweep = Sweep(SQUARES, on=live_engine)
    until(lambda: not sweep.is_live)
    assert sweep.status == "finished"
    assert dict(zip(sweep.arrived, sweep.results, strict=True)) == {n: n * n for n in range(5)}
    assert (sweep.fraction, sweep.seconds_left, sweep.failures) == (1.0, 0.0, {})


def test_results_stand_in_order_of_arrival(hand: HandEngine) -> None:
    sweep = Sweep(SQUARES, on=hand)
    deliveries = [hand.start() for _ in SQUARES]
    for place in (3, 0, 4):
        deliveries[place]()  # type: ignore[misc]
    assert sweep.arrived == (3, 0, 4)
    assert sweep.results == (9, 0, 16)
    assert (sweep.n_done, sweep.fraction) == (3, 0.6)
    assert sweep.is_live


def test_the_time_left_follows_the_pace(hand: HandEngine) -> None:
    clock = Clock()
    sweep = Sweep(SQUARES, on=hand, clock=clock)
    assert sweep.seconds_left is None
    clock.now = 4.0
    hand.work(2)
    assert sweep.seconds_left == 6.0
    hand.work()
    clock.now = 100.0
    assert (sweep.seconds, sweep.seconds_left) == (4.0, 0.0)


def test_cancelling_keeps_what_has_arrived_and_takes_no_more(hand: HandEngine) -> None:
    sweep = Sweep(SQUARES, on=hand)
    hand.work(2)
    late = hand.start()
    sweep.cancel()
    assert late is not None
    late()
    assert hand.work() == 0
    assert (sweep.status, sweep.results) == ("cancelled", (0, 1))


def test_a_call_that_fails_is_reported_and_the_others_go_on(hand: HandEngine) -> None:
    sweep = Sweep(
        [(math.sqrt, (4.0,)), (math.sqrt, (-1.0,)), (refuse, ("no such thing",))], on=hand
    )
    jobs = list(sweep._jobs)
    for job in jobs:
        try:
            outcome = job.function(*job.arguments)
        except ValueError as error:
            outcome = error
        job.on_done(outcome)
    assert sweep.status == "finished"
    assert sweep.results == (2.0,)
    assert sweep.failures[2] == "no such thing"
    assert sweep.failures[1].startswith("ValueError")


def test_a_sweep_of_failures_has_failed(live_engine: Engine) -> None:
    sweep = Sweep([(math.sqrt, (-1.0,))] * 2, on=live_engine)
    until(lambda: not sweep.is_live)
    assert sweep.status == "failed"
    assert len(sweep.failures) == 2


def test_live_training_goes_before_sweeps(hand: HandEngine) -> None:
    Sweep(SQUARES, on=hand)
    job = hand.submit(pow, 1, 1, on_done=lambda _: None, priority="live")
    assert hand.queue.take() is job


def test_only_the_owner_finds_a_sweep(hand: HandEngine) -> None:
    kept = Shelf(hand)
    sweep = kept.new_sweep(SQUARES, "me", about="a question")
    assert kept.sweep(sweep.id, "me") is sweep
    assert kept.sweep(sweep.id, "you") is None
    assert kept.sweep("guess", "me") is None
    assert sweep.about == "a question"


def test_who_asks_the_same_joins_what_is_under_way(hand: HandEngine) -> None:
    kept = Shelf(hand)
    mine = kept.shared_sweep(SQUARES, "me", "a question")
    assert kept.shared_sweep(SQUARES, "you", "a question") is mine
    assert kept.shared_sweep(SQUARES, "you", "another question") is not mine
    assert mine.watchers == {"me", "you"}
    hand.work()
    later = kept.shared_sweep(SQUARES[:1], "you", "a question")
    assert kept.sweeps_about("a question") == [mine, later]


def test_a_joined_sweep_ends_when_the_last_one_leaves(hand: HandEngine) -> None:
    sweep = Sweep(SQUARES, "me", on=hand)
    sweep.join("you")
    sweep.leave("me")
    sweep.leave("somebody else")
    assert sweep.is_live
    sweep.leave("you")
    assert sweep.status == "cancelled"


def test_what_nobody_looks_at_is_cancelled_and_later_forgotten(hand: HandEngine) -> None:
    clock = Clock()
    kept = Shelf(hand, clock)
    left, watched = kept.new_sweep(SQUARES, "me"), kept.new_sweep(SQUARES, "you")
    clock.now = STOP_AFTER_SECONDS
    kept.touch(watched.id)
    kept.reap()
    assert (left.status, watched.status) == ("cancelled", "running")
    clock.now = DROP_AFTER_SECONDS
    kept.touch(watched.id)
    kept.reap()
    assert kept.sweep(left.id, "me") is None
    assert kept.sweep(watched.id, "you") is watched


def test_finished_sweeps_make_room_and_running_ones_do_not(hand: HandEngine) -> None:
    kept = Shelf(hand)
    first = kept.new_sweep(SQUARES, "me")
    for _ in range(MAX_SWEEPS_PER_OWNER - 1):
        kept.new_sweep(SQUARES, "me")
    with pytest.raises(NoPlaceError, match="cancel one first"):
        kept.new_sweep(SQUARES, "me")
    kept.new_sweep(SQUARES, "you")
    first.cancel()
    kept.new_sweep(SQUARES, "me")
    assert kept.sweep(first.id, "me") is None


def test_a_sweep_has_calls(hand: HandEngine) -> None:
    for n_calls in (0, 2001):
        with pytest.raises(ValueError, match="1 to 2000 calls"):
            Sweep([(pow, (1, 1))] * n_calls, on=hand)
