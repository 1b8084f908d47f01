"""Train one model on the training set of every replicate and predict at common test points.

Shapes: R replicates, M training points, N test points, F inputs, P basis functions, K singular
values, r a block of replicates.
"""

from __future__ import annotations

from typing import assert_never

import numpy as np
from numpy.polynomial.chebyshev import chebvander
from numpy.typing import ArrayLike
from sklearn.neighbors import KNeighborsRegressor
from sklearn.tree import DecisionTreeRegressor

from nnviz.experiments.classical_models.specs import (
    ClassicalModelSpec,
    NeighborsSpec,
    PolynomialSpec,
    RandomFeaturesSpec,
    TreeSpec,
)
from nnviz.experiments.classical_models.training_sets import random_stream
from nnviz.records import FloatArray

BLOCK_NUMBERS = 4_000_000
"""Numbers in one block's array of features at most: 32 MB."""


def predictions_over_replicates(
    model: ClassicalModelSpec,
    x_RMF: ArrayLike,
    y_RM: ArrayLike,
    x_NF: ArrayLike,
    seed: int = 0,
) -> FloatArray:
    """What the model, trained on each replicate's own data, predicts at common test points.

    Shapes: inputs (R, M, F) or (R, M), targets (R, M), test inputs (N, F) or (N,); gives (R, N).
    Random features and the order in which a tree tries its inputs come from `seed`, in streams
    of their own; replicate r is the same whatever R is.
    Errors: ValueError for shapes that do not fit, non-finite numbers, more inputs or neighbours
    than the model can have. Sources: random features Rahimi & Recht 2007, their double descent
    Belkin et al. 2019; nearest neighbours and trees are scikit-learn's.
    """
    x, y, x_test = _checked(x_RMF, y_RM, x_NF)
    match model:
        case PolynomialSpec():
            return _polynomial(model, x, y, x_test)
        case RandomFeaturesSpec():
            return _random_features(model, x, y, x_test, seed)
        case NeighborsSpec():
            return _neighbors(model, x, y, x_test)
        case TreeSpec():
            return _trees(model, x, y, x_test, seed)
        case _:
            assert_never(model)


def least_squares(features_RMP: FloatArray, y_RM: FloatArray, ridge: float = 0.0) -> FloatArray:
    """Weights (R, P) minimizing mean squared error + ridge·‖w‖² on each replicate.

    Without a ridge this is the solution of least norm: it interpolates where P >= M (ridgeless,
    the limit of ridge → 0; Hastie et al. 2022). Singular values below max(M, P)·eps of the
    largest count as 0, as in `numpy.linalg.matrix_rank`.
    """
    _, M, P = features_RMP.shape
    U_RMK, s_RK, Vt_RKP = np.linalg.svd(features_RMP, full_matrices=False)
    cutoff_R1 = s_RK[:, :1] * max(M, P) * np.finfo(np.float64).eps
    kept_RK = s_RK > cutoff_R1
    gain_RK = np.divide(s_RK, s_RK**2 + ridge * M, out=np.zeros_like(s_RK), where=kept_RK)
    scores_RK = gain_RK * (U_RMK.mT @ y_RM[:, :, None])[..., 0]
    return np.asarray((Vt_RKP.mT @ scores_RK[:, :, None])[..., 0])


def _polynomial(
    model: PolynomialSpec, x_RMF: FloatArray, y_RM: FloatArray, x_NF: FloatArray
) -> FloatArray:
    if x_NF.shape[1] != 1:
        raise ValueError(f"a polynomial takes 1 input; got {x_NF.shape[1]}")
    weights_RP = least_squares(chebvander(x_RMF[..., 0], model.degree), y_RM, model.ridge)
    return np.asarray(weights_RP @ chebvander(x_NF[:, 0], model.degree).T)


def _random_features(
    model: RandomFeaturesSpec, x_RMF: FloatArray, y_RM: FloatArray, x_NF: FloatArray, seed: int
) -> FloatArray:
    (R, M, F), P = x_RMF.shape, model.n_features
    weights, biases = random_stream(seed, "weights"), random_stream(seed, "biases")
    predictions_RN = np.empty((R, len(x_NF)))
    frozen = model.initialization == "frozen"
    block = max(1, BLOCK_NUMBERS // (P * max(M, len(x_NF))))
    for start in range(0, R, block):
        rows = slice(start, min(start + block, R))
        if start == 0 or not frozen:
            n = 1 if frozen else rows.stop - start
            W_rFP, b_r1P = weights.standard_normal((n, F, P)), biases.standard_normal((n, 1, P))
        features_rMP = np.maximum(x_RMF[rows] @ W_rFP + b_r1P, 0) / np.sqrt(P)
        weights_rP = least_squares(features_rMP, y_RM[rows], model.ridge)
        features_rNP = np.maximum(x_NF @ W_rFP + b_r1P, 0) / np.sqrt(P)
        predictions_RN[rows] = (features_rNP @ weights_rP[:, :, None])[..., 0]
    return predictions_RN


def _neighbors(
    model: NeighborsSpec, x_RMF: FloatArray, y_RM: FloatArray, x_NF: FloatArray
) -> FloatArray:
    n_samples = x_RMF.shape[1]
    if model.n_neighbors > n_samples:
        raise ValueError(
            f"n_neighbors must be at most the {n_samples} training points; got {model.n_neighbors}"
        )
    regressor = KNeighborsRegressor(model.n_neighbors)
    return np.stack(
        [regressor.fit(x_MF, y_M).predict(x_NF) for x_MF, y_M in zip(x_RMF, y_RM, strict=True)]
    )


def _trees(
    model: TreeSpec, x_RMF: FloatArray, y_RM: FloatArray, x_NF: FloatArray, seed: int
) -> FloatArray:
    seeds_R = random_stream(seed, "trees").integers(2**31, size=len(x_RMF))
    predictions_RN = np.empty((len(x_RMF), len(x_NF)))
    for r, (x_MF, y_M, tree_seed) in enumerate(zip(x_RMF, y_RM, seeds_R, strict=True)):
        tree = DecisionTreeRegressor(
            max_depth=model.max_depth,
            min_samples_leaf=model.min_samples_leaf,
            random_state=int(tree_seed),
        )
        predictions_RN[r] = tree.fit(x_MF, y_M).predict(x_NF)
    return predictions_RN


def _checked(
    x_RMF: ArrayLike, y_RM: ArrayLike, x_NF: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    x, y, x_test = (np.asarray(a, dtype=np.float64) for a in (x_RMF, y_RM, x_NF))
    x = x[..., None] if x.ndim == 2 else x
    x_test = x_test[:, None] if x_test.ndim == 1 else x_test
    if x.ndim != 3 or x_test.ndim != 2 or x.shape[2] != x_test.shape[1] or y.shape != x.shape[:2]:
        raise ValueError(
            "training inputs, targets and test inputs must have shapes (R, M, F), (R, M) and "
            f"(N, F), or (R, M), (R, M) and (N,); got {np.shape(x_RMF)}, {np.shape(y_RM)} and "
            f"{np.shape(x_NF)}"
        )
    if min(x.size, x_test.size) == 0:
        raise ValueError(f"data must not be empty; got {x.shape} and {x_test.shape}")
    for name, array in (("x_RMF", x), ("y_RM", y), ("x_NF", x_test)):
        if not np.isfinite(array).all():
            raise ValueError(f"{name} must be finite; got {np.sum(~np.isfinite(array))} others")
    return x, y, x_test
