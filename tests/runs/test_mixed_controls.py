"""Two readers of one training press whatever they like: each sees the numbers of its own way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz import DataSpec, DenseBlock, ExperimentSpec, NetworkSpec
from nnviz.runs import Run, store, trajectory
from tests.runs.conftest import HandEngine, small
from tests.runs.readers import assert_undisturbed, worked


def spec_of(width: int = 3, **training: Any) -> ExperimentSpec:
    block = DenseBlock(width=width, normalization="batch", dropout=0.2)
    own = {"n_steps": 12, "batch_size": 8} | training
    return ExperimentSpec(
        data=DataSpec(n_samples=40),
        network=NetworkSpec(blocks=(block,)),
        training=small(**own).training,
    )


BASE, OTHER_LANE = spec_of(), spec_of(optimizer={"name": "sgd"})
TRAININGS: dict[str, dict[str, Any]] = {
    "base": {},
    "fast learner": {"optimizer": {"learning_rate": 0.1}},
    "batches of 5": {"batch_size": 5},
    "cosine": {"schedule": {"name": "cosine"}},
    "sgd": {"optimizer": {"name": "sgd"}},
    "longer": {"n_steps": 15},
}


def retrained(run: Run, name: str) -> None:
    seed = run.lanes[0].training.seed
    run.change_training([spec_of(seed=seed, **TRAININGS[name]).training for _ in run.lanes])


CONTROLS: dict[str, Callable[[Run], object]] = {
    "train": Run.train,
    "step": Run.step,
    "3 steps": lambda run: run.step(3),
    "epoch": Run.epochs,
    "pause": Run.pause,
    "stop": Run.stop,
    "slow": lambda run: run.set_speed(20),
    "fast": lambda run: run.set_speed(None),
    "undo": Run.undo,
    "redo": Run.redo,
    "reset": Run.reset,
    "away": lambda run: run.attend(False),
    "back": lambda run: run.attend(True),
    "new seed": lambda run: run.reseed(1),
    "wider": lambda run: run.change([spec_of(width=4) for _ in run.lanes]),
    "first way": lambda run: run.go_back_to(run.recent[0]) if run.recent else None,
    **{f"seek {step}": lambda run, step=step: run.seek(step) for step in (0, 2, 7)},  # type: ignore[misc]
    **{f"look {step}": lambda run, step=step: run.look(step) for step in (1, 6)},  # type: ignore[misc]
    **{name: lambda run, name=name: retrained(run, name) for name in TRAININGS},  # type: ignore[misc]
}
WORK: dict[str, int | None] = {"work 1": 1, "work 3": 3, "work all": None}
pressed = st.lists(
    st.tuples(st.sampled_from([*CONTROLS, *WORK]), st.integers(0, 1)), min_size=5, max_size=40
)


def play(presses: list[tuple[str, int]], lanes: list[list[ExperimentSpec]]) -> None:
    """Press, work, and compare at the end with trainings that nobody disturbed."""
    hand = HandEngine()
    runs = [Run(own, f"reader {n}", hand) for n, own in enumerate(lanes)]
    for name, reader in presses:
        if name in WORK:
            hand.work(WORK[name] or 3000)
        else:
            CONTROLS[name](runs[reader])
    for run in runs:
        run.attend(True)
        run.set_speed(None)
        run.pause()
    worked(hand)
    for run in runs:
        run.step()
        worked(hand)
        assert (run.status in ("paused", "finished"), run.is_live) == (True, False)
        assert run.history.steps[0] == 0
        assert run.history.steps[-1] == run.current_step
        assert_undisturbed(run)


@settings(max_examples=150)
@given(pressed)
def test_two_readers_of_one_training(presses: list[tuple[str, int]]) -> None:
    play(presses, [[BASE], [BASE]])


@settings(max_examples=40)
@given(pressed)
def test_two_readers_of_several_lanes(presses: list[tuple[str, int]]) -> None:
    play(presses, [[BASE, OTHER_LANE], [OTHER_LANE, BASE]])


@settings(max_examples=40)
@given(pressed, st.sampled_from([1, 150_000]), st.booleans())
def test_two_readers_of_a_training_that_is_forgotten_again_and_again(
    presses: list[tuple[str, int]], limit: int, everywhere: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store if everywhere else trajectory, "MAX_BYTES", limit)
        play(presses, [[BASE], [BASE]])
