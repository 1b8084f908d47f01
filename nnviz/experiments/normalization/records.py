"""What was measured about a normalization: groups, cells, traps, running statistics.

Shapes: N samples, C channels, then space; K groups, M members of a group, T steps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nnviz.experiments.distributions import Distribution
from nnviz.records import FloatArray, IntArray

NormalizationKind = Literal["batch", "layer", "instance", "group"]
KINDS: tuple[NormalizationKind, ...] = ("batch", "layer", "instance", "group")


@dataclass(frozen=True)
class CellRecord:
    """The arithmetic of one number: y = (x - E) / √(Var + ε) · γ + β."""

    index: tuple[int, ...]
    x: float
    members_M: FloatArray
    """All numbers that share the mean, in the order of the block; x is one of them."""
    mean: float
    variance: float
    """Biased: the squared deviations are divided by M."""
    gamma: float
    beta: float
    epsilon: float
    torch_y: float
    """What torch's own module gives at this place."""

    @property
    def y(self) -> float:
        """The formula with these numbers."""
        scale = math.sqrt(self.variance + self.epsilon)
        return (self.x - self.mean) / scale * self.gamma + self.beta


@dataclass(frozen=True)
class NormalizedRecord:
    """A block before and after one normalization in training mode."""

    kind: NormalizationKind
    n_groups: int
    """Groups of channels; it matters for group normalization only."""
    values: FloatArray
    """(N, C), (N, C, L) or (N, C, H, W)."""
    outputs: FloatArray
    """torch's output, same shape."""
    group_of: IntArray
    """Number of the group that each value belongs to, same shape."""
    mean_K: FloatArray
    variance_K: FloatArray
    gamma: float
    beta: float
    epsilon: float

    @property
    def group_size(self) -> int:
        """How many numbers share a mean, the same for every group."""
        return self.values.size // len(self.mean_K)

    def cell(self, index: tuple[int, ...]) -> CellRecord:
        """One number with its group. Raises IndexError outside of the block."""
        group = int(self.group_of[index])
        return CellRecord(
            index,
            float(self.values[index]),
            self.values[self.group_of == group],
            float(self.mean_K[group]),
            float(self.variance_K[group]),
            self.gamma,
            self.beta,
            self.epsilon,
            float(self.outputs[index]),
        )


@dataclass(frozen=True)
class Trap:
    """Why a normalization makes little sense on a block of this shape."""

    sentence: str
    refused: bool
    """Refused: there is no output worth showing. Otherwise it is shown and explained."""
    torch_says: str | None = None
    """torch's own error or warning, word for word, where it has one."""


@dataclass(frozen=True)
class RunningRecord:
    """BatchNorm's running statistics while batches of one feature pass through it.

    Index 0 is the state before the first batch; batch statistics there are NaN. Variances called
    unbiased divide by B - 1: torch keeps those, and normalizes with the biased ones.
    """

    batch_size: int
    momentum: float | None
    step_T: IntArray
    running_mean_T: FloatArray
    running_variance_T: FloatArray
    batch_mean_T: FloatArray
    biased_T: FloatArray
    unbiased_T: FloatArray
    remaining_T: FloatArray
    """Share of the initial value left in the running one, measured with two different starts."""
    expected_mean_T: FloatArray
    expected_variance_T: FloatArray
    mean_error_T: FloatArray
    """Standard deviation of the running mean around its expectation, over draws of the data."""
    variance_error_T: FloatArray
    true_mean: float
    true_variance: float
    torch_says: str | None = None
    """torch's own error where it refused the first batch; then nothing was ever updated."""

    @property
    def n_steps(self) -> int:
        """How many batches passed."""
        return int(self.step_T[-1])


@dataclass(frozen=True)
class ModeRecord:
    """The outputs of one mode on some data, and what theory says about them."""

    distribution: Distribution
    expected_mean: float
    """NaN where no closed form is claimed."""
    expected_std: float

    @property
    def std(self) -> float:
        """Standard deviation of the outputs."""
        return float(np.sqrt(self.distribution.variance))


@dataclass(frozen=True)
class SurroundingsRecord:
    """How far the outputs of one sample move with what they should not depend on."""

    value_K: FloatArray
    """Padded length in positions, or contrast as a factor."""
    moved_K: Mapping[NormalizationKind, FloatArray]
    """Root mean square of the change, in units of the outputs (they have deviation 1)."""
    tiles: Mapping[str, FloatArray]
    """Images (2, H, W), unchanged and changed, by what they are; empty for sequences."""
