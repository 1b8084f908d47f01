"""What averaging K replicates does to the risk: the bias stays, the variance is divided by K.

Shapes: R replicates, N test points, K members of an ensemble, G disjoint groups of K.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from nnviz.experiments.bias_variance.checks import noise_level, whole_number
from nnviz.experiments.bias_variance.jackknife import Terms, interval, parts_with_intervals
from nnviz.experiments.bias_variance.measured import EnsembleRecord
from nnviz.experiments.bias_variance.squared import squared_errors, squared_terms
from nnviz.records import FloatArray


def ensemble_risk(
    predictions_RN: ArrayLike,
    truth_N: ArrayLike,
    K: int,
    noise_variance: float = 0.0,
) -> EnsembleRecord:
    """Squared-loss risk of the mean of K replicates: bias² + V/K + noise, beside the measured one.

    The law holds because replicates are independent (here on fresh training sets: for an
    ensemble on ONE training set only the initialization part of V is divided by K). `measured`
    averages the risk of disjoint groups of K replicates in their order; R mod K are left over.
    At K = 1 and at K = R the two agree exactly. Both are unbiased, and neither is clipped.
    Shapes: predictions (R, N), truth (N,). Unit: the squared unit of the target.
    Source: Geman et al. 1992; Breiman 1996. Errors: as `decompose_squared`, and K outside 1 … R.
    """
    noise = noise_level(noise_variance)
    errors_RN = squared_errors(predictions_RN, truth_N)
    R, N = errors_RN.shape
    K = whole_number(K, "K", 1, R)

    def terms(kept_BR: FloatArray, points: slice) -> Terms:
        parts = squared_terms(kept_BR, errors_RN[:, points], noise)
        return {"law": parts["bias_squared"] + parts["variance"] / K + noise}

    G = R // K
    mean_errors_GN = errors_RN[: G * K].reshape(G, K, N).mean(axis=1)
    risk_GN = mean_errors_GN**2 + noise
    risk_G1 = risk_GN.mean(axis=1, keepdims=True)
    error = risk_G1.std(axis=0, ddof=min(1, G - 1)) / np.sqrt(G)
    low, high = interval(risk_G1.mean(axis=0), error, G, noise)
    return EnsembleRecord(
        **parts_with_intervals(terms, (R,), N, positive={"law": noise}),
        K=K,
        n_groups=G,
        noise=noise,
        measured=float(risk_GN.mean()),
        measured_N=risk_GN.mean(axis=0),
        measured_low=float(low[0]),
        measured_high=float(high[0]),
    )
