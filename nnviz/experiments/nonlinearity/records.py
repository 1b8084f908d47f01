"""What was measured of activation functions, and of networks with and without them.

Shapes: Z points of a curve, B bins, G grid points a side, T recorded steps,
S seeds, N points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnviz.records import FloatArray, IntArray


@dataclass(frozen=True)
class CurveRecord:
    """One activation and its derivative along z."""

    name: str
    z_Z: FloatArray
    value_Z: FloatArray
    slope_Z: FloatArray


@dataclass(frozen=True)
class ResponseRecord:
    """What one activation makes of inputs drawn from a distribution.

    `saturated_share` is NaN for an activation without a saturated region (science: |tanh| > 0.97,
    sigmoid < 0.03 or > 0.97).
    """

    name: str
    edges_B: FloatArray
    """Edges of the bins of both histograms, one more than there are shares."""
    input_share_B: FloatArray
    output_share_B: FloatArray
    saturated_share: float
    zero_share: float
    mean_slope: float
    """Mean of φ'(z): the share of the gradient that passes."""


@dataclass(frozen=True)
class CollapseRecord:
    """A stack of Linear layers over the plane, and the one Linear layer they multiply to.

    `max_difference` compares the two in single precision; `bend` is the largest difference once
    one activation stands inside the stack (NaN without one).
    """

    grid_G: FloatArray
    stack_GG: FloatArray
    product_GG: FloatArray
    bent_GG: FloatArray | None
    max_difference: float
    bend: float
    weight_2: FloatArray
    bias: float


@dataclass(frozen=True, eq=False)
class DeadUnitRecord:
    """One hidden unit through a gradient descent in which one step is too large.

    `highest_T` is the unit's largest pre-activation over all inputs: at or below 0 a ReLU unit is
    dead. `dies_at` and `recovers_at` are steps, None where it never happens.
    """

    name: str
    highest_T: FloatArray
    gradient_T: FloatArray
    """Norm of the loss gradient by the unit's own weight and bias."""
    loss_T: FloatArray
    dies_at: int | None
    recovers_at: int | None


@dataclass(frozen=True)
class XorRecord:
    """One kind of network on the four XOR points, from several seeds."""

    name: str
    activation: str
    n_hidden: int
    """0 is a single layer."""
    steps_T: IntArray
    loss_TS: FloatArray
    accuracy_S: FloatArray
    parameters_T: Sequence[Sequence[FloatArray]]
    """Weights (S, out, in) and biases (S, 1, out) of every layer at the recorded steps."""
