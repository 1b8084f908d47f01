"""What a decomposition measured: one frozen record for each loss.

Shapes: N test points, R replicates, C classes. A quantity `x` is the average over the points and
`x_N` the same at each point. Where `x_low` and `x_high` stand beside it they are the ends of an
interval that aims at 95 % and holds the true value at least 90 times in 100 from 8 replicates on,
as measured in `jackknife`; NaN for fewer. `x_low_N` and `x_high_N` are made the same way at each
point alone, where nothing is promised. The test points are taken as given: an interval says where
the number would be with infinitely many replicates, not with other points.
Unbiased estimates are never clipped, so a squared bias may be negative. Where the true bias is
0, it is negative at two points in three, with probability P(|t| < 1) for Student's t with R - 1
degrees of freedom. There its interval is about one and a half times too wide: leaving out a
replicate moves the estimated bias, which is not 0.
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
    bias_squared_low: float
    bias_squared_high: float
    variance_low: float
    variance_high: float
    risk_low: float
    risk_high: float
    bias_squared_low_N: FloatArray
    bias_squared_high_N: FloatArray
    variance_low_N: FloatArray
    variance_high_N: FloatArray
    risk_low_N: FloatArray
    risk_high_N: FloatArray
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
    The parts are plug-in values, for the mode of R votes has no unbiased correction: they move
    with R (a true bias of .25 on a constructed case is .40 at R = 5, .32 at 20 and .30 at 50 on
    average), so that they get no interval; `KohaviWolpertRecord` is without that bias.
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
    risk_low: float
    risk_high: float
    risk_low_N: FloatArray
    risk_high_N: FloatArray
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
    bias_squared_low: float
    bias_squared_high: float
    variance_low: float
    variance_high: float
    risk_low: float
    risk_high: float
    bias_squared_low_N: FloatArray
    bias_squared_high_N: FloatArray
    variance_low_N: FloatArray
    variance_high_N: FloatArray
    risk_low_N: FloatArray
    risk_high_N: FloatArray


@dataclass(frozen=True)
class CrossEntropyRecord:
    """Cross-entropy in nats (Yang et al. 2020): risk = bias + variance + noise.

    `bias` and `variance` carry the first-order finite-R correction; the `_plug_in` values do
    not, and have no interval. Both pairs add up to the risk. Labels are taken as the truth: noise
    is 0, and label noise is part of the bias.
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
    bias_low: float
    bias_high: float
    variance_low: float
    variance_high: float
    risk_low: float
    risk_high: float
    bias_low_N: FloatArray
    bias_high_N: FloatArray
    variance_low_N: FloatArray
    variance_high_N: FloatArray
    risk_low_N: FloatArray
    risk_high_N: FloatArray
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
    variance_low: float
    variance_high: float
    data_variance_low: float
    data_variance_high: float
    initialization_variance_low: float
    initialization_variance_high: float
    interaction_low: float
    interaction_high: float
    variance_low_N: FloatArray
    variance_high_N: FloatArray
    data_variance_low_N: FloatArray
    data_variance_high_N: FloatArray
    initialization_variance_low_N: FloatArray
    initialization_variance_high_N: FloatArray
    interaction_low_N: FloatArray
    interaction_high_N: FloatArray


@dataclass(frozen=True)
class EnsembleRecord:
    """Squared-loss risk of the mean of K replicates: the law bias² + V/K + noise, and measured."""

    K: int
    n_groups: int
    """Disjoint groups of K replicates behind `measured`; replicates left over are not used."""
    noise: float
    law: float
    law_N: FloatArray
    law_low: float
    law_high: float
    law_low_N: FloatArray
    law_high_N: FloatArray
    measured: float
    measured_N: FloatArray
    measured_low: float
    measured_high: float
    """Over the groups, so NaN for fewer than 8 of them."""
