"""Who may have how many runs, who reaches them, and when they go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nnviz.runs import RunRegistry, TooManyRunsError, registry
from nnviz.runs.registry import DROP_AFTER_SECONDS, MAX_RUNS, STOP_AFTER_SECONDS
from tests.runs.conftest import HandEngine, small


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def runs(hand: HandEngine, clock: Clock) -> Iterator[RunRegistry]:
    registry = RunRegistry(hand, clock)
    yield registry
    registry.close()


def test_a_run_is_reached_by_its_id_alone(runs: RunRegistry) -> None:
    ids = {runs.create([small()], f"owner{number}").id for number in range(40)}
    assert len(ids) == 40
    assert all(len(one) >= 22 for one in ids)
    assert runs.get("guess") is None
    assert runs.get("") is None
    for one in ids:
        found = runs.get(one)
        assert found is not None
        assert found.id == one


def test_the_fifth_run_replaces_the_owners_oldest_that_rests(runs: RunRegistry) -> None:
    other = runs.create([small()], "other")
    mine = [runs.create([small()], "me") for _ in range(4)]
    mine[0].train()
    fifth = runs.create([small()], "me")
    assert runs.get(mine[1].id) is None
    assert mine[1].status == "stopped"
    assert all(runs.get(run.id) is run for run in (other, mine[0], *mine[2:], fifth))


def test_a_fifth_run_is_refused_while_four_train(runs: RunRegistry) -> None:
    mine = [runs.create([small()], "me") for _ in range(4)]
    for run in mine:
        run.train()
    with pytest.raises(TooManyRunsError, match="pause one"):
        runs.create([small()], "me")
    assert len(runs) == 4
    mine[2].pause()
    runs.create([small()], "me")
    assert runs.get(mine[2].id) is None


def test_a_full_house_refuses_until_somebody_is_gone(runs: RunRegistry, clock: Clock) -> None:
    first = [runs.create([small()], f"owner{number}") for number in range(MAX_RUNS)]
    with pytest.raises(TooManyRunsError, match="try again"):
        runs.create([small()], "late")
    clock.now += STOP_AFTER_SECONDS
    for run in first[1:]:
        runs.touch(run.id)
    runs.create([small()], "late")
    assert runs.get(first[0].id) is None
    assert len(runs) == MAX_RUNS


def test_a_run_nobody_watches_is_stopped_and_later_dropped(runs: RunRegistry, clock: Clock) -> None:
    watched, left = (runs.create([small()], "me") for _ in range(2))
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
    assert runs.get(left.id) is left
    runs.reap()
    assert runs.get(left.id) is None
    assert runs.get(watched.id) is watched


def test_coming_back_in_time_finds_the_run_ready_to_go_on(
    runs: RunRegistry, clock: Clock, hand: HandEngine
) -> None:
    run = runs.create([small()], "me")
    run.train()
    clock.now += STOP_AFTER_SECONDS + 1
    runs.reap()
    runs.touch(run.id)
    run.train()
    hand.work()
    assert (run.status, run.message) == ("finished", "")


def test_touching_or_dropping_what_is_gone_does_nothing(runs: RunRegistry) -> None:
    run = runs.create([small()], "me")
    runs.drop(run.id)
    runs.drop(run.id)
    runs.touch(run.id)
    runs.reap()
    assert len(runs) == 0


def test_the_process_has_one_registry() -> None:
    assert registry() is registry()
