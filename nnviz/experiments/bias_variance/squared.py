"""Bias², variance and noise under squared loss.

Shapes: R replicates, N test points, B estimates at once, n a block of points.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from nnviz.experiments.bias_variance.checks import (
    noise_level,
    real_array,
    require_at_least,
    require_same_points,
)
from nnviz.experiments.bias_variance.jackknife import Terms, parts_with_intervals
from nnviz.experiments.bias_variance.measured import SquaredRecord
from nnviz.records import FloatArray


def squared_errors(predictions_RN: ArrayLike, truth_N: ArrayLike) -> FloatArray:
    """Prediction minus truth, shape (R, N), after refusing arrays that do not fit."""
    values_RN = real_array(predictions_RN, "predictions_RN", "RN")
    target_N = real_array(truth_N, "truth_N", "N")
    require_at_least(len(values_RN), 2, "predictions_RN", "R")
    require_same_points(values_RN.shape[1], len(target_N), "truth_N")
    return np.asarray(values_RN - target_N)


def squared_terms(kept_BR: FloatArray, errors_RN: FloatArray, noise: float) -> Terms:
    """Unbiased bias² and variance, and the risk, of each estimate at each point, (B, N).

    The errors are centred at their mean over all replicates first, so that a variance much
    smaller than the bias keeps its digits.
    """
    R_B1 = kept_BR.sum(axis=1, keepdims=True)
    center_N = errors_RN.mean(axis=0)
    centered_RN = errors_RN - center_N
    shift_BN = kept_BR @ centered_RN / R_B1
    variance_BN = (kept_BR @ centered_RN**2 - R_B1 * shift_BN**2) / (R_B1 - 1)
    return {
        "bias_squared": (center_N + shift_BN) ** 2 - variance_BN / R_B1,
        "variance": variance_BN,
        "risk": kept_BR @ errors_RN**2 / R_B1 + noise,
    }


def decompose_squared(
    predictions_RN: ArrayLike,
    truth_N: ArrayLike,
    noise_variance: float = 0.0,
    *,
    truth_is_noisy: bool = False,
) -> SquaredRecord:
    """Split the squared-loss risk of a model into bias², variance and noise (Geman et al. 1992).

    variance = Σ_r (f_r - mean f)² / (R - 1) and bias² = (mean f - t)² - variance / R, both
    unbiased at any R and never clipped; risk = mean_r (f_r - t)² + noise is their sum exactly.
    Shapes: predictions (R, N) of R replicates, noiseless truth (N,).
    Unit: the squared unit of the target; `noise_variance` is the known σ² of the targets.
    On real data, where only noisy targets are known, pass `truth_is_noisy=True`: the record
    then says that `bias_squared` contains the noise too, and `noise` is 0.
    Errors: ValueError or TypeError for arrays that do not fit, fewer than 2 replicates,
    non-finite predictions, a negative noise variance.
    """
    noise = noise_level(noise_variance)
    if truth_is_noisy and noise:
        raise ValueError(
            "noise_variance must be 0 when truth_is_noisy: the noise is in the bias² already; "
            f"got {noise_variance}"
        )
    errors_RN = squared_errors(predictions_RN, truth_N)
    R, N = errors_RN.shape

    def terms(kept_BR: FloatArray, points: slice) -> Terms:
        return squared_terms(kept_BR, errors_RN[:, points], noise)

    positive, signed = {"variance": 0.0, "risk": noise}, ("bias_squared",)
    return SquaredRecord(
        **parts_with_intervals(terms, (R,), N, positive=positive, signed=signed),
        noise=noise,
        noise_N=np.full(N, noise),
        mean_prediction_N=errors_RN.mean(axis=0) + np.asarray(truth_N, dtype=np.float64),
        risk_R=(errors_RN**2).mean(axis=1) + noise,
        bias_includes_noise=truth_is_noisy,
    )
