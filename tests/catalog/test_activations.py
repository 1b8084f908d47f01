"""Every activation: torch's module, its gain, its thresholds, and that a net learns with it."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nnviz import DataSpec, ExperimentSpec, NetworkSpec, TrainingSpec, advance, initial_state
from nnviz.catalog.activations import ACTIVATIONS, gain

TORCH_NAMES = {
    "identity": "linear", "relu": "relu", "leaky_relu": "leaky_relu", "tanh": "tanh",
    "sigmoid": "sigmoid",
}  # fmt: skip
ALL = pytest.mark.parametrize("name", sorted(ACTIVATIONS))


@ALL
def test_a_network_learns_with_it(name):
    data = DataSpec(name="gaussians", n_samples=120, n_classes=3)
    training = TrainingSpec(n_steps=60)
    spec = ExperimentSpec(data=data, network=NetworkSpec(activation=name), training=training)
    state, snapshots = advance(initial_state(spec), n_steps=60)
    assert state.divergence is None
    assert snapshots[-1].train_loss < 0.7 * snapshots[0].train_loss


@ALL
def test_gain_is_published_or_keeps_a_normal_signals_size(name):
    if name == "selu":
        assert gain(name) == 1.0  # self-normalizing; calculate_gain says 3/4
        assert nn.init.calculate_gain("selu") == 0.75
    elif name in TORCH_NAMES:
        assert gain(name) == pytest.approx(nn.init.calculate_gain(TORCH_NAMES[name]), rel=1e-12)
    elif name == "prelu":
        expected = nn.init.calculate_gain("leaky_relu", nn.PReLU().weight.item())
        assert gain(name) == pytest.approx(expected, rel=1e-12)
    else:
        n_draws = 1_000_000
        z = torch.randn(n_draws, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
        with torch.no_grad():
            square = ACTIVATIONS[name].make().double()(z).square()
        second_moment = 1 / gain(name) ** 2
        error = float(square.std()) / math.sqrt(n_draws)
        assert abs(float(square.mean()) - second_moment) < 4 * error


@pytest.mark.parametrize("name", ["gelu", "silu", "mish", "softplus", "elu", "celu"])
def test_gauss_hermite_gives_the_same_gain_where_the_activation_is_smooth(name):
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    with torch.no_grad():
        phi = ACTIVATIONS[name].make().double()(torch.as_tensor(nodes)).numpy()
    moment = (weights * phi**2).sum() / math.sqrt(2 * math.pi)
    assert gain(name) == pytest.approx(1 / math.sqrt(moment), rel=1e-4)


@ALL
def test_an_entry_that_is_named_as_a_function_of_torch_is_that_function(name):
    named = {"identity": lambda z: z, "prelu": lambda z: F.prelu(z, torch.tensor([0.25]))}
    z = torch.linspace(-9, 9, 181)
    function = named.get(name) or getattr(F, name)
    torch.testing.assert_close(ACTIVATIONS[name].make()(z), function(z), atol=0, rtol=0)


def test_sigmoid_and_softplus_do_not_pass_through_zero():
    at_zero = {name: ACTIVATIONS[name].make()(torch.zeros(1)).item() for name in ACTIVATIONS}
    assert at_zero["sigmoid"] == pytest.approx(0.5)
    assert at_zero["softplus"] == pytest.approx(math.log(2))
    assert {at_zero[name] for name in ("relu", "tanh", "gelu", "silu", "elu", "identity")} == {0}


@ALL
def test_below_dead_below_both_value_and_gradient_are_zero(name):
    entry = ACTIVATIONS[name]
    z = torch.linspace(-9, 9, 3601, dtype=torch.float64, requires_grad=True)
    value = entry.make().double()(z)
    (slope,) = torch.autograd.grad(value.sum(), z)
    silent = (value == 0) & (slope == 0)
    if entry.dead_below is None:
        assert not bool((silent[1:] & silent[:-1]).any())  # at most at single points
    else:
        assert bool(silent[z <= entry.dead_below].all())
        just_above = (z > entry.dead_below) & (z < entry.dead_below + 0.5)
        assert not bool(silent[just_above].any())


@ALL
def test_saturated_values_are_where_the_activation_is_flat(name):
    entry = ACTIVATIONS[name]
    z = torch.linspace(-60, 60.0017, 24_001, dtype=torch.float64, requires_grad=True)
    value = entry.make().double()(z)
    (slope,) = torch.autograd.grad(value.sum(), z)
    value = value.detach()
    if entry.saturation is None:
        assert float(slope[-1]) > 0.9  # one flat in both directions would have a saturation
        return
    low, high = entry.saturation
    saturated = (value < low) | (value > high)
    assert bool(saturated.any())
    assert float(slope[saturated].abs().max()) < float(slope[~saturated].abs().max())
    assert float(slope[saturated].abs().max()) <= 0.06


def test_thresholds_of_tanh_and_sigmoid_are_the_stated_ones():
    assert ACTIVATIONS["tanh"].saturation == (-0.97, 0.97)
    assert ACTIVATIONS["sigmoid"].saturation == (0.03, 0.97)
    assert {n for n, e in ACTIVATIONS.items() if e.dead_below == 0} == {"relu", "relu6"}
