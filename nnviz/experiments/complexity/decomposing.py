"""Bias, variance, noise and risk at one value of the axis, under each loss.

Shapes: R replicates, N evaluation points, C classes, G points of a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

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
)
from nnviz.records import BoolArray, FloatArray, IntArray

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
    if not pieces:
        return None
    every = np.concatenate([piece.answers[piece.places.index(place)] for piece in pieces])
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
    )
    lower, upper = np.quantile(found.risk_R, [0.25, 0.75])
    return {
        **_part(found, "bias", "bias_squared"),
        "median_risk": found.median_risk,
        "lower_quartile": float(lower),
        "upper_quartile": float(upper),
        **_shared(found),
    }


def _classes(
    logs_RNC: FloatArray, loss: RecordLoss, evaluation: EvaluationRecord
) -> dict[str, Any]:
    assert evaluation.labels_N is not None
    labels_N, n_classes = evaluation.labels_N, logs_RNC.shape[2]
    match loss:
        case "cross_entropy":
            found = decompose_cross_entropy(logs_RNC, labels_N)
            main_N = found.main_log_probabilities_NC.argmax(axis=1)
            return {**_part(found, "bias"), "main_N": main_N, **_shared(found)}
        case "brier":
            return _brier(logs_RNC, labels_N)
        case "domingos" | "kohavi_wolpert":
            return _zero_one(logs_RNC.argmax(axis=2), labels_N, n_classes, loss)
        case "squared":
            raise ValueError("classes have no squared loss; choose brier")
        case _:
            assert_never(loss)


def _zero_one(
    predicted_RN: IntArray, labels_N: IntArray, n_classes: int, method: ZeroOneMethod
) -> dict[str, Any]:
    split = decompose_zero_one(predicted_RN, labels_N, n_classes, method)
    if isinstance(split, DomingosRecord):
        return {
            **_part(split, "risk"),
            "noise": split.noise,
            "bias": split.bias,
            "bias_N": split.bias_N,
            "variance": split.variance_contribution,
            "variance_N": split.variance_N,
            "spread": split.variance,
            "tied_fraction": split.tied_fraction,
            "main_N": split.main_N,
        }
    votes_NC = np.stack([(predicted_RN == c).sum(axis=0) for c in range(n_classes)], axis=1)
    main_N = votes_NC.argmax(axis=1)
    return {**_part(split, "bias", "bias_squared"), "main_N": main_N, **_shared(split)}


def _brier(logs_RNC: FloatArray, labels_N: IntArray) -> dict[str, Any]:
    """Squared error of the probabilities against one-hot labels, summed over the classes."""
    R, N, C = logs_RNC.shape
    probabilities_RK = np.exp(logs_RNC).reshape(R, N * C)
    one_hot_K = (labels_N[:, None] == np.arange(C)).astype(float).reshape(-1)
    found = decompose_squared(probabilities_RK, one_hot_K)
    parts = {**_part(found, "bias", "bias_squared"), **_shared(found)}
    fields = {
        name: value.reshape(N, C).sum(axis=1) if name.endswith("_N") else C * value
        for name, value in parts.items()
    }
    main_N = found.mean_prediction_N.reshape(N, C).argmax(axis=1)
    return {**fields, "main_N": main_N}


def _shared(found: Any) -> dict[str, Any]:
    return {**_part(found, "variance"), **_part(found, "risk"), "noise": found.noise}


def _part(found: Any, name: str, own: str | None = None) -> dict[str, Any]:
    """One part with its interval and its values at the points; `own` is its name in `found`."""
    return {
        f"{name}{ending}": getattr(found, f"{own or name}{ending}")
        for ending in ("", "_low", "_high", "_N")
    }


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
    lines_RG = answers_RN
    if not evaluation.line_is_points:
        drawn = [p.lines_VRG[p.places.index(place)] for p in pieces if p.lines_VRG is not None]
        lines_RG = np.concatenate(drawn)[kept_R].astype(np.float64)
    found = decompose_squared(lines_RG, evaluation.line_truth_G)
    return {
        "lines_RG": lines_RG[:N_LINES].astype(np.float32),
        "mean_line_G": found.mean_prediction_N,
        "bias_line_G": found.bias_squared_N,
        "variance_line_G": found.variance_N,
    }
