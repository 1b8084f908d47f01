"""Weights as drawn, and the symmetry of units that start alike."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from nnviz.catalog.initializers import INITIALIZERS, fits
from nnviz.experiments.initial_weights import draw_weights, effective_rank, misfit, train_from
from nnviz.spec import InitializationSpec, SpecError

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
    from nnviz.data import load
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
