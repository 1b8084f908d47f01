"""Many trainings at once: each has its turn, waiting is told, and who has left costs nothing."""

from __future__ import annotations

import os
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.runs import Run, Shelf, Sweep
from nnviz.runs.bursts import Burst
from nnviz.runs.fair_queue import FairQueue, Job
from nnviz.runs.local import default_n_workers
from nnviz.runs.pace import (
    BURST_SECONDS,
    FIRST_SECONDS,
    LEAST_SECONDS,
    TRIP_SECONDS,
    TURN_SECONDS,
    burst_seconds,
)
from tests.runs.conftest import HandEngine, unseen
from tests.runs.readers import (
    ENDLESS,
    Clock,
    CountingEngine,
    assert_undisturbed,
    cut_bursts,
    worked,
)


@pytest.fixture
def counting() -> CountingEngine:
    return CountingEngine()


def crowd(engine: HandEngine, n: int, n_steps: int = 10**6) -> list[Run]:
    """Runs that train, each a training of its own; the first pictures are there."""
    runs = [Run([unseen(n_steps=n_steps)], f"owner {number}", engine) for number in range(n)]
    worked(engine)
    for run in runs:
        run.train()
    return runs


def owner_of(burst: Burst) -> str:
    """The name of the training that it takes on."""
    return burst.timeline.name


@given(st.integers(1, 300), st.integers(1, 64), st.integers(0, 5))
def test_a_burst_is_as_long_as_lets_all_have_a_turn_within_a_second(
    n_trainings: int, n_workers: int, n_before: int
) -> None:
    seconds = burst_seconds(n_trainings, n_workers, n_before)
    turn = n_trainings / n_workers * (seconds + TRIP_SECONDS)
    assert turn <= TURN_SECONDS * (1 + 1e-9) or seconds <= LEAST_SECONDS
    assert min(FIRST_SECONDS) <= seconds <= burst_seconds(1, n_workers, n_before)
    assert burst_seconds(n_trainings + 1, n_workers, n_before) <= seconds


def test_a_training_alone_has_long_bursts_after_two_short_ones() -> None:
    assert [burst_seconds(1, 1, n) for n in range(4)] == [
        *FIRST_SECONDS, BURST_SECONDS, BURST_SECONDS,
    ]  # fmt: skip


def test_bursts_are_shorter_in_a_crowd_and_as_long_as_before_when_it_has_gone(
    counting: CountingEngine,
) -> None:
    runs = crowd(counting, 12)
    counting.work(36)
    counting.bursts.clear()
    counting.work(12)
    assert {burst.seconds for burst in counting.bursts} == {burst_seconds(12, 1)}
    assert burst_seconds(12, 1) < BURST_SECONDS
    for run in runs[1:]:
        run.stop()
    counting.work(1)
    counting.bursts.clear()
    counting.work(3)
    assert {burst.seconds for burst in counting.bursts} == {BURST_SECONDS}


