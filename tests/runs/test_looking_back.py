"""Any passed step is there again, exactly; readers at different paces see the same."""

from __future__ import annotations

import functools
import math
from typing import Any

import pytest

from nnviz import DataSpec, ExperimentSpec, NetworkSpec, TrainingSpec
from nnviz.runs import Run, place
from nnviz.runs.pace import Pace
from nnviz.spec import ConvolutionBlock, DenseBlock, FlattenBlock, PoolBlock
from tests.randomness.digests import digest
from tests.runs.conftest import HandEngine, small
from tests.runs.readers import (
    Clock,
    all_seen,
    assert_undisturbed,
    cut_bursts,
    stepped,
    worked,
)

N_STEPS = 300
"""At rest every second step has its record: the odd ones are computed when somebody looks."""
LOOKED_AT = (0, 1, 3, 7, 77, 78, 151, 201, 299, 300)


def flat(*blocks: DenseBlock, data: str = "moons", **training: Any) -> ExperimentSpec:
    document = {"n_steps": N_STEPS, "batch_size": 16} | training
    return ExperimentSpec(
        data=DataSpec(name=data, n_samples=60),
        network=NetworkSpec(blocks=blocks),
        training=TrainingSpec.model_validate(document),
    )


PIXELS = ExperimentSpec(
    data=DataSpec(name="digits", n_samples=60),
    network=NetworkSpec(
        blocks=(
            ConvolutionBlock(channels=2, normalization="instance", dropout=0.2),
            PoolBlock(),
            FlattenBlock(),
            DenseBlock(width=4, normalization="layer"),
        )
    ),
    training=TrainingSpec.model_validate({"n_steps": N_STEPS, "batch_size": 16}),
)
SPECS = {
    "batch-dropout-one_cycle": flat(
        DenseBlock(width=4, normalization="batch", dropout=0.2), schedule={"name": "one_cycle"}
    ),
    "alpha-cumulative-cosine": flat(
        DenseBlock(width=4, activation="selu", dropout=0.1, dropout_kind="alpha"),
        DenseBlock(width=4, normalization="batch", placement="after", momentum="cumulative"),
        optimizer={"name": "adamw", "weight_decay": 0.1},
        schedule={"name": "cosine"},
    ),
    "group-nesterov-warm_up": flat(
        DenseBlock(width=4, normalization="group", groups=2),
        optimizer={"name": "sgd", "momentum": 0.9, "nesterov": True},
        schedule={"name": "warm_up"},
    ),
    "layer-rmsprop-step": flat(
        DenseBlock(width=4, normalization="layer"),
        optimizer={"name": "rmsprop", "momentum": 0.5},
        schedule={"name": "step", "every": 20},
        l1=0.001,
    ),
    "regression": flat(DenseBlock(width=4, activation="tanh"), data="sinusoid", loss="huber"),
    "linear": flat(optimizer={"name": "sgd"}),
    "pixels": PIXELS,
}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What the readers' paces go by."""
    made = Clock()
    monkeypatch.setattr(place, "Pace", functools.partial(Pace, made))
    return made


@pytest.mark.parametrize("name", SPECS)
def test_a_look_at_any_passed_step_is_the_record_of_that_step(hand: HandEngine, name: str) -> None:
    spec = SPECS[name]
    expected = all_seen(spec, LOOKED_AT)
    run = Run([spec], on=hand)
    run.train()
    worked(hand)
    assert run.status == "finished"
    for step in set(run.history.steps) & set(LOOKED_AT):
        assert digest(run.history.at(step)[0]) == expected[step]  # type: ignore[index]
    n_computed = 0
    for step in LOOKED_AT:
        entry, is_exact = run.look(step)
        assert entry is not None
        if not is_exact:
            assert entry[0].step < step
            n_computed += worked(hand)
            entry, is_exact = run.look(step)
        assert is_exact
        assert entry is not None
        assert digest(entry[0]) == expected[step]
    assert n_computed >= 5
    assert (run.current_step, run.status) == (N_STEPS, "finished")


