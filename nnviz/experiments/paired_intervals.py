"""Intervals for many paired differences at once, by flipping the signs of whole seeds.

Shapes: S seeds, J differences, F sign flips.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from nnviz.randomness import numpy_generator
from nnviz.records import FloatArray

LEVEL = 0.05
MAX_EXACT_SEEDS = 12
N_RANDOM_FLIPS = 4096
ROUNDING = 1e-12


def simultaneous_intervals(
    differences_SJ: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    """Mean and half width of each difference; any true zero is left out with chance ≤ `level`.

    Half widths are infinite where so few seeds have too few sign flips: 2 / 2^S > level.
    Source: Nichols & Holmes 2002; random flips beyond 12 seeds as in Phipson & Smyth 2010.
    """
    S, J = differences_SJ.shape
    mean_J = differences_SJ.mean(axis=0)
    if not can_tell(S, level):
        return mean_J, np.full(J, np.inf)
    signs_FS = _signs(S)
    n_allowed = _n_allowed(S, level)
    centred_SJ = differences_SJ - mean_J
    centred_SJ[np.abs(centred_SJ) <= ROUNDING * np.abs(mean_J)] = 0
    factor = max(
        np.sort(_largest_t(signs_FS, values_SJ))[::-1][n_allowed]
        for values_SJ in (differences_SJ, centred_SJ)
    )
    error_J = differences_SJ.std(axis=0, ddof=1) / math.sqrt(S)
    equal_J = (differences_SJ == 0).all(axis=0)
    with np.errstate(invalid="ignore"):
        half_J = np.multiply(factor * (1 + 1e-9), error_J, where=~equal_J, out=np.zeros(J))
    return mean_J, np.where(np.isnan(half_J), np.inf, half_J)


def level_of_pair(n_pairs: int, level: float = LEVEL) -> float:
    """The error rate of one of several pairs: an equal share (Bonferroni), half of it at most.

    The half keeps two equal lanes from being told apart in one comparison of twenty, which a
    class of thirty would see.
    """
    return level / max(n_pairs, 2)


def least_seeds(level: float) -> int:
    """How many seeds it takes before any difference can be told from noise at this level."""
    return math.ceil(1 - math.log2(level) - 1e-9)


def can_tell(n_seeds: int, level: float) -> bool:
    """Whether any difference could be told from noise at this level."""
    return n_seeds >= 2 and _n_allowed(n_seeds, level) >= 2


def _n_allowed(S: int, level: float) -> int:
    """How many of the sign flips may be as extreme as what was measured, itself included."""
    return math.floor(level * (2**S if S <= MAX_EXACT_SEEDS else N_RANDOM_FLIPS) + 1e-9)


def _signs(S: int) -> FloatArray:
    if S <= MAX_EXACT_SEEDS:
        return np.array(list(itertools.product((1.0, -1.0), repeat=S)))
    drawn = numpy_generator(0).choice((1.0, -1.0), (N_RANDOM_FLIPS, S))
    drawn[0] = 1.0
    return np.asarray(drawn)


def _largest_t(signs_FS: FloatArray, values_SJ: FloatArray) -> FloatArray:
    """max_j |t| of the flipped differences, (F,); 0 / 0 counts as 0."""
    S = len(values_SJ)
    mean_FJ = signs_FS @ values_SJ / S
    square_J = (values_SJ**2).mean(axis=0)
    scale_J = np.where(square_J > 0, square_J, 1.0)
    share_FJ = np.minimum(mean_FJ**2 / scale_J, 1.0)
    share_FJ[share_FJ > 1 - ROUNDING] = 1.0
    with np.errstate(divide="ignore"):
        t_squared_FJ = (S - 1) * share_FJ / (1 - share_FJ)
    return np.asarray(np.sqrt(t_squared_FJ.max(axis=1)))
