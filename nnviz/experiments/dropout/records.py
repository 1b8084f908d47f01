"""What was measured about dropout, q being the probability of dropping.

Shapes: N samples, C channels, then space; D units of a layer, O outputs, T passes, G grid points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nnviz.experiments.distributions import Distribution
from nnviz.records import BoolArray, FloatArray

BlockShape = Literal["image", "signal", "volume", "table"]
InputKind = Literal["rectified", "half_normal", "normal"]
Order = Literal["dropout_first", "batch_norm_first"]


@dataclass(frozen=True)
class MaskedLayer:
    """One layer of a small network in a single forward pass."""

    name: str
    evaluation_D: FloatArray
    """Activations in evaluation mode, where nothing is dropped."""
    training_D: FloatArray
    """What the next layer receives in this training pass: 0, or scaled by 1/(1 - q)."""
    kept_D: BoolArray | None
    """Which units survive; None where the layer has no dropout."""


@dataclass(frozen=True)
class MaskRecord:
    """A small network under one mask, and its output under many."""

    q: float
    layers: tuple[MaskedLayer, ...]
    weights: tuple[FloatArray, ...]
    """Weights between consecutive layers, (units behind, units before)."""
    outputs: Distribution
    """The output over many masks, the same input each time."""
    evaluation_output: float
    expected_variance: float
    """q/(1 - q)·Σ w²h² with one hidden layer; NaN where ReLUs stand between masks and output."""
    outputs_M: FloatArray
    """The outputs themselves, in the order of the masks."""
    passes: Mapping[int, tuple[MaskedLayer, ...]]
    """Some of these passes, by the mask's number from 1."""

    @property
    def n_maskable(self) -> int:
        """How many units can be dropped."""
        return sum(len(layer.kept_D) for layer in self.layers if layer.kept_D is not None)


@dataclass(frozen=True)
class VarianceRecord:
    """Numbers with mean c and variance v through dropout, and on through a linear unit."""

    q: float
    evaluation: Distribution
    training: Distribution
    expected_training: float
    """(v + q c²)/(1 - q)."""
    linear_evaluation: Distribution
    linear_training: Distribution
    expected_linear_difference: float
    """q/(1 - q)·Σ w² E[x²]."""

    @property
    def linear_difference(self) -> float:
        """Measured difference of the linear unit's variances."""
        return self.linear_training.variance - self.linear_evaluation.variance

    @property
    def linear_difference_error(self) -> float:
        """Standard error of that difference, from both variances."""
        errors = self.linear_training.variance_error, self.linear_evaluation.variance_error
        return float(np.hypot(*errors))


@dataclass(frozen=True)
class ChannelRecord:
    """Feature maps before and after both kinds of dropout; shapes (N, C, …)."""

    shape: BlockShape
    q: float
    before: FloatArray
    elementwise: FloatArray
    channel: FloatArray
    elementwise_kept: BoolArray
    channel_kept: BoolArray
    neighbour_correlation: float
    """Correlation of numbers side by side in the maps; NaN for a table."""
    refusal: str | None = None
    """Why channel dropout makes no sense here; `channel` is then what torch would do anyway."""


@dataclass(frozen=True)
class AlphaRecord:
    """Standard normal numbers through both dropouts, and a deep SELU network with each."""

    q: float
    original: Distribution
    ordinary: Distribution
    alpha: Distribution
    dropped_value: float
    """What alpha dropout puts in the place of a dropped number."""
    names: tuple[str, ...]
    mean_KL: FloatArray
    """Mean of the activations after each of L layers, for K networks."""
    std_KL: FloatArray


@dataclass(frozen=True)
class ShiftRecord:
    """The variance that BatchNorm meets in training and in evaluation, per output unit."""

    q: float
    order: Order
    training_O: FloatArray
    """Running variance after training: an average of unbiased batch variances."""
    evaluation_O: FloatArray
    """Variance of the same pre-activations in evaluation mode."""
    relative_error: float
    """Standard error of one variance over the variance, from the number of samples."""
    expected_ratio: float
    q_G: FloatArray
    ratio_G: FloatArray
    """The theory's ratio over q."""
    output_training: Distribution
    output_evaluation: Distribution

    @property
    def ratio(self) -> float:
        """Training over evaluation variance, averaged over the outputs first."""
        return float(self.training_O.mean() / self.evaluation_O.mean())


@dataclass(frozen=True)
class UncertaintyRecord:
    """A curve fitted with dropout, and its spread when dropout stays on."""

    q: float
    n_steps: int
    train_x: FloatArray
    train_y: FloatArray
    x_G: FloatArray
    truth_G: FloatArray
    evaluation_G: FloatArray
    mean_G: FloatArray
    std_G: FloatArray
    passes_TG: FloatArray
    """The first few passes, for drawing."""
    gap: tuple[float, float]
    """Where no training point lies."""
    train_loss: float
    """Mean squared error in evaluation mode."""
    before: tuple[UncertaintyRecord, ...] = ()
    """The same on the way there."""

    def mean_std(self, region: Literal["data", "gap", "outside"]) -> float:
        """Average spread over a part of the input axis."""
        low, high = float(self.train_x.min()), float(self.train_x.max())
        in_gap_G = (self.x_G > self.gap[0]) & (self.x_G < self.gap[1])
        outside_G = (self.x_G < low) | (self.x_G > high)
        chosen_G = {"gap": in_gap_G, "outside": outside_G, "data": ~in_gap_G & ~outside_G}[region]
        return float(self.std_G[chosen_G].mean())
