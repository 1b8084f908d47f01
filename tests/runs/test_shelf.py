"""Who may have how many runs, who reaches them, and when they go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nnviz.runs import NoPlaceError, Run, Shelf, shelf
from nnviz.runs.shelf import (
    DROP_AFTER_SECONDS,
    GIVE_WAY_AFTER_SECONDS,
    MAX_RUNS,
    MAX_RUNS_PER_ADDRESS,
    STOP_AFTER_SECONDS,
)
from tests.runs.conftest import HandEngine, small


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def runs(hand: HandEngine, clock: Clock) -> Iterator[Shelf]:
    found = Shelf(hand, clock)
    yield found
    found.close()


def test_a_run_is_reached_by_its_id_alone(runs: Shelf) -> None:
    ids = {runs.new_run([small()], f"owner{number}").id for number in range(40)}
    assert len(ids) == 40
    assert all(len(one) >= 22 for one in ids)
    assert runs.run("guess") is None
    assert runs.run("") is None
    for one in ids:
        found = runs.run(one)
        assert found is not None
        assert found.id == one


def test_the_fifth_run_replaces_the_owners_oldest_that_rests(runs: Shelf) -> None:
    other = runs.new_run([small()], "other")
    mine = [runs.new_run([small()], "me") for _ in range(4)]
    mine[0].train()
    fifth = runs.new_run([small()], "me")
    assert runs.run(mine[1].id) is None
    assert mine[1].status == "stopped"
    assert all(runs.run(run.id) is run for run in (other, mine[0], *mine[2:], fifth))


def test_a_fifth_run_is_refused_while_four_train(runs: Shelf) -> None:
    mine = [runs.new_run([small()], "me") for _ in range(4)]
    for run in mine:
        run.train()
    with pytest.raises(NoPlaceError, match="pause one"):
        runs.new_run([small()], "me")
    assert len(runs) == 4
    mine[2].pause()
    runs.new_run([small()], "me")
    assert runs.run(mine[2].id) is None


def full_house(runs: Shelf) -> list[Run]:
    return [runs.new_run([small()], f"owner{n}", f"address{n}") for n in range(MAX_RUNS)]


def test_a_full_house_refuses_until_somebody_is_gone(runs: Shelf, clock: Clock) -> None:
    first = full_house(runs)
    with pytest.raises(NoPlaceError, match=f"again in {GIVE_WAY_AFTER_SECONDS:.0f} seconds"):
        runs.new_run([small()], "late")
    clock.now += GIVE_WAY_AFTER_SECONDS - 20
    for run in first[1:]:
        runs.touch(run.id)
    with pytest.raises(NoPlaceError, match="again in 20 seconds"):
        runs.new_run([small()], "late")
    clock.now += 20
    runs.new_run([small()], "late")
    assert runs.run(first[0].id) is None
    assert len(runs) == MAX_RUNS


def test_a_run_whose_page_was_closed_gives_way_at_once_and_not_before_others_watch(
    runs: Shelf,
) -> None:
    first = full_house(runs)
    for run in first[:3]:
        run.train()
        runs.leave(run.id)
    runs.touch(first[0].id)  # its reader is back
    runs.new_run([small()], "late")
    assert runs.run(first[0].id) is first[0]
    assert runs.run(first[1].id) is None
    assert first[1].status == "stopped"
    assert runs.run(first[2].id) is first[2]
    assert first[2].status == "running"


def test_what_others_have_left_gives_way_before_ones_own(runs: Shelf) -> None:
    first = full_house(runs)
    runs.leave(first[5].id)
    runs.new_run([small()], "owner0")
    assert runs.run(first[0].id) is first[0]
    assert runs.run(first[5].id) is None


def test_one_address_can_not_take_all_places(runs: Shelf, clock: Clock) -> None:
    crowd = [runs.new_run([small()], f"one{n}", "crowd") for n in range(MAX_RUNS_PER_ADDRESS)]
    with pytest.raises(NoPlaceError, match=r"one network address.*again in \d+ seconds"):
        runs.new_run([small()], "one more", "crowd")
    newcomer = runs.new_run([small()], "newcomer", "elsewhere")
    assert runs.run(newcomer.id) is newcomer
    runs.leave(crowd[7].id)
    runs.new_run([small()], "one more", "crowd")
    assert runs.run(crowd[7].id) is None
    assert len(runs) == MAX_RUNS_PER_ADDRESS + 1


def test_a_run_nobody_watches_is_stopped_and_later_dropped(runs: Shelf, clock: Clock) -> None:
    watched, left = (runs.new_run([small()], "me") for _ in range(2))
    for run in (watched, left):
        run.train()
    clock.now += STOP_AFTER_SECONDS - 1
    runs.touch(watched.id)
    runs.reap()
    assert left.status == "running"
    clock.now += 1
    runs.reap()
    assert (left.status, watched.status) == ("stopped", "running")
    assert "nobody was watching" in left.message
    clock.now = 1000 + DROP_AFTER_SECONDS
    runs.touch(watched.id)
    assert runs.run(left.id) is left
    runs.reap()
    assert runs.run(left.id) is None
    assert runs.run(watched.id) is watched


def test_coming_back_in_time_finds_the_run_ready_to_go_on(
    runs: Shelf, clock: Clock, hand: HandEngine
) -> None:
    run = runs.new_run([small()], "me")
    run.train()
    clock.now += STOP_AFTER_SECONDS + 1
    runs.reap()
    runs.touch(run.id)
    run.train()
    hand.work()
    assert (run.status, run.message) == ("finished", "")


def test_touching_or_dropping_what_is_gone_does_nothing(runs: Shelf) -> None:
    run = runs.new_run([small()], "me")
    runs.drop(run.id)
    runs.drop(run.id)
    runs.touch(run.id)
    runs.reap()
    assert len(runs) == 0


def test_a_run_whose_page_was_closed_asks_for_nothing_until_somebody_is_back(
    runs: Shelf, hand: HandEngine
) -> None:
    run = runs.new_run([small(n_steps=1000)], "me")
    run.train()
    runs.leave(run.id)
    assert hand.work() == 0
    assert (run.status, run.current_step) == ("running", 0)
    runs.touch(run.id)
    hand.work()
    assert (run.status, run.current_step) == ("finished", 1000)


def test_the_process_has_one_shelf() -> None:
    assert shelf() is shelf()
