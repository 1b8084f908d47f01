"""Bias and variance under cross-entropy, with the geometric mean as main prediction.

Shapes: R replicates, N test points, C classes, B estimates at once, n a block of points.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from nnviz.experiments.bias_variance.checks import (
    class_array,
    real_array,
    require_at_least,
    require_same_points,
)
from nnviz.experiments.bias_variance.jackknife import Terms, parts_with_intervals
from nnviz.experiments.bias_variance.measured import CrossEntropyRecord
from nnviz.records import FloatArray, IntArray

SUM_TOLERANCE = 1e-3
"""How far log Σ p may be from 0: wide enough for half-precision log_softmax."""


def log_sum_exp(values: FloatArray) -> FloatArray:
    """log Σ exp over the last axis without overflow or underflow."""
    largest = values.max(axis=-1, keepdims=True)
    return np.asarray(np.log(np.exp(values - largest).sum(axis=-1)) + largest[..., 0])


def cross_entropy_terms(mean_log_BNC: FloatArray, labels_N: IntArray, R_B1: FloatArray) -> Terms:
    """Bias, variance and risk from mean_r log π_r over R_B1 replicates, (B, N) each, in nats.

    With A = log Σ_c exp(mean_r log π_r), the geometric mean is π̄ = exp(mean_r log π_r - A), so
    mean_r KL(π̄ ‖ π_r) = Σ_c π̄ (log π̄ - mean_r log π_r) = -A: no small probability is formed.
    """
    risk_BN = -mean_log_BNC[:, np.arange(len(labels_N)), labels_N]
    plug_in_BN = -log_sum_exp(mean_log_BNC)
    variance_BN = plug_in_BN * (R_B1 / (R_B1 - 1))
    return {
        "bias": risk_BN - variance_BN,
        "variance": variance_BN,
        "risk": risk_BN,
        "bias_plug_in": risk_BN - plug_in_BN,
        "variance_plug_in": plug_in_BN,
    }


def _checked(log_probabilities_RNC: ArrayLike) -> FloatArray:
    logs_RNC = real_array(log_probabilities_RNC, "log_probabilities_RNC", "RNC")
    R, _, C = logs_RNC.shape
    require_at_least(R, 2, "log_probabilities_RNC", "R")
    require_at_least(C, 2, "log_probabilities_RNC", "C")
    sums_RN = log_sum_exp(logs_RNC)
    worst = float(sums_RN.flat[int(np.abs(sums_RN).argmax())])
    if abs(worst) > SUM_TOLERANCE:
        raise ValueError(
            "log_probabilities_RNC must be logarithms of probabilities that sum to 1 over the "
            f"classes (log_softmax gives them); got a log-sum of {worst:.3g} where 0 belongs"
        )
    return logs_RNC


def decompose_cross_entropy(
    log_probabilities_RNC: ArrayLike, labels_N: ArrayLike
) -> CrossEntropyRecord:
    """Split the cross-entropy of a classifier into bias and variance (Yang et al. 2020).

    The main prediction is the geometric mean π̄ ∝ exp(mean_r log π_r), which minimizes
    mean_r KL(π̄ ‖ π_r). Plug-in: variance = mean_r KL(π̄ ‖ π_r), bias = -log π̄(y). Reported first
    is the first-order correction for finite R, variance·R/(R - 1) and bias = risk - variance; it
    is exact to second order in the spread of log π, not an unbiased estimate. Nothing is clipped.
    Shapes: log probabilities (R, N, C) from log_softmax, labels (N,). Unit: nats.
    Errors: ValueError or TypeError for shapes, dtypes or labels that do not fit, R < 2, a
    non-finite logarithm (softmax().log() underflows to -inf), rows that do not sum to 1.
    """
    logs_RNC = _checked(log_probabilities_RNC)
    R, N, C = logs_RNC.shape
    truth_N = class_array(labels_N, "labels_N", "N", C)
    require_same_points(N, len(truth_N), "labels_N")

    def terms(kept_BR: FloatArray, points: slice) -> Terms:
        block_RnC, R_B1 = logs_RNC[:, points], kept_BR.sum(axis=1, keepdims=True)
        mean_log_BK = kept_BR @ block_RnC.reshape(R, -1) / R_B1
        return cross_entropy_terms(
            mean_log_BK.reshape(-1, *block_RnC.shape[1:]), truth_N[points], R_B1
        )

    mean_log_NC = logs_RNC.mean(axis=0)
    return CrossEntropyRecord(
        **parts_with_intervals(
            terms, (R,), N, positive={"variance": 0.0, "risk": 0.0}, signed=("bias",), held=C
        ),
        noise=0.0,
        noise_N=np.zeros(N),
        main_log_probabilities_NC=mean_log_NC - log_sum_exp(mean_log_NC)[:, None],
    )
