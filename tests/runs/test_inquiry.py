"""A question finds the training just as it stood at any step, whatever was kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nnviz.runs import Run
from nnviz.runs.bursts import Burst
from nnviz.runs.inquiry import inquire
from nnviz.training import TrainingState, advance, initial_state
from tests.runs.conftest import HandEngine, hand, small

__all__ = ["hand"]


def standing(state: TrainingState, _: object) -> TrainingState:
    return state


@pytest.fixture
def run(hand: HandEngine) -> Run:
    """A run that has passed 40 steps."""
    made = Run((small(n_steps=40),), "me", hand)
    made.set_speed(None)
    made.train()
    hand.work()
    assert made.current_step == 40
    return made


@pytest.mark.parametrize("step", [0, 1, 17, 39, 40])
def test_any_passed_step_is_there_bit_for_bit(run: Run, step: int) -> None:
    found = inquire(run.way_to(0, step), standing, None)
    alone, _ = advance(initial_state(run.path.timelines[0].spec), n_steps=step, record=False)
    assert found.to_bytes() == alone.to_bytes()


def test_a_step_that_was_not_passed_is_where_the_run_stands(run: Run) -> None:
    assert inquire(run.way_to(0, 10**6), standing, None).step == 40


def test_at_the_step_of_a_change_its_settings_hold(run: Run, hand: HandEngine) -> None:
    lane = run.lanes[0]
    training = lane.training.model_copy(update={"batch_size": 7})
    run.change([lane.model_copy(update={"training": training})], step=13)
    hand.work()
    timeline = run.path.timelines[0]
    for state in (run.way_to(0, 13).state, None):
        way = Burst(timeline, state, until=13, seconds=5)
        assert inquire(way, standing, None).spec.training.batch_size == 7


def test_a_way_that_is_too_long_is_refused(run: Run) -> None:
    way = replace(run.way_to(0, 40), state=None, seconds=0.0)
    with pytest.raises(TimeoutError, match="step 40 is too far"):
        inquire(way, standing, None)
