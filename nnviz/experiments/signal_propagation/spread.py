"""How far a network of finite width may be from mean-field theory by chance.

Shapes: L layers. Everything is the variance of ln of a mean square.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nnviz.experiments.signal_propagation.moments import Moments
from nnviz.experiments.signal_propagation.specs import SignalSpec
from nnviz.records import FloatArray

N_STANDARD_DEVIATIONS = 3.0
CHANGE = 1.02


@dataclass(frozen=True)
class LayerNoise:
    """One layer's contribution, for a width of 1, and how it answers to a change of q."""

    forward: float
    """Relative variance of φ²: E φ⁴/(E φ²)² − 1."""
    backward: float
    """Relative variance of (φ' g)² with normal g: 3 E φ'⁴/(E φ'²)² − 1."""
    slope: float
    """d ln E φ² / d ln q."""
    sensitivity: float
    """|d ln E φ'² / d ln q|."""


def layer_noise(at_layer: Moments) -> LayerNoise:
    """From the moments at variances q and 1.02 q."""

    def per_log_q(pair_K: FloatArray) -> float:
        return float(np.log(pair_K[1] / pair_K[0]) / math.log(CHANGE))

    square, slope_square = at_layer.square_K, at_layer.slope_square_K
    return LayerNoise(
        float(at_layer.fourth_K[0] / square[0] ** 2) - 1,
        3 * float(at_layer.slope_fourth_K[0] / slope_square[0] ** 2) - 1,
        per_log_q(square),
        abs(per_log_q(slope_square)),
    )


def spreads(spec: SignalSpec, layers: list[LayerNoise]) -> tuple[FloatArray, FloatArray]:
    """Three standard deviations of ln E z² and of ln RMS ∂L/∂z, each (L,).

    A layer of D units adds its noise over D to the variance; what came before is carried on by
    the slope of ln q → ln q', or forgotten in a normalization. Samples share their weights, so
    averaging over them does not help. A normalization adds 4/n a layer to the backward bias for
    the n numbers that share a mean. The expected ln of X is Var/2 below ln of its expectation.
    """
    D, normalized = spec.width, spec.normalization != "none"
    carried = [0.0]
    for layer in layers[:-1]:
        kept = 0.0 if normalized else layer.slope**2 * carried[-1]
        carried.append(kept + layer.forward / D)
    forward_L = np.array([_spread(variance + 2 / D, spec) for variance in carried])
    noise, drift, bias = 2 / D, 0.0, 0.0
    backward = []
    for layer, before in zip(reversed(layers), reversed(carried), strict=True):
        noise += layer.backward / D
        drift += 0.0 if normalized else layer.sensitivity * math.sqrt(before)
        bias += 4 / _shared(spec) if normalized else 0.0
        backward.append((_spread(noise, spec) + N_STANDARD_DEVIATIONS * drift + bias) / 2)
    return forward_L, np.array(backward[::-1])


def _spread(variance: float, spec: SignalSpec) -> float:
    return N_STANDARD_DEVIATIONS * math.sqrt(variance / spec.n_seeds) + variance / 2


def _shared(spec: SignalSpec) -> float:
    groups = spec.groups if spec.normalization == "group" else 1
    return spec.n_samples if spec.normalization == "batch" else spec.width / groups
