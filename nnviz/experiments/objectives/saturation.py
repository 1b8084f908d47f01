"""A sigmoid unit that starts sure and wrong: squared error against cross-entropy.

With p = σ(z) and target 1 the gradients are 2(p − 1)·p(1 − p) and p − 1: the slope p(1 − p) of
a saturated sigmoid stands in the first and cancels in the second.
"""

from __future__ import annotations

import math

import numpy as np

from nnviz.experiments.objectives.records import SaturationRecord
from nnviz.records import FloatArray

LOSSES = ("squared error", "cross-entropy")
REACH = 10.0


def saturated_start(
    start: float, learning_rate: float, n_steps: int = 300
) -> tuple[SaturationRecord, SaturationRecord]:
    """Gradient descent on the logit z itself from z₀ under both losses, target 1."""
    squared, entropy = (_descent(name, start, learning_rate, n_steps) for name in LOSSES)
    return squared, entropy


def _descent(name: str, start: float, learning_rate: float, n_steps: int) -> SaturationRecord:
    z_Z = np.linspace(-REACH, REACH, 401)
    loss_Z, gradient_Z = _loss(name, z_Z)
    z_T = np.empty(n_steps + 1)
    z = start
    for step in range(n_steps + 1):
        z_T[step] = z
        p = 1 / (1 + math.exp(-z)) if z > 0 else math.exp(z) / (1 + math.exp(z))
        z -= learning_rate * (2 * (p - 1) * p * (1 - p) if name == LOSSES[0] else p - 1)
    probability_T = _sigmoid(z_T)
    right = np.flatnonzero(probability_T > 0.5)
    first = int(right[0]) if len(right) else None
    return SaturationRecord(name, z_Z, loss_Z, gradient_Z, probability_T, z_T, first)


def _loss(name: str, z_Z: FloatArray) -> tuple[FloatArray, FloatArray]:
    p_Z = _sigmoid(z_Z)
    if name == LOSSES[0]:
        return (1 - p_Z) ** 2, 2 * (p_Z - 1) * p_Z * (1 - p_Z)
    return np.logaddexp(0, -z_Z), p_Z - 1


def _sigmoid(z: FloatArray) -> FloatArray:
    return np.asarray(0.5 * (1 + np.tanh(z / 2)))
