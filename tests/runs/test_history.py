"""What a history keeps: its ends, its early steps, and no more than it may."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.records import LayerRecord, Snapshot
from nnviz.runs.history import MIN_ENTRIES, N_RECENT, Entry, History, is_early, n_bytes

OUTPUT = LayerRecord("output", "output", 1)
START = Snapshot(
    0, 0.0, "classification", 1.0, 1.0, 0.5, 0.5, 1.0, 0.01, layers=(), output=OUTPUT
)  # fmt: skip
increments = st.lists(st.integers(1, 500), max_size=700)


def entry(step: int) -> Entry:
    return (replace(START, step=step),)


def filled(steps: list[int], max_entries: int = 80) -> History:
    history = History(max_entries)
    for step in steps:
        history.put({step: entry(step)})
    return history


def all_at_once(steps: Iterable[int], max_entries: int = 80) -> History:
    history = History(max_entries)
    history.put({step: entry(step) for step in steps})
    return history


@given(increments)
def test_size_is_bounded_and_both_ends_stay(increments: list[int]) -> None:
    steps = [0, *np.cumsum(increments).tolist()]
    history = filled(steps)
    assert len(history) <= 80
    assert history.steps[0] == 0
    assert history.steps[-N_RECENT:] == tuple(steps[-N_RECENT:])
    assert list(history.steps) == sorted(set(history.steps))
    assert set(history.steps) <= set(steps)
    assert [kept[0].step for kept in history.entries] == list(history.steps)


@given(increments)
def test_early_steps_always_stay(increments: list[int]) -> None:
    steps = [0, *np.cumsum(increments).tolist()]
    assert {step for step in steps if is_early(step)} <= set(filled(steps).steps)


@given(increments)
def test_nothing_is_dropped_before_it_is_full(increments: list[int]) -> None:
    steps = [0, *np.cumsum(increments[:79]).tolist()]
    assert list(filled(steps).steps) == steps


@given(st.integers(1, 300), st.integers(500, 2000))
def test_what_is_kept_is_spread_evenly(burst: int, n_bursts: int) -> None:
    steps = [burst * number for number in range(n_bursts)]
    history = filled(steps)
    late = [s for s in history.steps[:-N_RECENT] if not is_early(s)]
    gaps = np.diff(late)
    assert gaps.max() <= 2 * max(gaps.min(), burst)
    assert len(history) >= 80 // 3


def test_a_newer_snapshot_replaces_one_of_the_same_step() -> None:
    history = filled([0, 1, 2])
    newer = (replace(START, step=2, train_loss=9.0),)
    history.put({2: newer})
    assert history.latest is newer
    assert history.steps == (0, 1, 2)


def test_at_finds_the_last_kept_step_not_after() -> None:
    history = filled([0, 4, 10])
    found = {step: history.at(step) for step in (-1, 0, 3, 4, 9, 10, 99)}
    assert [kept[0].step for kept in found.values() if kept] == [0, 0, 0, 4, 4, 10, 10]
    assert History().at(3) is None
    assert History().latest is None


@given(st.lists(st.integers(0, 400), unique=True, max_size=79).flatmap(st.permutations))
def test_what_comes_late_finds_its_place(steps: list[int]) -> None:
    history = filled(steps)
    assert list(history.steps) == sorted(steps)
    assert [kept[0].step for kept in history.entries] == sorted(steps)


def test_many_steps_go_in_between_others_and_replace_those_of_the_same_step() -> None:
    history = filled([0, 10, 20, 30])
    newer = {step: entry(step) for step in (5, 20, 25)}
    history.put(newer)
    assert history.steps == (0, 5, 10, 20, 25, 30)
    for step, one in newer.items():
        assert history.at(step) is one
    assert history.lane(0) == tuple(one for (one,) in history.entries)


@given(st.sets(st.integers(0, 3000), min_size=1, max_size=400))
def test_a_history_filled_at_once_is_bounded_and_has_its_ends(steps: set[int]) -> None:
    history = all_at_once(steps)
    assert len(history) <= 80
    assert {step for step in steps if is_early(step)} <= set(history.steps) <= steps
    assert history.steps[-N_RECENT:] == tuple(sorted(steps)[-N_RECENT:])


def test_what_goes_in_the_middle_of_a_full_history_leaves_its_ends() -> None:
    history = filled(list(range(0, 4000, 10)))
    ends = history.steps[-N_RECENT:]
    for step in range(5, 3900, 10):
        history.put({step: entry(step)})
        assert len(history) <= 80
        assert (history.steps[0], history.steps[-N_RECENT:]) == (0, ends)


def test_nothing_put_in_is_nothing_changed() -> None:
    history = filled([0, 1])
    kept = history.entries
    history.put({})
    assert history.entries is kept


@pytest.mark.parametrize(
    ("step", "left"), [(99, (0, 4, 10)), (10, (0, 4, 10)), (9, (0, 4)), (0, (0,)), (-1, ())]
)
def test_cut_forgets_what_is_later(step: int, left: tuple[int, ...]) -> None:
    history = filled([0, 4, 10])
    history.cut(step)
    assert history.steps == left
    assert [kept[0].step for kept in history.entries] == list(left)
    history.put({11: entry(11)})
    assert history.steps == (*left, 11)


def test_a_history_that_was_cut_to_nothing_is_as_dense_as_a_new_one() -> None:
    history = filled(list(range(1000)))
    history.cut(-1)
    for step in range(79):
        history.put({step: entry(step)})
    assert history.steps == tuple(range(79))


def test_large_snapshots_are_kept_in_smaller_numbers() -> None:
    large = replace(START, confusion_CC=np.zeros((256, 256)))
    history = History(240, max_bytes=100 * n_bytes(large))
    for step in range(500):
        history.put({step: (replace(large, step=step),)})
    assert MIN_ENTRIES <= len(history) <= 100
    assert history.limit == 100


def test_readers_never_see_half_a_change() -> None:
    history, wrong = filled([0]), []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            kept = history.entries
            if [taken.step for (taken,) in kept] != sorted({taken.step for (taken,) in kept}):
                wrong.append(kept)

    reader = threading.Thread(target=read)
    reader.start()
    for step in range(1, 3000):
        history.put({step: entry(step)})
    done.set()
    reader.join()
    assert not wrong


def test_too_small_a_history_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 64"):
        History(10)
