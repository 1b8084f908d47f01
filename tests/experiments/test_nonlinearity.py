"""Collapse, responses, dead units and XOR against torch, algebra and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.experiments.nonlinearity.collapse import collapse, linear_stack, product
from nnviz.experiments.nonlinearity.dead_unit import dead_units
from nnviz.experiments.nonlinearity.response import (
    activation_curves,
    activation_responses,
    draw_inputs,
)
from nnviz.experiments.nonlinearity.xor import xor, xor_answer


@settings(max_examples=25)
@given(seed=st.integers(0, 999), n_layers=st.integers(2, 12), width=st.integers(2, 64))
def test_fact_3_stacked_linear_layers_are_their_product(
    seed: int, n_layers: int, width: int
) -> None:
    layers = linear_stack(n_layers, width, seed)
    weight, bias = product(layers)
    x = torch.randn(50, 2, generator=torch.Generator().manual_seed(seed))
    stacked = nn.Sequential(*layers)(x)
    scale = max(1.0, float(stacked.detach().abs().max()))
    assert float((stacked - (x @ weight.T + bias)).detach().abs().max()) < 1e-5 * scale


def test_fact_3_six_layers_on_the_page() -> None:
    for seed in range(20):
        record = collapse(6, 16, "relu", 0, seed)
        assert record.max_difference < 1e-5
        assert math.isnan(record.bend)
        assert record.bent_GG is None


def test_one_activation_breaks_the_collapse_and_identity_does_not() -> None:
    assert collapse(6, 16, "tanh", 3).bend > 0.05
    assert collapse(6, 16, "identity", 3).bend < 1e-5


def test_the_single_layer_is_a_plane_and_its_line_is_straight() -> None:
    record = collapse(6, 16, "relu", 2)
    np.testing.assert_allclose(np.diff(record.product_GG, 2, axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(np.diff(record.stack_GG, 2, axis=0), 0, atol=1e-5)
    y, x = np.meshgrid(record.grid_G, record.grid_G, indexing="ij")
    plane = record.weight_2[0] * x + record.weight_2[1] * y + record.bias
    np.testing.assert_allclose(record.product_GG, plane, atol=1e-6)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_slopes_are_the_difference_quotients_of_the_values(name: str) -> None:
    (curve,) = activation_curves([name])
    quotient = np.gradient(curve.value_Z, curve.z_Z)
    smooth = np.abs(np.gradient(curve.slope_Z)) < 0.05
    np.testing.assert_allclose(curve.slope_Z[smooth], quotient[smooth], atol=0.03)


@settings(max_examples=25)
@given(mean=st.floats(-5, 5), std=st.floats(0.05, 5))
def test_inputs_have_the_mean_and_deviation_asked_for(mean: float, std: float) -> None:
    for distribution in ("normal", "uniform"):
        z = draw_inputs(distribution, mean, std)
        assert float(z.mean()) == pytest.approx(mean, abs=1e-3)
        assert float(z.std()) == pytest.approx(std, rel=1e-2)


@settings(max_examples=25)
@given(mean=st.floats(-3, 3), std=st.floats(0.05, 5))
def test_shares_of_relu_are_the_normal_distribution(mean: float, std: float) -> None:
    (found,) = activation_responses(["relu"], draw_inputs("normal", mean, std))
    below = 0.5 * (1 + math.erf(-mean / std / math.sqrt(2)))
    assert found.zero_share == pytest.approx(below, abs=1e-4)
    assert found.mean_slope == pytest.approx(1 - below, abs=1e-4)
    assert math.isnan(found.saturated_share)


@settings(max_examples=25)
@given(mean=st.floats(-5, 5), std=st.floats(0.05, 5), uniform=st.booleans())
def test_every_value_is_in_a_bin(mean: float, std: float, uniform: bool) -> None:
    inputs = draw_inputs("uniform" if uniform else "normal", mean, std)
    for found in activation_responses(list(ACTIVATIONS), inputs):
        assert found.output_share_B.sum() == pytest.approx(1)
        assert found.input_share_B.sum() == pytest.approx(1)


def test_tanh_saturates_above_097() -> None:
    (found,) = activation_responses(["tanh"], draw_inputs("normal", 0.0, 3.0))
    outside = 1 - math.erf(math.atanh(0.97) / 3 / math.sqrt(2))
    assert found.saturated_share == pytest.approx(outside, abs=1e-3)


def test_the_large_step_kills_relu_and_relu6_and_leaky_relu_comes_back() -> None:
    relu, leaky, six = dead_units(("relu", "leaky_relu", "relu6"), 0.15, 8.0)
    for record in (relu, six):
        assert record.dies_at == 5
        assert record.recovers_at is None
        assert (record.gradient_T[5:] == 0).all()
        assert (record.highest_T[5:] == record.highest_T[5]).all()
    assert leaky.dies_at == 5
    assert leaky.recovers_at == 147
    assert leaky.loss_T[-1] < 1e-3 < relu.loss_T[-1]


def test_small_steps_kill_nothing() -> None:
    (record,) = dead_units(["relu"], 0.15, 0.15)
    assert record.dies_at is None
    assert record.recovers_at is None


def test_dead_unit_follows_autograd() -> None:
    w, b, v, c = (
        torch.tensor(t, dtype=torch.float64, requires_grad=True) for t in (1, 0.5, 2, 0.0)
    )
    x = torch.linspace(-1, 1, 32, dtype=torch.float64)
    _, record = dead_units(["relu", "gelu"], 0.1, 3.0, 2, 6)
    for step in range(7):
        z = w * x + b
        loss = (v * nn.functional.gelu(z) + c - x.clamp(min=0)).square().mean()
        gradients = torch.autograd.grad(loss, [w, b, v, c])
        assert record.loss_T[step] == pytest.approx(loss.item(), rel=1e-9)
        assert record.highest_T[step] == pytest.approx(z.max().item(), rel=1e-9)
        own = math.hypot(gradients[0].item(), gradients[1].item())
        assert record.gradient_T[step] == pytest.approx(own, rel=1e-9)
        with torch.no_grad():
            for parameter, gradient in zip((w, b, v, c), gradients, strict=True):
                parameter -= (3.0 if step + 1 == 2 else 0.1) * gradient


def test_no_line_separates_xor_and_eight_tanh_units_do() -> None:
    assert xor(0).accuracy_S.max() <= 0.75
    assert xor(8, "identity").accuracy_S.max() <= 0.75
    assert (xor(8, "tanh").accuracy_S == 1).sum() >= 19


@pytest.mark.parametrize("n_hidden", [0, 2, 4])
def test_the_answer_over_the_plane_has_the_corners_right_that_are_counted(n_hidden: int) -> None:
    record = xor(n_hidden, n_steps=100)
    for seed, accuracy in enumerate(record.accuracy_S):
        grid_G, logit_GG = xor_answer(record, seed, n_side=17)
        np.testing.assert_allclose(grid_G[[3, 13]], [-1, 1], atol=1e-6)
        right_22 = (logit_GG[np.ix_([3, 13], [3, 13])] > 0) == [[False, True], [True, False]]
        assert right_22.mean() == accuracy


def test_xor_in_a_batch_is_xor_one_at_a_time() -> None:
    together, alone = xor(3, n_steps=40, n_seeds=4), xor(3, n_steps=40, n_seeds=1)
    np.testing.assert_allclose(together.loss_TS[:, 0], alone.loss_TS[:, 0], rtol=1e-3, atol=1e-5)


def test_nothing_here_touches_the_random_state() -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    collapse(3, 4, "relu", 1)
    xor(2, n_steps=2)
    assert torch.equal(before, torch.get_rng_state())


def test_xor_is_trained_by_torchs_adam() -> None:
    losses = []
    x = torch.tensor([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    y = torch.tensor([0.0, 1.0, 1.0, 0.0])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.05)
    for _ in range(31):
        loss = nn.functional.binary_cross_entropy_with_logits(network(x)[:, 0], y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    record = xor(3, n_steps=30, n_seeds=1)
    np.testing.assert_allclose(record.loss_TS[:, 0], np.array(losses)[record.steps_T], rtol=1e-4)