def test_a_look_stays_within_what_was_passed(hand: HandEngine) -> None:
    run = stepped(Run([small()], on=hand), hand, 5)
    for asked, step in ((-3, 0), (99, 5)):
        entry, is_exact = run.look(asked)
        assert is_exact
        assert entry is not None
        assert entry[0].step == step


def test_a_look_while_training_goes_on_disturbs_nothing(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_bursts(monkeypatch, 0.0)
    run = Run([SPECS["linear"]], on=hand)
    expected = all_seen(run.lanes[0], [21])
    run.train()
    while run.current_step < 40:
        hand.work(1)
    _, is_exact = run.look(21)
    assert not is_exact
    while not run.look(21)[1]:
        hand.work(1)
    assert run.status == "running"
    found, _ = run.look(21)
    assert found is not None
    assert digest(found[0]) == expected[21]
    worked(hand)
    assert (run.status, run.current_step) == ("finished", N_STEPS)
    assert_undisturbed(run)


@pytest.mark.parametrize("seconds", [0.0, math.inf])
def test_readers_at_different_paces_see_the_same(
    hand: HandEngine, clock: Clock, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    cut_bursts(monkeypatch, seconds)
    spec = SPECS["batch-dropout-one_cycle"]
    slow, quick, fast = (Run([spec], name, hand) for name in ("slow", "quick", "fast"))
    slow.set_speed(7)
    quick.set_speed(45)
    for run in (slow, quick, fast):
        run.train()
    for _ in range(20):
        clock.now += 0.2
        hand.work(15)
        assert slow.current_step <= quick.current_step
    worked(hand)
    assert (fast.status, slow.status) == ("finished", "running")
    assert 20 < slow.current_step < 35
    assert set(range(slow.current_step)) <= set(slow.history.steps)
    expected = all_seen(spec, range(60))
    for run in (slow, quick, fast):
        for step in set(run.history.steps) & set(expected):
            assert digest(run.history.at(step)[0]) == expected[step]  # type: ignore[index]
    for run in (slow, quick):
        run.set_speed(None)
        run.train()
    worked(hand)
    for run in (slow, quick, fast):
        assert_undisturbed(run)


@pytest.mark.parametrize("step", [0, 1, 20, 37, 64])
def test_seek_back_and_step_again_gives_the_same(hand: HandEngine, step: int) -> None:
    run = stepped(Run([small(n_steps=1000)], on=hand), hand, 65)
    expected = all_seen(run.lanes[0], range(70))
    run.seek(step)
    assert (run.current_step, run.status) == (step, "paused")
    worked(hand)
    assert run.history.steps[-1] == step
    assert_undisturbed(run)
    run.step(3)
    worked(hand)
    assert run.current_step == step + 3
    assert_undisturbed(run)
    for (snapshot,) in run.history.entries:
        assert digest(snapshot) == expected[snapshot.step]


def test_seek_keeps_within_what_was_passed_and_asks_nobody_to_train(hand: HandEngine) -> None:
    run = stepped(Run([small()], on=hand), hand, 9)
    head = run.trajectories[0].head
    for asked, step in ((99, 9), (4, 4), (-1, 0)):
        run.seek(asked)
        worked(hand)
        assert (run.current_step, run.trajectories[0].head) == (step, head)


def test_many_slow_readers_far_behind_ask_for_each_step_once(
    hand: HandEngine, clock: Clock
) -> None:
    """Each wants ten steps of its own, more together than there are states to be kept."""
    spec = SPECS["linear"]
    first = Run([spec], on=hand)
    first.train()
    worked(hand)
    runs = [stepped(Run([spec], f"reader {n}", hand), hand, 50) for n in range(6)]
    for number, run in enumerate(runs):
        run.seek(3 + 7 * number)
        run.set_speed(10)
        run.train()
    assert worked(hand) < 40
    assert [run.current_step for run in runs] == [4 + 7 * n for n in range(6)]
    clock.now += 0.55
    assert [run.current_step for run in runs] == [9 + 7 * n for n in range(6)]
    for run in runs:
        run.pause()
    worked(hand)
    for run in runs:
        assert_undisturbed(run)