def test_each_training_of_a_crowd_gets_the_same_number_of_bursts(
    counting: CountingEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_bursts(monkeypatch, 0.0)
    runs = crowd(counting, 30)
    counting.bursts.clear()
    counting.work(300)
    heads = [run.trajectories[0].head for run in runs]
    served = Counter(map(owner_of, counting.bursts))
    assert set(served.values()) == {10}
    assert (min(heads), max(heads)) == (10, 10)


def test_a_crowd_disturbs_no_numbers(hand: HandEngine) -> None:
    runs = crowd(hand, 4, n_steps=120)
    worked(hand)
    for run in runs:
        assert (run.status, run.current_step) == ("finished", 120)
        assert_undisturbed(run)


def test_all_cores_train_unless_the_environment_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NNVIZ_WORKERS", raising=False)
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert usable is not None
    quota = default_n_workers() < usable  # of a container, say
    assert quota or default_n_workers() == usable
    monkeypatch.setenv("NNVIZ_WORKERS", "3")
    assert default_n_workers() == 3


Line = list[tuple[str, str, bool]]


@given(
    st.lists(
        st.tuples(st.sampled_from("abcde"), st.sampled_from(["now", "live"]), st.booleans()),
        unique_by=lambda one: one[:2],
    ),
    st.sets(st.sampled_from("abcde"), min_size=1),
)
def test_who_goes_before_is_who_is_served_before(line: Line, asked: set[str]) -> None:
    queue = FairQueue()
    for owner, urgency, cancelled in line:
        job = Job(print, (), print, owner, urgency)  # type: ignore[arg-type]
        job.cancelled = cancelled
        queue.put(job)
    told = queue.n_before(asked)
    served = [job.owner for job in iter(queue.take, None)]
    last = max((place for place, owner in enumerate(served) if owner in asked), default=None)
    assert told == (None if last is None else len(set(served[:last]) - asked))


def test_a_newcomer_is_told_how_many_trainings_go_before_its_first_burst(
    hand: HandEngine,
) -> None:
    crowd(hand, 3)
    hand.work(9)
    late = [Run([unseen()], "late", hand) for _ in range(3)]
    assert [run.place_in_line for run in late] == [0, 1, 2]
    hand.work(1)
    assert [run.place_in_line for run in late] == [None, 0, 1]
    deliver = hand.start()  # its burst has begun
    assert [run.place_in_line for run in late] == [None, None, 0]
    assert deliver is not None
    deliver()
    hand.work(1)
    assert [run.place_in_line for run in late] == [None, None, None]


def test_a_training_that_was_served_just_now_does_not_wait(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = crowd(hand, 5)
    hand.work(10)
    assert {run.place_in_line for run in runs} == {None}
    monkeypatch.setattr("nnviz.runs.store.LONG_SECONDS", 0.0)
    assert sorted(filter(None, (run.place_in_line for run in runs))) == [1, 2, 3, 4]


def test_the_place_told_is_the_number_of_others_that_are_served_before(
    counting: CountingEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_bursts(monkeypatch, 0.0)
    monkeypatch.setattr("nnviz.runs.store.LONG_SECONDS", 0.0)
    runs = crowd(counting, 7)
    counting.work(3)
    Sweep([(pow, (2, 3))] * 5, on=counting)
    late = Run([unseen()], "late", counting)
    for run in (late, *runs):
        place = run.place_in_line
        heads = {one.id: one.trajectories[0].head for one in (late, *runs)}
        while run.trajectories[0].head == heads[run.id]:
            counting.work(1)
        served = [one for one in (late, *runs) if one.trajectories[0].head > heads[one.id]]
        assert place == len(served) - 1


def test_the_lanes_of_a_run_do_not_wait_for_each_other(hand: HandEngine) -> None:
    alone = Run([unseen() for _ in range(4)], on=hand)
    assert alone.place_in_line == 0
    other = Run([unseen()], on=hand)
    assert other.place_in_line == 4
    worked(hand)
    assert (alone.place_in_line, other.place_in_line) == (None, None)


def test_who_rests_and_who_is_answered_from_the_store_stand_in_no_line(
    hand: HandEngine,
) -> None:
    spec = unseen(n_steps=400)
    first = Run([spec], on=hand)
    first.train()
    worked(hand)
    again = Run([spec], on=hand)
    again.set_speed(20)
    again.train()
    assert (again.is_from_store, again.place_in_line) == (True, None)
    crowd(hand, 3)
    assert (first.place_in_line, again.place_in_line) == (None, None)


def test_sixty_who_have_left_cost_a_newcomer_nothing(counting: CountingEngine) -> None:
    shelf = Shelf(counting, Clock())
    left = [shelf.new_run([unseen(n_steps=10**6)], f"owner {n}") for n in range(60)]
    worked(counting)
    for run in left:
        run.train()
    counting.work(60)
    held = counting.start()
    for run in left:
        shelf.leave(run.id)
    assert held is not None
    held()
    heads = [run.trajectories[0].head for run in left]
    newcomer = shelf.new_run([unseen(n_steps=10**6)], "newcomer")
    newcomer.train()
    assert newcomer.place_in_line == 0
    counting.bursts.clear()
    counting.work(6)
    own = newcomer.trajectories[0].timeline.name
    assert set(map(owner_of, counting.bursts)) == {own}
    assert [burst.seconds for burst in counting.bursts][-2:] == [BURST_SECONDS] * 2
    assert [run.trajectories[0].head for run in left] == heads
    shelf.close()


@pytest.mark.parametrize("when", ["waiting", "held"])
def test_who_comes_back_goes_on_at_full_speed_with_no_step_lost(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    cut_bursts(monkeypatch, 0.0)
    spec = unseen(n_steps=60)
    run = Run([spec], on=hand)
    worked(hand)
    run.train()
    hand.work(20)
    deliver = hand.start() if when == "held" else None
    where = run.current_step
    run.attend(False)
    if deliver is not None:
        deliver()
    assert (worked(hand), run.current_step) == (0, where)
    run.attend(True)
    assert run.current_step >= where
    worked(hand)
    assert (run.status, run.current_step) == ("finished", 60)
    undisturbed = Run([unseen(n_steps=60)], on=hand)
    undisturbed.train()
    worked(hand)
    assert run.history.steps == undisturbed.history.steps
    assert_undisturbed(run)


def test_who_comes_back_goes_on_at_pace_from_where_it_stood(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr("nnviz.runs.pace.Pace.__init__.__defaults__", (clock,))
    run = Run([unseen(n_steps=40)], on=hand)
    worked(hand)
    run.set_speed(10.0)
    run.train()
    seen = []

    def watch(seconds: float) -> None:
        for _ in range(round(seconds / 0.05)):
            clock.now += 0.05
            hand.work(ENDLESS)
            seen.append(run.current_step)

    watch(1.0)
    where = run.current_step
    run.attend(False)
    clock.now += 600.0
    assert (worked(hand), run.current_step, run.status) == (0, where, "running")
    run.attend(True)
    assert run.current_step in (where, where + 1)
    watch(5.0)
    assert (run.status, run.current_step) == ("finished", 40)
    assert run.history.steps == tuple(range(41))
    assert max(after - before for before, after in pairwise(seen)) == 1
    assert_undisturbed(run)
