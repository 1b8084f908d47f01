"""What was measured of losses.

Shapes: N samples, C classes, Z points of a curve, W class weights tried, T steps.
"""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.records import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class CrossEntropyRecord:
    """Cross-entropy from logits, one step after another.

    `loss_N` is each sample's loss with its weights (0 where ignored), `divisor` what "mean"
    divides by, `loss` the reduced value (NaN for reduction "none", and for a mean over nothing),
    `reference_N` what torch's own function gives (one number, or one a sample for "none").
    """

    logits_NC: FloatArray
    target_N: IntArray
    softmax_NC: FloatArray
    log_softmax_NC: FloatArray
    target_share_NC: FloatArray
    """Label of each sample as a distribution: one-hot, or smoothed."""
    weight_C: FloatArray
    ignored_N: BoolArray
    loss_N: FloatArray
    divisor: float
    loss: float
    reference_N: FloatArray
    gradient_NC: FloatArray
    """∂(reduced loss)/∂logits; of the sum for reduction "none"."""


@dataclass(frozen=True)
class ImbalanceRecord:
    """Two Gaussians, few of class 1 and many of class 0, and linear classifiers between them.

    The classifiers minimize cross-entropy with weight w on class 1: one for each of W weights,
    from 1 on, the chosen one at `chosen`. Recalls are measured on a fresh balanced test set.
    """

    points_N2: FloatArray
    label_N: IntArray
    weight_W: FloatArray
    chosen: int
    line_W3: FloatArray
    """Weights and bias of the logit w·x + b of class 1; the boundary is where it is 0."""
    minority_recall_W: FloatArray
    majority_recall_W: FloatArray
    expected_minority_W: FloatArray
    """Recall of class 1 for the best boundary, from the Gaussians themselves."""
    balanced_weight: float
    """Weight with which both classes count the same: majority over minority."""
    sum_of_weights: float
    weighted_sum: float
    """Σ w·loss over the training points for the chosen classifier."""
    mean_loss: float
    """What torch's "mean" gives: Σ w·loss / Σ w."""
    per_sample: float
    """Σ w·loss / N, which it is not."""


@dataclass(frozen=True)
class LossCurveRecord:
    """One loss of one sample as a function of the network's output, and its derivative."""

    name: str
    output_Z: FloatArray
    loss_Z: FloatArray
    gradient_Z: FloatArray


@dataclass(frozen=True)
class SaturationRecord:
    """One sigmoid unit with target 1, started at a logit z₀, under one loss."""

    name: str
    z_Z: FloatArray
    loss_Z: FloatArray
    gradient_Z: FloatArray
    probability_T: FloatArray
    z_T: FloatArray
    step_half: int | None
    """First step at which the answer is right (p > 0.5); None if it never is."""
