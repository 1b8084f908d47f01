"""What a decomposition measured: one frozen record for each loss.

Shapes: N test points, R replicates, C classes. A quantity `x` is the average over the points,
`x_N` the same at each point, `x_se` and `x_se_N` their bootstrap standard errors over the
replicates (NaN where none were asked for). The test points are taken as given: a standard
error says how much the number would move with other replicates, not with other points.
Unbiased estimates are never clipped, so a squared bias may be negative. Where the true bias is
0, it is negative at two points in three, with probability P(|t| < 1) for Student's t with R - 1
degrees of freedom. There its bootstrap standard error is too wide, about twofold: the bootstrap
sees the estimated bias, not 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnviz.records import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class SquaredRecord:
    """Squared loss: risk = bias² + variance + noise, in the squared unit of the target."""

    bias_squared: float
    variance: float
    noise: float
    risk: float
    bias_squared_N: FloatArray
    variance_N: FloatArray
    noise_N: FloatArray
    risk_N: FloatArray
    bias_squared_se: float
    variance_se: float
    risk_se: float
    bias_squared_se_N: FloatArray
    variance_se_N: FloatArray
    risk_se_N: FloatArray
    mean_prediction_N: FloatArray
    risk_R: FloatArray
    """Risk of each replicate averaged over the points, noise included: shows heavy tails."""
    bias_includes_noise: bool
    """The truth given was noisy, so `bias_squared` is to be labelled "bias² + noise"."""

    @property
    def median_risk(self) -> float:
        """Median over replicates of their risks: steady where a few replicates are far off."""
        return float(np.median(self.risk_R))


@dataclass(frozen=True)
class DomingosRecord:
    """0-1 loss (Domingos 2000): risk = bias + variance_contribution + noise.

    `bias_N` is 1 where the main prediction (the mode of the votes) is wrong. `variance_N` is
    P(predicted != main). `variance_contribution_N` is what the variance adds to the error:
    +P(predicted != main) on unbiased points and -P(predicted = y) on biased ones; with two
    classes that is (1 - 2·bias)·variance. Labels are taken as the truth, so noise is 0.
    These are plug-in values: the mode of R votes has no unbiased correction.
    """

    bias: float
    variance: float
    variance_contribution: float
    noise: float
    risk: float
    bias_N: FloatArray
    variance_N: FloatArray
    variance_contribution_N: FloatArray
    noise_N: FloatArray
    risk_N: FloatArray
    bias_se: float
    variance_se: float
    variance_contribution_se: float
    risk_se: float
    bias_se_N: FloatArray
    variance_se_N: FloatArray
    variance_contribution_se_N: FloatArray
    risk_se_N: FloatArray
    main_N: IntArray
    """The main prediction; of tied classes the lowest index."""
    tied_N: BoolArray
    """Where two or more classes share the most votes, so that `main_N` is a convention."""

    @property
    def tied_fraction(self) -> float:
        """Share of points whose main prediction is a tie."""
        return float(self.tied_N.mean())

    @property
    def unbiased_variance(self) -> float:
        """What variance adds to the error: P(predicted != main) on unbiased points, over N."""
        return float(np.where(self.bias_N == 0, self.variance_contribution_N, 0.0).mean())

    @property
    def biased_variance(self) -> float:
        """What variance takes off the error: P(predicted = y) on biased points, over N."""
        return float(np.where(self.bias_N == 1, -self.variance_contribution_N, 0.0).mean())


@dataclass(frozen=True)
class KohaviWolpertRecord:
    """0-1 loss (Kohavi & Wolpert 1996): risk = bias² + variance + noise, unbiased at finite R.

    Labels are taken as the truth, so noise is 0.
    """

    bias_squared: float
    variance: float
    noise: float
    risk: float
    bias_squared_N: FloatArray
    variance_N: FloatArray
    noise_N: FloatArray
    risk_N: FloatArray
    bias_squared_se: float
    variance_se: float
    risk_se: float
    bias_squared_se_N: FloatArray
    variance_se_N: FloatArray
    risk_se_N: FloatArray


@dataclass(frozen=True)
class CrossEntropyRecord:
    """Cross-entropy in nats (Yang et al. 2020): risk = bias + variance + noise.

    `bias` and `variance` carry the first-order finite-R correction; the `_plug_in` values do
    not. Both pairs add up to the risk. Labels are taken as the truth: noise is 0, and label
    noise is part of the bias.
    """

    bias: float
    variance: float
    noise: float
    risk: float
    bias_plug_in: float
    variance_plug_in: float
    bias_N: FloatArray
    variance_N: FloatArray
    noise_N: FloatArray
    risk_N: FloatArray
    bias_plug_in_N: FloatArray
    variance_plug_in_N: FloatArray
    bias_se: float
    variance_se: float
    risk_se: float
    bias_plug_in_se: float
    variance_plug_in_se: float
    bias_se_N: FloatArray
    variance_se_N: FloatArray
    risk_se_N: FloatArray
    bias_plug_in_se_N: FloatArray
    variance_plug_in_se_N: FloatArray
    main_log_probabilities_NC: FloatArray
    """Logarithm of the normalized geometric mean of the predictions, the main prediction."""


@dataclass(frozen=True)
class VarianceSplitRecord:
    """Variance split by its cause (Neal et al. 2018), in the squared unit of the prediction.

    variance = data_variance + initialization_variance, with data_variance = Var_D E_init and
    initialization_variance = E_D Var_init; each is unbiased and may be negative.
    """

    variance: float
    data_variance: float
    initialization_variance: float
    interaction: float
    """Part of `initialization_variance` that differs between data sets; NaN if nested."""
    variance_N: FloatArray
    data_variance_N: FloatArray
    initialization_variance_N: FloatArray
    interaction_N: FloatArray
    variance_se: float
    data_variance_se: float
    initialization_variance_se: float
    interaction_se: float
    variance_se_N: FloatArray
    data_variance_se_N: FloatArray
    initialization_variance_se_N: FloatArray
    interaction_se_N: FloatArray


@dataclass(frozen=True)
class EnsembleRecord:
    """Squared-loss risk of the mean of K replicates: the law bias² + V/K + noise, and measured."""

    K: int
    n_groups: int
    """Disjoint groups of K replicates behind `measured`; replicates left over are not used."""
    noise: float
    law: float
    law_N: FloatArray
    law_se: float
    law_se_N: FloatArray
    measured: float
    measured_N: FloatArray
    measured_se: float
    """Standard deviation over groups / sqrt(n_groups); NaN for one group."""
