"""Variance split by its cause: the draw of the training set and the draw of the initialization.

Shapes: D data sets, I initializations, N test points, B estimates at once, n a block of points.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from nnviz.experiments.bias_variance.checks import real_array, require_at_least
from nnviz.experiments.bias_variance.jackknife import Terms, parts_with_intervals
from nnviz.experiments.bias_variance.measured import VarianceSplitRecord
from nnviz.records import FloatArray

SplitDesign = Literal["nested", "crossed"]
DESIGNS: tuple[SplitDesign, ...] = ("nested", "crossed")


def split_terms(
    kept_BD: FloatArray, kept_BI: FloatArray, centered_DIN: FloatArray, design: SplitDesign
) -> Terms:
    """The variance components of each estimate at each point, (B, N), by the method of moments."""
    D, I = (kept.sum(axis=1, keepdims=True) for kept in (kept_BD, kept_BI))  # noqa: E741
    row_BDN = np.tensordot(kept_BI, centered_DIN, axes=(1, 1)) / I[:, :, None]
    column_BIN = np.tensordot(kept_BD, centered_DIN, axes=(1, 0)) / D[:, :, None]
    grand_BN = np.einsum("bd,bdn->bn", kept_BD, row_BDN) / D
    rows_BN = np.einsum("bd,bdn->bn", kept_BD, row_BDN**2) - D * grand_BN**2
    columns_BN = np.einsum("bi,bin->bn", kept_BI, column_BIN**2) - I * grand_BN**2
    square_BIN = np.tensordot(kept_BD, centered_DIN**2, axes=(1, 0))
    total_BN = np.einsum("bi,bin->bn", kept_BI, square_BIN) - D * I * grand_BN**2
    within_BN = (total_BN - I * rows_BN) / (D * (I - 1))
    interaction_BN = (total_BN - I * rows_BN - D * columns_BN) / ((D - 1) * (I - 1))
    excess_BN = within_BN if design == "nested" else interaction_BN
    between_BN = rows_BN / (D - 1) - excess_BN / I
    return {
        "variance": between_BN + within_BN,
        "data_variance": between_BN,
        "initialization_variance": within_BN,
        "interaction": np.full_like(within_BN, np.nan) if design == "nested" else interaction_BN,
    }


def split_variance(
    predictions_DIN: ArrayLike,
    *,
    design: SplitDesign = "nested",
) -> VarianceSplitRecord:
    """Split V = Var_D E_init + E_D Var_init, the law of total variance (Neal et al. 2018).

    initialization_variance = mean over D of the variance over I (ddof 1). The variance over D of
    the means over I (ddof 1) is too large by what is left of the initialization in a mean of I:
    `nested`, a fresh initialization for every training, f = m + a_d + e_di: that is
    initialization_variance / I, as in the one-way random-effects analysis of variance.
    `crossed`, the same I initializations on every data set, f = m + a_d + b_i + c_di: the b_i
    cancel between data sets and only interaction / I is taken off, where interaction =
    Σ (f_di - f_d. - f_.i + f..)² / ((D - 1)(I - 1)) estimates Var c (Searle et al. 1992).
    Each part is unbiased and never clipped. Intervals leave out whole data sets in turn (nested)
    or data sets and initializations alike (crossed; Owen 2007, errs on the wide side).
    Shapes: predictions (D, I, N). Unit: the squared unit of the prediction.
    Errors: ValueError or TypeError for D < 2, I < 2, wrong shapes, non-finite predictions.
    """
    if design not in DESIGNS:
        raise ValueError(f"design must be one of {', '.join(DESIGNS)}; got {design!r}")
    values_DIN = real_array(predictions_DIN, "predictions_DIN", "DIN")
    D, I, N = values_DIN.shape  # noqa: E741
    require_at_least(D, 2, "predictions_DIN", "D")
    require_at_least(I, 2, "predictions_DIN", "I")
    centered_DIN = values_DIN - values_DIN.mean(axis=(0, 1))

    def terms(kept_BD: FloatArray, kept_BI: FloatArray, points: slice) -> Terms:
        return split_terms(kept_BD, kept_BI, centered_DIN[:, :, points], design)

    drawn, fixed = ((D,), (I,)) if design == "nested" else ((D, I), ())
    positive = dict.fromkeys(("variance", "initialization_variance", "interaction"), 0.0)
    fields = parts_with_intervals(
        terms, drawn, N, positive=positive, signed=("data_variance",), fixed=fixed, held=max(D, I)
    )
    return VarianceSplitRecord(**fields)
