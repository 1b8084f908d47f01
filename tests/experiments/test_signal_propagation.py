"""A signal through depth agrees with torch's own network, published numbers and theory."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nnviz.catalog.activations import ACTIVATIONS, gain
from nnviz.catalog.initializers import INITIALIZERS, fits
from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.experiments.signal_propagation import (
    NoTheory,
    SignalSpec,
    TheoryRecord,
    affordable_seeds,
    expected_signal,
    measure_jacobian,
    measure_signal,
    weight_moments,
)
from nnviz.experiments.signal_propagation.moments import moments
from nnviz.spec import InitializationSpec, SpecError


def spec(name: str = "kaiming_normal", **settings_: object) -> SignalSpec:
    own = [k for k in settings_ if k in ("gain", "a", "b", "mean", "std")]
    arguments = {k: settings_.pop(k) for k in own}
    initialization = InitializationSpec.model_validate({"name": name, **arguments})
    return SignalSpec.model_validate({"initialization": initialization, **settings_})


def by_module(asked: SignalSpec, seed: int) -> tuple[list[float], list[float], list[float]]:
    """The same network as an nn.Sequential with hooks: E z², RMS ∂L/∂z, norm ∂L/∂W."""
    torch.manual_seed(1000 * seed)
    x, readout = torch.randn(2, asked.n_samples, asked.width, dtype=torch.float64)
    h, zs, weights = x, [], []
    for layer in range(1, asked.depth + 1):
        torch.manual_seed(1000 * seed + layer)
        linear = nn.Linear(asked.width, asked.width, dtype=torch.float64)
        if asked.initialization.name != "default":
            torch.manual_seed(1000 * seed + layer)
            nn.init.kaiming_normal_(linear.weight, nonlinearity="linear")
            linear.weight.data *= gain(asked.activation)
            nn.init.zeros_(linear.bias)
        norm = NORMALIZATIONS[asked.normalization].make((asked.width,), asked.options).double()
        phi = ACTIVATIONS[asked.activation].make().double()
        z = linear(h)
        h = phi(norm(z)) if asked.placement == "before" else norm(phi(z))
        z.retain_grad()
        zs.append(z)
        weights.append(linear.weight)
    ((readout * h).sum() / (asked.n_samples * math.sqrt(asked.width))).backward()
    return (
        [float(z.detach().square().mean()) for z in zs],
        [float(z.grad.square().mean().sqrt()) for z in zs],
        [float(w.grad.norm()) for w in weights],
    )


@settings(max_examples=25, deadline=None)
@given(
    activation=st.sampled_from(sorted(ACTIVATIONS)),
    normalization=st.sampled_from(["none", "batch", "layer", "group"]),
    placement=st.sampled_from(["before", "after"]),
    name=st.sampled_from(["default", "kaiming_normal"]),
    width=st.sampled_from([4, 8, 12]),
    depth=st.integers(1, 5),
    n_seeds=st.integers(1, 3),
)
def test_seeds_side_by_side_are_the_single_networks(
    activation: str, normalization: str, placement: str, name: str, width: int, depth: int,
    n_seeds: int,
) -> None:  # fmt: skip
    asked = spec(
        name, activation=activation, normalization=normalization, placement=placement, width=width,
        depth=depth, n_seeds=n_seeds, n_samples=7, groups=2,
    )  # fmt: skip
    found = measure_signal(asked)
    for seed in range(n_seeds):
        second, delta, weight = by_module(asked, seed)
        np.testing.assert_allclose(found.second_moment_SL[seed], second, rtol=1e-9)
        np.testing.assert_allclose(found.delta_rms_SL[seed], delta, rtol=1e-7, atol=1e-15)
        np.testing.assert_allclose(found.weight_grad_norm_SL[seed], weight, rtol=1e-7, atol=1e-14)


def test_measuring_leaves_the_random_state_alone() -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    measure_signal(spec("default", depth=2, width=8))
    measure_jacobian(spec(depth=2, width=8))
    assert torch.equal(before, torch.get_rng_state())


def test_fact_6_default_tanh_layers_shrink_and_xavier_keeps_them() -> None:
    """Glorot & Bengio 2010: std .461 → .047 (biases 0, as there) against .32 for Xavier."""
    common = {"activation": "tanh", "width": 1000, "depth": 5, "n_samples": 200, "n_seeds": 3}
    reach = 1 / math.sqrt(1000)
    standard = measure_signal(spec("uniform", a=-reach, b=reach, **common))
    std_L = standard.activation_std_SL.mean(axis=0)
    assert std_L[0] == pytest.approx(0.461, abs=0.003)
    assert std_L[-1] == pytest.approx(0.047, abs=0.002)
    delta_L = standard.delta_rms_SL.mean(axis=0)
    assert delta_L[-1] / delta_L[0] == pytest.approx(12, rel=0.1)
    norms_L = standard.weight_grad_norm_SL.mean(axis=0)
    assert norms_L.max() / norms_L.min() < 1.15
    xavier = measure_signal(spec("xavier_uniform", gain=1.0, **common))
    assert xavier.activation_std_SL.mean(axis=0)[-1] == pytest.approx(0.32, abs=0.01)


def test_fact_6_torchs_own_default_adds_a_little_by_its_biases() -> None:
    common = {"activation": "tanh", "width": 1000, "depth": 5, "n_samples": 100, "n_seeds": 1}
    std_L = measure_signal(spec("default", **common)).activation_std_SL[0]
    assert std_L[0] == pytest.approx(0.461, abs=0.005)
    assert 0.045 < std_L[-1] < 0.055


def test_fact_7_he_keeps_thirty_relu_layers_and_xavier_loses_a_half_each() -> None:
    common = {"width": 512, "depth": 30, "n_samples": 32, "n_seeds": 3}
    for name, arguments, expected in (
        ("kaiming_normal", {}, 1.0),
        ("xavier_normal", {"gain": 1.0}, 2.0**-29),
    ):
        asked = spec(name, **arguments, **common)
        theory = expected_signal(asked)
        assert isinstance(theory, TheoryRecord)
        np.testing.assert_allclose(theory.second_moment_L[-1] / theory.second_moment_L[0], expected)
        logs_SL = np.log(measure_signal(asked).second_moment_SL)
        ratio = (logs_SL[:, -1] - logs_SL[:, 0]).mean() - math.log(expected)
        assert abs(ratio) < theory.forward_spread_L[-1]


def test_fact_9_orthogonal_linear_layers_keep_every_direction() -> None:
    asked = spec("orthogonal", gain=1.0, activation="identity", width=64, depth=30)
    np.testing.assert_allclose(measure_jacobian(asked), 1, atol=1e-12)
    gaussian = measure_jacobian(spec("xavier_normal", activation="identity", width=64, depth=30))
    assert gaussian[0] / gaussian[-1] > 1e10


def test_fact_10_ten_sigmoid_layers_pass_a_quarter_of_the_gradient_each() -> None:
    """At the first layer, whose inputs are still N(0, 1), it is less; from then on × .236."""
    asked = spec("xavier_normal", activation="sigmoid", width=256, depth=10, n_seeds=3)
    delta_L = np.exp(np.log(measure_signal(asked).delta_rms_SL).mean(axis=0))
    assert (delta_L[1] / delta_L[-1]) ** (1 / 8) == pytest.approx(0.236, abs=0.003)
    theory = expected_signal(asked)
    assert isinstance(theory, TheoryRecord)
    assert theory.delta_rms_L[8] / theory.delta_rms_L[9] == pytest.approx(0.236, abs=5e-4)


def test_jacobian_is_that_of_autograd() -> None:
    asked = spec("default", activation="gelu", width=6, depth=3)
    torch.manual_seed(0)
    x = torch.randn(2, 2, 6, dtype=torch.float64)[0, 0]
    layers = []
    for layer in range(1, 4):
        torch.manual_seed(layer)
        layers.append(nn.Linear(6, 6, dtype=torch.float64))
    network = nn.Sequential(layers[0], nn.GELU(), layers[1], nn.GELU(), layers[2])
    jacobian = torch.autograd.functional.jacobian(network, x)
    found = measure_jacobian(asked)
    np.testing.assert_allclose(found, torch.linalg.svdvals(jacobian), rtol=1e-9)
    with pytest.raises(SpecError, match="without normalization"):
        measure_jacobian(asked.model_copy(update={"normalization": "batch"}))


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("name", ["default", "xavier_normal", "kaiming_uniform", "orthogonal"])
def test_theory_holds_within_the_band_it_claims(activation: str, name: str) -> None:
    asked = spec(name, activation=activation, width=96, depth=12, n_samples=64, n_seeds=4)
    assert_theory_holds(asked)


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "sigmoid", "leaky_relu"])
@pytest.mark.parametrize("normalization", ["batch", "layer", "group"])
@pytest.mark.parametrize("placement", ["before", "after"])
def test_theory_holds_with_normalization(
    activation: str, normalization: str, placement: str
) -> None:
    asked = spec(
        "kaiming_normal", activation=activation, width=128, depth=12, n_samples=128, n_seeds=3,
        normalization=normalization, placement=placement,
    )  # fmt: skip
    assert_theory_holds(asked)


def assert_theory_holds(asked: SignalSpec) -> None:
    signal, theory = measure_signal(asked), expected_signal(asked)
    assert isinstance(theory, TheoryRecord)
    forward_L = np.log(signal.second_moment_SL).mean(axis=0) - np.log(theory.second_moment_L)
    backward_L = np.log(signal.delta_rms_SL).mean(axis=0) - np.log(theory.delta_rms_L)
    assert (np.abs(forward_L) <= theory.forward_spread_L).all()
    assert (np.abs(backward_L) <= theory.backward_spread_L).all()


def test_the_claimed_band_is_not_so_wide_that_it_says_nothing() -> None:
    for activation, most in (("tanh", 0.3), ("sigmoid", 0.3), ("relu", 2.0)):
        theory = expected_signal(spec("xavier_normal", activation=activation, width=128, depth=20))
        assert isinstance(theory, TheoryRecord)
        assert theory.forward_spread_L[-1] < most


def test_the_theory_is_wrong_for_another_network() -> None:
    """The band tells He from Xavier: a test that could not fail would prove nothing."""
    he, xavier = spec(width=128, depth=12), spec("xavier_normal", gain=1.0, width=128, depth=12)
    signal, theory = measure_signal(he), expected_signal(xavier)
    assert isinstance(theory, TheoryRecord)
    gap_L = np.log(signal.second_moment_SL).mean(axis=0) - np.log(theory.second_moment_L)
    assert abs(gap_L[-1]) > theory.forward_spread_L[-1]


@pytest.mark.parametrize(("name", "arguments"), [("uniform", {"a": 0.0, "b": 0.1}), ("ones", {})])
@pytest.mark.parametrize("activation", ["identity", "relu"])
def test_weights_with_a_mean_add_the_squared_sum(
    name: str, arguments: dict[str, float], activation: str
) -> None:
    asked = spec(name, **arguments, activation=activation, depth=5, n_samples=2048, n_seeds=3)
    theory = expected_signal(asked)
    assert isinstance(theory, TheoryRecord)
    measured_L = measure_signal(asked).second_moment_SL.mean(axis=0)
    np.testing.assert_allclose(theory.second_moment_L, measured_L, rtol=0.12)
    assert np.isnan(theory.delta_rms_L).all()


def test_no_theory_says_why() -> None:
    assert "eye draws nothing" in getattr(expected_signal(spec("eye")), "reason", "")
    for asked in (spec("zeros"), spec("ones", normalization="batch")):
        assert isinstance(expected_signal(asked), NoTheory)


def test_relu_factors_are_the_closed_forms() -> None:
    found = moments("relu", np.zeros(1), np.array([3.7]))
    assert 2 * found.slope_square_K[0] == pytest.approx(1, rel=1e-12)  # χ = σ_w² E φ'²
    assert 2 * found.square_K[0] + 0.5 == pytest.approx(4.2, rel=1e-12)  # q' = σ_w² E φ² + σ_b²
    for name, factor in (("relu", math.pi / (math.pi - 1)), ("identity", 1.0)):
        found = moments(name, np.zeros(1), np.ones(1))  # BatchNorm before φ: χ = E φ'² / Var φ
        variance = found.square_K[0] - found.mean_K[0] ** 2
        assert found.slope_square_K[0] / variance == pytest.approx(factor, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    mean=st.floats(-3, 3),
    variance=st.floats(1e-3, 50),
    slope=st.sampled_from([0.0, 0.01, 0.25, 1.0]),
)
def test_kinked_moments_are_those_of_fine_integration(
    mean: float, variance: float, slope: float
) -> None:
    name = {0.0: "relu", 0.01: "leaky_relu", 0.25: "prelu", 1.0: "identity"}[slope]
    found = moments(name, np.array([mean]), np.array([variance]))
    z, step = np.linspace(
        mean - 12 * variance**0.5, mean + 12 * variance**0.5, 400_001, retstep=True
    )
    density = np.exp(-((z - mean) ** 2) / 2 / variance) / math.sqrt(2 * math.pi * variance) * step
    phi, slopes = np.where(z > 0, z, slope * z), np.where(z > 0, 1.0, slope)
    scale = math.sqrt(variance + mean**2)
    for value, values in (
        (found.mean_K[0] / scale, phi / scale),
        (found.square_K[0] / scale**2, phi**2 / scale**2),
        (found.slope_K[0], slopes),
        (found.slope_square_K[0], slopes**2),
    ):
        assert value == pytest.approx(float((values * density).sum()), abs=2e-4)


@pytest.mark.parametrize("activation", sorted(set(ACTIVATIONS) - {"prelu"}))
@pytest.mark.parametrize("variance", [1e-4, 1.0, 1e4])
def test_integrated_moments_are_those_of_a_fine_grid(activation: str, variance: float) -> None:
    found = moments(activation, np.zeros(1), np.array([variance]))
    t = torch.linspace(-9, 9, 2_000_000, dtype=torch.float64)
    density = torch.exp(-(t**2) / 2)
    density /= density.sum()
    z = (variance**0.5 * t).requires_grad_()
    phi = ACTIVATIONS[activation].make().double()(z)
    (slope,) = torch.autograd.grad(phi.sum(), z)
    assert found.square_K[0] == pytest.approx(float((phi.detach() ** 2 * density).sum()), rel=2e-3)
    assert found.slope_square_K[0] == pytest.approx(float((slope**2 * density).sum()), rel=1e-2)


@pytest.mark.parametrize("name", sorted(set(INITIALIZERS) - {"eye", "dirac"}))
@pytest.mark.parametrize("shape", [(96, 200), (200, 96), (40, 30, 3)])
def test_weight_moments_are_those_of_the_draw(name: str, shape: tuple[int, ...]) -> None:
    from nnviz.experiments.initial_weights import draw_weights

    if not fits(name, len(shape)):
        pytest.skip("does not fit")
    record = draw_weights(InitializationSpec(name=name), "tanh", shape)
    assert record.expected_mean is not None
    assert record.expected_std is not None
    n = math.prod(shape)
    assert record.mean == pytest.approx(
        record.expected_mean, abs=5 * record.expected_std / n**0.5 + 1e-12
    )
    assert record.std == pytest.approx(record.expected_std, rel=5 / n**0.5, abs=1e-12)


def test_fan_out_mode_and_own_gain_are_heeded() -> None:
    wide = InitializationSpec(name="kaiming_normal", mode="fan_out", gain=3.0)
    assert weight_moments(wide, "relu", 10, 90) == (0.0, pytest.approx(0.1))


def test_misfits_are_refused_in_words() -> None:
    with pytest.raises(SpecError, match="dirac does not fit"):
        measure_signal(spec("dirac"))
    with pytest.raises(ValueError, match="dense layer has none"):
        spec(normalization="instance")
    with pytest.raises(ValueError, match="groups must divide"):
        spec(normalization="group", groups=5)


def test_seeds_that_are_affordable_shrink_with_the_network() -> None:
    small, large = spec(width=8, depth=1), spec(width=1024, depth=60)
    assert affordable_seeds(small, 0.1) == 20
    assert affordable_seeds(large, 0.1) == 1


@pytest.mark.parametrize(
    ("name", "settings_", "fate"),
    [
        ("kaiming_normal", {}, "arrives"),
        ("xavier_normal", {"activation": "sigmoid"}, "vanishes"),
        ("zeros", {}, "is lost"),
        ("kaiming_normal", {"gain": 3.0}, "explodes"),
    ],
)
def test_the_fate_of_a_gradient(name: str, settings_: dict[str, object], fate: str) -> None:
    assert measure_signal(spec(name, depth=30, **settings_)).fate == fate


def test_theory_holds_for_its_own_network_and_not_for_another() -> None:
    asked, other = spec(depth=20), spec(depth=20, gain=2.0)
    theory = expected_signal(asked)
    assert isinstance(theory, TheoryRecord)
    assert theory.holds(measure_signal(asked)) is True
    assert theory.holds(measure_signal(other)) is False
    mean = expected_signal(spec("constant", depth=3))
    assert isinstance(mean, TheoryRecord)
    assert mean.holds(measure_signal(spec("constant", depth=3))) is None
