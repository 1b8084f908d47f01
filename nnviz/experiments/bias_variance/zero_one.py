"""Bias and variance under 0-1 loss: Domingos (2000), and Kohavi & Wolpert (1996).

Shapes: R replicates, N test points, C classes, B estimates at once, n a block of points.
"""

from __future__ import annotations

from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike

from nnviz.experiments.bias_variance.checks import (
    class_array,
    require_at_least,
    require_same_points,
    whole_number,
)
from nnviz.experiments.bias_variance.jackknife import Terms, parts_with_intervals
from nnviz.experiments.bias_variance.measured import DomingosRecord, KohaviWolpertRecord
from nnviz.records import FloatArray, IntArray

ZeroOneMethod = Literal["domingos", "kohavi_wolpert"]
METHODS: tuple[ZeroOneMethod, ...] = ("domingos", "kohavi_wolpert")


def _votes(kept_BR: FloatArray, predicted_RN: IntArray, n_classes: int) -> FloatArray:
    """Votes for each class, shape (B, N, C): whole numbers, so that ties are exact."""
    R, N = predicted_RN.shape
    one_hot_RNC = (predicted_RN[:, :, None] == np.arange(n_classes)).astype(np.float64)
    return np.asarray(kept_BR @ one_hot_RNC.reshape(R, -1)).reshape(-1, N, n_classes)


def _at_label(values_BNC: FloatArray, labels_N: IntArray) -> FloatArray:
    return np.asarray(values_BNC[:, np.arange(len(labels_N)), labels_N])


def domingos_terms(votes_BNC: FloatArray, labels_N: IntArray) -> Terms:
    """Bias, variance, its signed contribution and the error of each estimate, (B, N)."""
    R_B1 = votes_BNC[:, 0].sum(axis=1, keepdims=True)
    biased_BN = votes_BNC.argmax(axis=2) != labels_N
    correct_BN = _at_label(votes_BNC, labels_N) / R_B1
    variance_BN = 1.0 - votes_BNC.max(axis=2) / R_B1
    return {
        "bias": biased_BN.astype(np.float64),
        "variance": variance_BN,
        "variance_contribution": np.where(biased_BN, -correct_BN, variance_BN),
        "risk": 1.0 - correct_BN,
    }


def kohavi_wolpert_terms(votes_BNC: FloatArray, labels_N: IntArray) -> Terms:
    """Unbiased bias² and variance, and the error, of each estimate, (B, N)."""
    R_B1 = votes_BNC[:, 0].sum(axis=1, keepdims=True)
    share_BNC = votes_BNC / R_B1[:, :, None]
    one_hot_NC = labels_N[:, None] == np.arange(votes_BNC.shape[2])
    correction_BN = 0.5 * (share_BNC * (1 - share_BNC)).sum(axis=2) / (R_B1 - 1)
    return {
        "bias_squared": 0.5 * ((one_hot_NC - share_BNC) ** 2).sum(axis=2) - correction_BN,
        "variance": 0.5 * (1 - (share_BNC**2).sum(axis=2)) + correction_BN,
        "risk": 1.0 - _at_label(share_BNC, labels_N),
    }


@overload
def decompose_zero_one(
    predicted_RN: ArrayLike,
    labels_N: ArrayLike,
    n_classes: int,
    method: Literal["domingos"] = "domingos",
) -> DomingosRecord: ...
@overload
def decompose_zero_one(
    predicted_RN: ArrayLike,
    labels_N: ArrayLike,
    n_classes: int,
    method: Literal["kohavi_wolpert"],
) -> KohaviWolpertRecord: ...
@overload
def decompose_zero_one(
    predicted_RN: ArrayLike,
    labels_N: ArrayLike,
    n_classes: int,
    method: ZeroOneMethod,
) -> DomingosRecord | KohaviWolpertRecord: ...
def decompose_zero_one(
    predicted_RN: ArrayLike,
    labels_N: ArrayLike,
    n_classes: int,
    method: ZeroOneMethod = "domingos",
) -> DomingosRecord | KohaviWolpertRecord:
    """Split the error rate of a classifier into a part from bias and a part from variance.

    `domingos`: main = mode of the votes, bias = [main != y], variance = P(pred != main), and
    error = mean(bias + variance_contribution), where the contribution is +variance on unbiased
    points and -P(pred = y) on biased ones (with two classes: (1 - 2·bias)·variance).
    `kohavi_wolpert`: with vote shares p and the one-hot label T, bias² = ½ Σ (T - p)² - corr and
    variance = ½ (1 - Σ p²) + corr, corr = ½ Σ p(1 - p) / (R - 1); unbiased, and error = their sum.
    Shapes: predicted classes (R, N), labels (N,), both integers 0 … C - 1. Unit: a share of 1.
    Domingos' parts move with R, so only his error gets an interval.
    A tie in the mode goes to the lowest class index and is reported in `tied_N`.
    Errors: ValueError or TypeError for shapes, dtypes or classes that do not fit, R < 2.
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}; got {method!r}")
    C = whole_number(n_classes, "n_classes", 2)
    votes_RN = class_array(predicted_RN, "predicted_RN", "RN", C)
    truth_N = class_array(labels_N, "labels_N", "N", C)
    R, N = votes_RN.shape
    require_at_least(R, 2, "predicted_RN", "R")
    require_same_points(N, len(truth_N), "labels_N")
    formula = domingos_terms if method == "domingos" else kohavi_wolpert_terms

    def terms(kept_BR: FloatArray, points: slice) -> Terms:
        return formula(_votes(kept_BR, votes_RN[:, points], C), truth_N[points])

    noise: dict[str, Any] = {"noise": 0.0, "noise_N": np.zeros(N)}
    if method == "kohavi_wolpert":
        positive, signed = {"variance": 0.0, "risk": 0.0}, ("bias_squared",)
        fields = parts_with_intervals(terms, (R,), N, positive=positive, signed=signed, held=C)
        return KohaviWolpertRecord(**fields, **noise)
    fields = parts_with_intervals(terms, (R,), N, positive={"risk": 0.0}, held=C)
    votes_NC = _votes(np.ones((1, R)), votes_RN, C)[0]
    tied_N = (votes_NC == votes_NC.max(axis=1, keepdims=True)).sum(axis=1) > 1
    return DomingosRecord(**fields, **noise, main_N=votes_NC.argmax(axis=1), tied_N=tied_N)
