"""Lanes are paired by construction: data, split, batches, weights and masks are the same."""

from __future__ import annotations

import os
import signal
import sys

import pytest
import torch

from nnviz.data import load
from nnviz.experiments.comparisons import COMPARISONS
from nnviz.recorders import ForwardRecorder
from nnviz.runs import Engine, Run
from nnviz.spec import (
    ComparisonSpec,
    DataSpec,
    DenseBlock,
    ExperimentSpec,
    LaneSpec,
    NetworkSpec,
    OverrideSpec,
    TrainingSpec,
)
from nnviz.training import advance, initial_state
from nnviz.training.trainer import Trainer
from tests.runs.conftest import HandEngine, until
from tests.runs.test_engine import called
from tests.runs.test_run import assert_same

BASE = ExperimentSpec(
    data=DataSpec(n_samples=120),
    network=NetworkSpec(blocks=(DenseBlock(width=6),) * 3, dropout=0.5),
    training=TrainingSpec(batch_size=16, n_steps=1500),
)


def lane(name: str, **overrides: object) -> LaneSpec:
    own = [{"path": path.replace("__", "."), "value": value} for path, value in overrides.items()]
    return LaneSpec(name=name, overrides=tuple(map(OverrideSpec.model_validate, own)))


COMPARED = ComparisonSpec(
    base=BASE,
    lanes=(
        lane("plain"),
        lane("normalized", network__normalization="batch"),
        lane("after, tanh", network__normalization="layer", network__placement="after",
             network__activation="tanh"),
        lane("deeper, sgd", network__depth=5, training__optimizer__name="sgd"),
    ),
)  # fmt: skip
LANES = COMPARED.experiments
UNSEEN = [
    spec.model_copy(update={"training": spec.training.model_copy(update={"seed": 900})})
    for spec in LANES
]
"""For the engine that all tests share: the answer is in no store."""


def test_lanes_have_the_same_data_and_split() -> None:
    sets = [load(spec.data) for spec in LANES]
    for other in sets[1:]:
        for part in ("train_x", "train_y", "test_x", "test_y"):
            assert torch.equal(getattr(sets[0], part), getattr(other, part))


def test_lanes_see_the_same_batches_in_the_same_order() -> None:
    trainers = [Trainer(spec) for spec in LANES]
    for _ in range(15):  # two epochs of 6 batches, and some
        batches = [trainer.next_batch() for trainer in trainers]
        for x, y in batches[1:]:
            assert torch.equal(x, batches[0][0])
            assert torch.equal(y, batches[0][1])
        for trainer in trainers:
            trainer.backward()
            trainer.update()


def test_lanes_start_with_the_same_weights_wherever_role_and_shape_agree() -> None:
    states = [initial_state(spec) for spec in LANES]
    first = states[0].parameters
    for state in states[1:]:
        shared = [
            name
            for name, tensor in state.parameters.items()
            if name in first and tensor.shape == first[name].shape
        ]
        assert {n for n in first if "linear" in n} <= {*shared, "output.linear.weight"}
        for name in shared:
            assert torch.equal(state.parameters[name], first[name]), name


def test_a_norm_layer_more_leaves_all_linear_weights_as_they_are() -> None:
    plain, normalized = (initial_state(spec).parameters for spec in LANES[:2])
    assert {n for n in normalized if "linear" in n} == set(plain)
    assert any("normalization" in name for name in normalized)
    assert all(torch.equal(plain[name], normalized[name]) for name in plain)


def test_lanes_drop_the_same_units() -> None:
    kept = []
    for spec in LANES[:3]:
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            trainer = Trainer(spec)
            dropout = trainer.network.dense2.dropout
            kept.append(_mask(trainer, dropout))
    assert 0.2 < kept[0].float().mean() < 0.8
    assert torch.equal(kept[0], kept[1])
    assert torch.equal(kept[0], kept[2])


def _mask(trainer: Trainer, dropout: torch.nn.Module) -> torch.Tensor:
    """Which entries pass: what comes out of ones."""
    ones = torch.ones(16, 6)
    with ForwardRecorder(trainer.network):
        trainer.network(trainer.next_batch()[0])
    return dropout(ones) > 0


@pytest.mark.parametrize("name", COMPARISONS)
def test_every_preset_starts_its_lanes_paired(name: str) -> None:
    lanes = COMPARISONS[name].spec.experiments
    assert len({spec.data for spec in lanes}) == 1
    assert len({(spec.training.seed, spec.training.batch_size) for spec in lanes}) == 1
    by_initializer: dict[object, dict[str, torch.Tensor]] = {}
    for spec in lanes:
        parameters = initial_state(spec).parameters
        settings = [layer.settings for layer in spec.layer_shapes if layer.settings]
        asked = spec.network.initialization, settings[0].activation if settings else None
        first = by_initializer.setdefault(asked, dict(parameters))
        for key, tensor in parameters.items():
            if is_same_layer(key, first, parameters):
                assert torch.equal(first[key], tensor), key


def is_same_layer(key: str, first: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """Whether the layer of this parameter has weights of the same shape in both."""
    weight = f"{key.rpartition('.')[0]}.weight"
    return weight in first and weight in other and first[weight].shape == other[weight].shape


def test_all_lanes_are_at_the_same_step_in_every_snapshot(hand: HandEngine) -> None:
    run = Run(LANES, on=hand)
    run.step(37)
    hand.work()
    assert run.history.steps[-1] == 37
    for step, entry in zip(run.history.steps, run.history.entries, strict=True):
        assert {snapshot.step for snapshot in entry} == {step}


@pytest.mark.faults
@pytest.mark.skipif(sys.platform == "win32", reason="kills with a POSIX signal")
def test_lanes_stay_in_lockstep_and_exact_when_a_worker_is_killed(live_engine: Engine) -> None:
    worker = called(live_engine, os.getpid)
    run = Run(UNSEEN, "owner", live_engine)
    run.train()
    until(lambda: run.current_step > 100)
    os.kill(worker, signal.SIGKILL)
    until(lambda: run.status != "running")
    assert (run.status, run.current_step) == ("finished", 1500)
    for step, entry in zip(run.history.steps, run.history.entries, strict=True):
        assert {snapshot.step for snapshot in entry} == {step}
    assert run.states is not None
    for spec, state in zip(UNSEEN, run.states, strict=True):
        assert_same(state, advance(initial_state(spec), n_steps=1500, record=False)[0])
