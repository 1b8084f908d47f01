"""Weights as drawn, and the symmetry of units that start alike."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from nnviz.catalog.activations import gain
from nnviz.catalog.initializers import INITIALIZERS, fits
from nnviz.data import load
from nnviz.experiments.initial_weights import (
    draw_weights,
    effective_rank,
    misfit,
    race_lane,
    race_steps,
    scaled,
    start_for,
    train_from,
)
from nnviz.experiments.signal_propagation import SignalSpec, TheoryRecord, expected_signal
from nnviz.spec import DataSpec, ExperimentSpec, InitializationSpec, SpecError
from nnviz.training import advance, initial_state

SHAPES = ((6, 10), (6, 10, 3), (6, 10, 3, 3))


@pytest.mark.parametrize("name", sorted(INITIALIZERS))
@pytest.mark.parametrize("shape", SHAPES)
def test_every_initializer_is_drawn_or_refused_with_the_layers_it_fits(
    name: str, shape: tuple[int, ...]
) -> None:
    asked = InitializationSpec(name=name)
    if not fits(name, len(shape)):
        with pytest.raises(SpecError, match="dense" if name != "dirac" else "convolution"):
            draw_weights(asked, "relu", shape)
        return
    record = draw_weights(asked, "relu", shape)
    fan_in, fan_out = nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
    assert (record.fan_in, record.fan_out) == (fan_in, fan_out)
    assert record.weight_RC.shape == (6, math.prod(shape[1:]))
    assert record.share_B.sum() == pytest.approx(1)
    np.testing.assert_allclose(
        record.singular_K, np.linalg.svd(record.weight_RC, compute_uv=False), atol=1e-9
    )


def test_the_default_is_what_torch_draws() -> None:
    torch.manual_seed(5)
    layer = nn.Conv2d(4, 3, 5, dtype=torch.float64)
    record = draw_weights(InitializationSpec(name="default"), "relu", (3, 4, 5, 5), seed=5)
    np.testing.assert_array_equal(record.weight_RC, layer.weight.detach().reshape(3, -1).numpy())


def test_fact_9_an_orthogonal_matrix_has_singular_values_1_times_its_gain() -> None:
    for shape in ((30, 30), (10, 40), (40, 10)):
        record = draw_weights(InitializationSpec(name="orthogonal"), "identity", shape)
        np.testing.assert_allclose(record.singular_K, 1, atol=1e-12)


def test_misfits_are_named() -> None:
    assert misfit("kaiming_normal", 2) is None
    assert "dense" in (misfit("eye", 4) or "")
    assert "convolution" in (misfit("dirac", 2) or "")


@pytest.mark.parametrize("name", ["constant", "ones", "zeros"])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu", "gelu"])
def test_fact_4_units_that_start_alike_stay_alike(name: str, activation: str) -> None:
    record = train_from(InitializationSpec(name=name), activation, n_steps=300)
    assert record.spread_T.max() < 1e-9
    rank = record.effective_rank_T[-1]
    silent = name == "zeros" and activation != "sigmoid"  # φ(0) = 0: no activation, no rank
    assert math.isnan(rank) if silent else rank == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("breaker", ["noise", "dropout", "output"])
def test_chance_tells_units_apart_and_solves_the_circles(breaker: str) -> None:
    start = InitializationSpec(name="constant")
    alike, apart = train_from(start), train_from(start, breaker=breaker, learning_rate=1.0)
    assert alike.accuracy < 0.75
    assert apart.spread_T[-1] > 1
    assert apart.accuracy > 0.95
    assert apart.effective_rank_T[-1] > 2


def test_dropout_cannot_wake_units_that_output_0() -> None:
    assert train_from(InitializationSpec(name="zeros"), breaker="dropout").spread_T.max() == 0


def test_the_training_is_torchs_own() -> None:
    from nnviz.experiments.initial_weights.symmetry import DATA

    data = load(DATA)
    network = nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 2)).double()
    for layer in (network[0], network[2]):
        nn.init.constant_(layer.weight, 0.5)
        nn.init.zeros_(layer.bias)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.5)
    for _ in range(20):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(data.train_x.double()), data.train_y)
        loss.backward()
        optimizer.step()
    record = train_from(InitializationSpec(name="constant"), n_steps=20)
    np.testing.assert_allclose(
        record.weight_TDF[-1, :, :2], network[0].weight.detach().numpy(), atol=1e-10
    )


def test_effective_rank_counts_equal_directions() -> None:
    assert effective_rank(torch.eye(5)) == pytest.approx(5)
    assert effective_rank(torch.ones(4, 3)) == pytest.approx(1)
    assert math.isnan(effective_rank(torch.zeros(4, 3)))


def test_a_unit_that_a_hand_moves_leaves_the_others_alike() -> None:
    record = train_from(InitializationSpec(name="constant"), "tanh", moved=(0.3, 0.0))
    others = record.weight_TDF[:, 1:]
    np.testing.assert_allclose(others, others[:, :1].repeat(5, axis=1), atol=1e-9)
    np.testing.assert_allclose(record.weight_TDF[0, 0, :2] - record.weight_TDF[0, 1, :2], [0.3, 0])
    assert record.effective_rank_T[-1] == pytest.approx(2, abs=0.1)
    assert record.spread_T[-1] > 1


@pytest.mark.parametrize("name", sorted(INITIALIZERS))
def test_scaled_initializers_draw_the_same_weights_times_a_factor(name: str) -> None:
    asked = InitializationSpec(name=name)
    grown = scaled(asked, "relu", 2.5)
    shape = (6, 10, 3) if name == "dirac" else (6, 10)
    if grown is None:
        assert name in ("default", "ones", "zeros", "eye", "dirac")
        return
    before, after = draw_weights(asked, "relu", shape), draw_weights(grown, "relu", shape)
    np.testing.assert_allclose(after.weight_RC, 2.5 * before.weight_RC, rtol=1e-3)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("wanted", [-2.0, 0.0, 1.0])
def test_theory_ends_at_the_wanted_size(activation: str, wanted: float) -> None:
    spec = SignalSpec(activation=activation, depth=8)
    start = start_for(spec, wanted)
    assert start is not None
    assert start.gain is not None
    if not 10**-0.59 < start.gain / gain(activation) < 10**0.59:
        return  # as far as the weights go at once
    reached = expected_signal(spec.model_copy(update={"initialization": start}))
    assert isinstance(reached, TheoryRecord)
    assert math.log10(reached.second_moment_L[-1]) / 2 == pytest.approx(wanted, abs=0.03)


@pytest.mark.parametrize("name", ["eye", "ones", "default"])
def test_what_draws_nothing_or_has_no_size_starts_nowhere_else(name: str) -> None:
    assert start_for(SignalSpec(initialization=InitializationSpec(name=name)), 0.0) is None


# --- the race ---


def race_spec(start: dict[str, object], n_steps: int = 20, **network: object) -> ExperimentSpec:
    blocks = [{"kind": "dense", "width": 64}] * 4
    return ExperimentSpec.model_validate(
        {
            "data": {"name": "digits"},
            "network": {"blocks": blocks, "initialization": start, **network},
            "training": {
                "optimizer": {"name": "sgd", "learning_rate": 0.05}, "batch_size": 32,
                "n_steps": n_steps, "device": "cpu",
            },
        }
    )  # fmt: skip


@pytest.mark.parametrize("std", [0.05, math.sqrt(2 / 64), 0.3])
def test_the_start_of_the_race_follows_the_closed_form_of_relu(std: float) -> None:
    """E a² of layer l is (64·std²/2)^l·E x²: over many draws, within their own standard errors."""
    ratio_RL = []
    for seed in range(24):
        spec = race_spec({"name": "normal", "std": std})
        training = spec.training.model_copy(update={"seed": seed})
        record = race_lane(spec.model_copy(update={"training": training}), starts_only=True)
        growth_L = (64 * std**2 / 2) ** np.arange(1, 5)
        ratio_RL.append(record.rms_TL[0] ** 2 / growth_L)
    mean_L = np.mean(ratio_RL, axis=0)
    error_L = np.std(ratio_RL, axis=0, ddof=1) / math.sqrt(len(ratio_RL))
    second_moment = float(load(DataSpec(name="digits")).train_x.square().mean())
    assert (np.abs(mean_L - second_moment) < 3.5 * error_L).all()


def test_weights_times_a_factor_stretch_relu_histograms_by_its_powers() -> None:
    small, large = (
        race_lane(race_spec({"name": "normal", "std": std}), starts_only=True)
        for std in (0.05, 0.2)
    )
    np.testing.assert_allclose(large.rms_TL[0] / small.rms_TL[0], 4.0 ** np.arange(1, 5), rtol=1e-5)


def test_histograms_hold_every_activation() -> None:
    record = race_lane(race_spec({"name": "kaiming_normal"}))
    np.testing.assert_allclose(record.share_TLB.sum(axis=2), 1, atol=1e-5)
    assert record.edges_B[[0, -1]] == pytest.approx([0, 3])
    assert (record.share_TLB[0, :, 0] > 0.4).all()  # about half of ReLU's outputs are 0
    tanh = race_lane(race_spec({"name": "normal", "std": 1.0}, activation="tanh"), starts_only=True)
    assert (tanh.share_TLB[0, :, [0, -1]].sum(axis=0) > 0.5).all()  # at both flat ends


def test_the_race_is_the_training_of_a_page_number_for_number() -> None:
    spec = race_spec({"name": "kaiming_normal"})
    record = race_lane(spec)
    assert record.steps_T.tolist() == list(race_steps(20))
    state, losses = initial_state(spec), {}
    for until in record.steps_T[1:]:
        state, snapshots = advance(state, n_steps=int(until) - state.step)
        losses |= {snapshot.step: snapshot.train_loss for snapshot in snapshots}
    found = [losses[step] for step in record.steps_T]
    np.testing.assert_allclose(record.loss_T, found, rtol=1e-6)


def test_a_lane_that_diverges_says_when_and_keeps_what_was_before() -> None:
    record = race_lane(race_spec({"name": "normal", "std": 1.0}))
    assert record.diverged_at is not None
    assert len(record.loss_T) == (record.steps_T < record.diverged_at).sum() >= 1
