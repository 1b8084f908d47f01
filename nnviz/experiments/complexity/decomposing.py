"""Bias, variance, noise and risk at one value of the axis, under each loss.

Shapes: R replicates, N evaluation points, C classes, G points of a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.experiments.bias_variance import (
    DomingosRecord,
    decompose_cross_entropy,
    decompose_squared,
    decompose_zero_one,
)
from nnviz.experiments.bias_variance.zero_one import ZeroOneMethod
from nnviz.experiments.complexity.records import (
    EvaluationRecord,
    PieceRecord,
    RecordLoss,
    ValueRecord,
    finite_rows,
    joined,
)
from nnviz.records import BoolArray, FloatArray, IntArray

N_RESAMPLES = 100
N_LINES = 40
LEAST_REPLICATES = 2


def value_record(
    value: float,
    place: int,
    loss: RecordLoss,
    pieces: Sequence[PieceRecord],
    evaluation: EvaluationRecord,
) -> ValueRecord | None:
    """All pieces at one value of the axis, decomposed; None for fewer than two replicates.

    Replicates that have diverged are left out and counted.
    """
    every = joined([piece.answers[piece.places.index(place)] for piece in pieces])
    if every is None:
        return None
    kept_R = finite_rows(every)
    answers = every[kept_R].astype(np.float64)
    if len(answers) < LEAST_REPLICATES:
        return None
    counts: dict[str, Any] = {"n_replicates": len(answers), "n_diverged": int((~kept_R).sum())}
    if loss == "squared":
        fields = _squared(answers, pieces[0].noise_variance, evaluation)
        fields |= _lines(place, pieces, kept_R, evaluation, answers)
        fields |= {"train_x": pieces[0].train_x, "train_y": pieces[0].train_y}
    else:
        fields = _classes(answers, loss, evaluation)
        surfaces = pieces[0].surfaces_VKHH
        if surfaces is not None:
            fields["surfaces_KHH"] = surfaces[pieces[0].places.index(place)]
    return ValueRecord(value=value, loss=loss, **counts, **fields)


def _squared(
    answers_RN: FloatArray, noise_variance: float, evaluation: EvaluationRecord
) -> dict[str, Any]:
    assert evaluation.truth_N is not None
    noise = 0.0 if evaluation.truth_is_noisy else noise_variance
    found = decompose_squared(
        answers_RN,
        evaluation.truth_N,
        noise,
        truth_is_noisy=evaluation.truth_is_noisy,
        n_resamples=N_RESAMPLES,
    )
    low, high = np.quantile(found.risk_R, [0.25, 0.75])
    return {
        "bias": found.bias_squared,
        "bias_se": found.bias_squared_se,
        "bias_N": found.bias_squared_N,
        "median_risk": found.median_risk,
        "low_risk": float(low),
        "high_risk": float(high),
        **_shared(found),
    }


def _classes(
    logs_RNC: FloatArray, loss: RecordLoss, evaluation: EvaluationRecord
) -> dict[str, Any]:
    assert evaluation.labels_N is not None
    labels_N, n_classes = evaluation.labels_N, logs_RNC.shape[2]
    if loss == "cross_entropy":
        found = decompose_cross_entropy(logs_RNC, labels_N, n_resamples=N_RESAMPLES)
        main_N = found.main_log_probabilities_NC.argmax(axis=1)
        own = {"bias": found.bias, "bias_se": found.bias_se, "bias_N": found.bias_N}
        return {**own, "main_N": main_N, **_shared(found)}
    if loss == "brier":
        return _brier(logs_RNC, labels_N)
    predicted_RN = logs_RNC.argmax(axis=2)
    method: ZeroOneMethod = "domingos" if loss == "domingos" else "kohavi_wolpert"
    split = decompose_zero_one(predicted_RN, labels_N, n_classes, method, n_resamples=N_RESAMPLES)
    if isinstance(split, DomingosRecord):
        return {
            **_shared(split),
            "bias": split.bias,
            "bias_se": split.bias_se,
            "bias_N": split.bias_N,
            "variance": split.variance_contribution,
            "variance_se": split.variance_contribution_se,
            "spread": split.variance,
            "spread_se": split.variance_se,
            "tied_fraction": split.tied_fraction,
            "main_N": split.main_N,
        }
    own = {"bias": split.bias_squared, "bias_se": split.bias_squared_se}
    votes_NC = np.stack([(predicted_RN == c).sum(axis=0) for c in range(n_classes)], axis=1)
    shown = {"bias_N": split.bias_squared_N, "main_N": votes_NC.argmax(axis=1)}
    return {**_shared(split), **own, **shown}


def _brier(logs_RNC: FloatArray, labels_N: IntArray) -> dict[str, Any]:
    """Squared error of the probabilities against one-hot labels, summed over the classes."""
    R, N, C = logs_RNC.shape
    probabilities_RK = np.exp(logs_RNC).reshape(R, N * C)
    one_hot_K = (labels_N[:, None] == np.arange(C)).astype(float).reshape(-1)
    found = decompose_squared(probabilities_RK, one_hot_K, n_resamples=N_RESAMPLES)
    fields: dict[str, Any] = {"noise": 0.0}
    for name, own in (("bias", "bias_squared"), ("variance", "variance"), ("risk", "risk")):
        fields[name] = C * getattr(found, own)
        fields[f"{name}_se"] = C * getattr(found, f"{own}_se")
        fields[f"{name}_N"] = getattr(found, f"{own}_N").reshape(N, C).sum(axis=1)
    main_N = found.mean_prediction_N.reshape(N, C).argmax(axis=1)
    return {**fields, "main_N": main_N}


def _shared(found: Any) -> dict[str, Any]:
    names = ("variance", "noise", "risk", "variance_se", "risk_se", "variance_N", "risk_N")
    return {name: getattr(found, name) for name in names}


def _lines(
    place: int,
    pieces: Sequence[PieceRecord],
    kept_R: BoolArray,
    evaluation: EvaluationRecord,
    answers_RN: FloatArray,
) -> dict[str, Any]:
    """The fits along the line, with bias² and variance there."""
    if evaluation.line_truth_G is None:
        return {}
    lines_RG: FloatArray | None = answers_RN
    if not evaluation.line_is_points:
        drawn = [
            None if p.lines_VRG is None else p.lines_VRG[p.places.index(place)] for p in pieces
        ]
        every = joined(drawn)
        lines_RG = None if every is None else every[kept_R].astype(np.float64)
    if lines_RG is None:
        return {}
    found = decompose_squared(lines_RG, evaluation.line_truth_G, n_resamples=0)
    return {
        "lines_RG": lines_RG[:N_LINES].astype(np.float32),
        "mean_line_G": found.mean_prediction_N,
        "bias_line_G": found.bias_squared_N,
        "variance_line_G": found.variance_N,
    }
