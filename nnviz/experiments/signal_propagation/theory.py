"""What mean-field theory expects of forward and backward signals, layer by layer.

Shapes: L layers, K kinds of samples (they differ where weights have a mean), D units.
Sources: He et al. 2015 (ReLU), Poole et al. 2016 and Schoenholz et al. 2017 (q and χ), Yang et
al. 2019 (BatchNorm).
"""

from __future__ import annotations

import math

import numpy as np

from nnviz.experiments.signal_propagation.moments import moments
from nnviz.experiments.signal_propagation.records import NoTheory, TheoryRecord
from nnviz.experiments.signal_propagation.specs import SignalSpec
from nnviz.experiments.signal_propagation.spread import LayerNoise, layer_noise, spreads
from nnviz.experiments.signal_propagation.weight_moments import weight_moments
from nnviz.records import FloatArray

EPSILON = 1e-5
"""Added to the variance by torch's normalizations."""
N_KINDS = 24


def expected_signal(spec: SignalSpec) -> TheoryRecord | NoTheory:
    """Second moments and RMS gradients in each layer, and how far chance may carry them."""
    drawn = weight_moments(spec.initialization, spec.activation, spec.width, spec.width)
    if drawn is None:
        return NoTheory(f"{spec.initialization.name} draws nothing, so no theory of random weights")
    mean, variance = drawn
    bias = spec.initialization.bias or 0.0
    with np.errstate(all="ignore"):
        if spec.normalization == "none" and mean:
            return _with_mean(spec, mean, variance, bias)
        if not variance:
            return NoTheory("all weights are 0, so nothing flows")
        if spec.normalization == "none":
            return _plain(spec, spec.width * variance, bias)
        if mean or bias:
            return NoTheory("there is no theory here for weights or biases with a mean and a norm")
        return _normalized(spec, spec.width * variance)


def _bias_variance(spec: SignalSpec) -> float:
    return 1 / (3 * spec.width) if spec.initialization.name == "default" else 0.0


def _plain(spec: SignalSpec, weight_gain: float, bias: float) -> TheoryRecord:
    """q and χ from layer to layer, for weights of mean 0; `bias` is the same for all units."""
    mu_K: FloatArray = np.full(1, bias)
    v_K: FloatArray = np.full(1, weight_gain + _bias_variance(spec))
    second, factor, noise = [], [], list[LayerNoise]()
    for _ in range(spec.depth):
        at_layer = moments(spec.activation, np.r_[mu_K, mu_K], np.r_[v_K, 1.02 * v_K])
        second.append(float(mu_K[0] ** 2 + v_K[0]))
        factor.append(float(at_layer.slope_square_K[0]))
        noise.append(layer_noise(at_layer))
        v_K = weight_gain * at_layer.square_K[:1] + _bias_variance(spec)
    squares, arriving = list[float](), _first_gradient(spec)
    for slope_square in reversed(factor):
        squares.append(slope_square * arriving)
        arriving = weight_gain * squares[-1]
    return TheoryRecord(np.array(second), np.sqrt(squares[::-1]), *spreads(spec, noise))


def _with_mean(spec: SignalSpec, mean: float, variance: float, bias: float) -> TheoryRecord:
    """E z² = fan_in·Var(w)·E h² + m²(Σh)²: the last term differs from sample to sample."""
    D = spec.width
    nodes_K = np.linspace(-4.5, 4.5, N_KINDS)
    share_K = np.exp(-(nodes_K**2) / 2)
    share_K /= share_K.sum()
    mu_K: FloatArray = mean * math.sqrt(D) * nodes_K + bias
    v_K: FloatArray = np.full(N_KINDS, D * variance)
    second = []
    for _ in range(spec.depth):
        second.append((share_K * (mu_K**2 + v_K)).sum())
        at_layer = moments(spec.activation, mu_K, v_K, n_grid=512)
        scatter_K = np.maximum(at_layer.square_K - at_layer.mean_K**2, 0)
        mu_K = mean * D * at_layer.mean_K + bias
        v_K = D * variance * at_layer.square_K + mean**2 * D * scatter_K
    missing_L = np.full(spec.depth, np.nan)
    return TheoryRecord(np.array(second), missing_L, missing_L, missing_L)


def _normalized(spec: SignalSpec, weight_gain: float) -> TheoryRecord:
    """Every layer is alike: the norm sets the moments, σ_w cancels in the gradient."""
    before, centred = spec.placement == "before", spec.normalization == "batch"
    bias_variance = _bias_variance(spec)
    seen = weight_gain + (0.0 if before and centred else bias_variance)
    inner = moments(
        spec.activation, np.zeros(2), np.full(2, seen / (seen + EPSILON) if before else seen)
    )
    square, scatter = inner.square_K[0], inner.square_K[0] - inner.mean_K[0] ** 2
    entering = square if before else scatter / (scatter + EPSILON)
    second_L = weight_gain * np.r_[1.0, np.full(spec.depth - 1, entering)] + bias_variance
    divided_L = np.full(spec.depth, scatter + EPSILON)
    if before:
        kept = scatter if centred else square
        divided_L = weight_gain * np.r_[1.0, np.full(spec.depth - 1, kept)] + EPSILON
        divided_L += 0.0 if centred else bias_variance
    squares, arriving = list[float](), _first_gradient(spec)
    for divided in divided_L[::-1]:
        squares.append(float(inner.slope_square_K[0] * arriving / divided))
        arriving = weight_gain * squares[-1]
    forward_L, backward_L = spreads(spec, [layer_noise(inner)] * spec.depth)
    return TheoryRecord(second_L, np.sqrt(squares[::-1]), forward_L, backward_L)


def _first_gradient(spec: SignalSpec) -> float:
    """Mean square of ∂L/∂h at the network's output, as `measure_signal` sets it."""
    return 1.0 / (spec.n_samples**2 * spec.width)
