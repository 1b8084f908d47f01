"""What was measured of freshly drawn weights, and of units that start alike.

Shapes: R rows (outputs), C columns (inputs times receptive field), B bins, K singular values,
T recorded steps, D units, F inputs of a unit.
"""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.records import FloatArray, IntArray


@dataclass(frozen=True)
class WeightRecord:
    """One weight tensor as drawn, as a matrix; convolution kernels lie flat in its rows."""

    shape: tuple[int, ...]
    weight_RC: FloatArray
    fan_in: int
    fan_out: int
    gain: float | None
    """Gain in force; None where the initializer has none."""
    mean: float
    std: float
    expected_mean: float | None
    """By the initializer's definition; None where weights are no draw."""
    expected_std: float | None
    edges_B: FloatArray
    share_B: FloatArray
    singular_K: FloatArray


@dataclass(frozen=True)
class SymmetryRecord:
    """The hidden units of a small network through training.

    `spread_T` is the largest distance between the incoming weights of two units, and
    `weight_TDF` holds those weights with the bias as the last column.
    """

    steps_T: IntArray
    weight_TDF: FloatArray
    spread_T: FloatArray
    effective_rank_T: FloatArray
    """exp(entropy) of the hidden activations' singular values, not centred; NaN if all are 0."""
    loss_T: FloatArray
    accuracy: float
    """Share of the training points answered correctly at the end."""
