"""Every kind of block trains: many replicates and a saved state agree with one training."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from nnviz import ExperimentSpec, TrainingState, advance, initial_state
from nnviz.blocks import BLOCKS
from nnviz.ensemble import Ensemble
from tests.blocks.cases import CASES, ONE_BY_ONE, kinds
from tests.ensemble.test_equals_single_training import SEEDS, TWINS, distance, numbers, single
from tests.training.test_bursts import assert_same

N_STEPS = 15
LAST_BIT = 2.0**-23


def spec_of(case: str) -> ExperimentSpec:
    return ExperimentSpec.model_validate(CASES[case])


def test_every_kind_takes_part() -> None:
    assert set().union(*(kinds(case["network"]["blocks"]) for case in CASES.values())) == set(
        BLOCKS
    )


def twin_of(state: TrainingState) -> TrainingState:
    """The yardstick for rounding: the same weights but for their last bits."""
    generator = torch.Generator().manual_seed(0)
    moved = {
        name: p + p.abs().max() * LAST_BIT * torch.randn(p.shape, generator=generator)
        for name, p in state.parameters.items()
    }
    return replace(state, parameters=moved)


@pytest.mark.parametrize("case", CASES)
def test_replicates_are_the_trainings_that_their_seeds_give_alone(case: str) -> None:
    spec = spec_of(case)
    ensemble = Ensemble(spec, SEEDS)
    for step, allowed in ((1, 2e-6), (N_STEPS, 1e-5)):
        ensemble.advance(step - ensemble.step)
        together = {**ensemble.parameters, **ensemble.buffers}
        for r, seed in enumerate(SEEDS):
            start = single(spec, seed)
            alone = numbers(advance(start, step, record=False)[0])
            twin = numbers(advance(twin_of(start), step, record=False)[0])
            own = {name: tensor[r] for name, tensor in together.items()}
            assert distance(alone, own) <= allowed + TWINS * distance(alone, twin)
    measured = ensemble.snapshot()
    for r, seed in enumerate(SEEDS):
        snapshot = advance(single(spec, seed), N_STEPS)[1][-1]
        for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy"):
            together_R = getattr(measured, f"{name}_R")
            assert float(together_R[r]) == pytest.approx(getattr(snapshot, name), rel=1e-3)


@pytest.mark.parametrize("case", CASES)
def test_parts_that_go_one_by_one_are_named(case: str) -> None:
    reason = Ensemble(spec_of(case), (0, 1)).reason
    if case not in ONE_BY_ONE:
        assert reason is None
        return
    assert reason is not None
    for part in ONE_BY_ONE[case]:
        assert f"({part})" in reason
    assert reason.count("(") == len(ONE_BY_ONE[case])


@pytest.mark.parametrize("case", CASES)
def test_a_saved_training_goes_on_bit_for_bit(case: str) -> None:
    adam: dict[str, Any] = {**CASES[case], "training": {"batch_size": 16}}
    start = initial_state(ExperimentSpec.model_validate(adam))
    half, _ = advance(start, n_steps=7, record=False)
    saved = TrainingState.from_bytes(half.to_bytes())
    assert_same(saved, half)
    whole, snapshots = advance(start, n_steps=14, record=False)
    assert_same(advance(saved, n_steps=7, record=True)[0], whole)
    assert not snapshots


@pytest.mark.parametrize("case", CASES)
def test_it_learns(case: str) -> None:
    start = initial_state(spec_of(case))
    _, snapshots = advance(start, n_steps=30)
    losses = [snapshot.train_loss for snapshot in snapshots]
    assert min(losses) < losses[0]
