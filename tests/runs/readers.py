"""Readers of one engine: what they cost its workers, and trainings that nobody disturbed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache, partial
from typing import Any

import pytest

from nnviz import ExperimentSpec, TrainingSpec, TrainingState, advance, initial_state
from nnviz.records import Snapshot
from nnviz.runs import Run, pace
from nnviz.runs.bursts import Burst, BurstResult, run_burst
from nnviz.runs.fair_queue import Job
from nnviz.runs.timeline import Timeline
from nnviz.training import advance_to
from tests.randomness.digests import digest
from tests.runs.conftest import HandEngine
from tests.runs.test_run import assert_same, state_of

ENDLESS = 3000
"""Jobs, more than any of these tests needs: who works so many goes in circles."""

Changes = tuple[tuple[int, TrainingSpec], ...]


class CountingEngine(HandEngine):
    """Knows the bursts that it was asked for and how many updates were computed."""

    def __init__(self) -> None:
        super().__init__()
        self.bursts: list[Burst] = []
        self.updates = 0

    def submit(self, function: Any, *arguments: Any, on_done: Any, **who: Any) -> Job:
        if function is run_burst:
            self.bursts.append(arguments[0])
            on_done = partial(self._count, arguments[0], on_done)
        return super().submit(function, *arguments, on_done=on_done, **who)

    def _count(self, burst: Burst, on_done: Any, outcome: BurstResult) -> None:
        start = 0 if burst.state is None else TrainingState.from_bytes(burst.state).step
        self.updates += outcome.step - start
        on_done(outcome)


class Clock:
    """A clock that goes on when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def cut_bursts(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Bursts as long as they like (inf), or of one update each (0)."""
    monkeypatch.setattr(pace, "FIRST_SECONDS", (seconds,))
    monkeypatch.setattr(pace, "BURST_SECONDS", seconds)
    monkeypatch.setattr(pace, "TURN_SECONDS", math.inf)


def worked(hand: HandEngine) -> int:
    """Work until there is nothing to do; how many jobs there were."""
    done = hand.work(ENDLESS)
    assert done < ENDLESS, "it goes in circles"
    return done


def stepped(run: Run, hand: HandEngine, n: int) -> Run:
    """The run `n` steps later, at rest."""
    run.step(n)
    worked(hand)
    return run


@cache
def by_hand(spec: ExperimentSpec, step: int, changes: Changes = ()) -> TrainingState:
    """A training in one piece, its settings changed by hand at the steps given."""
    state = initial_state(spec)
    for start, training in changes:
        if start <= step:
            state = _advanced(state, start).with_training(training)
    return _advanced(state, step)


def _advanced(state: TrainingState, step: int) -> TrainingState:
    return advance(state, n_steps=step - state.step, record=False)[0]


@cache
def seen_by_hand(spec: ExperimentSpec, step: int, changes: Changes = ()) -> Snapshot:
    """What there is to see of it; a change takes effect behind the snapshot of its step."""
    if step == 0:
        return advance(initial_state(spec), n_steps=0)[1][0]
    before = by_hand(spec, step - 1, tuple(change for change in changes if change[0] < step))
    return advance(before, n_steps=1)[1][-1]


def all_seen(spec: ExperimentSpec, steps: Iterable[int]) -> dict[int, str]:
    """Digests of the snapshots of these steps of a training in one piece."""
    named = frozenset(steps)
    stretch = advance_to(
        initial_state(spec), max(named), 1e9, recorded=named.__contains__, kept=lambda step: False
    )
    return {snapshot.step: digest(snapshot) for snapshot in stretch.snapshots}


def assert_undisturbed(run: Run) -> None:
    """The states and the last snapshots are those of the run's timelines alone, bit for bit."""
    assert run.history.latest is not None
    for lane, timeline in enumerate(run.path.timelines):
        taken = run.current_step
        where = timeline.spec, taken, timeline.changes
        assert run.history.latest[lane].step == taken
        assert digest(run.history.latest[lane]) == digest(seen_by_hand(*where))
        training = run.lanes[lane].training
        assert_same(state_of(run, lane), by_hand(*where).with_training(training))


def name_of(spec: ExperimentSpec) -> str:
    """The name of the training of a spec from step 0."""
    return Timeline.begin(spec).name
