"""Which of two lanes diverges more often: a lane that diverges has lost on that seed.

Shapes: S seeds.
"""

from __future__ import annotations

import math

import numpy as np

from nnviz.experiments.paired_intervals import can_tell
from nnviz.experiments.verdict_records import StabilityRecord
from nnviz.records import BoolArray


def stability(first_S: BoolArray, second_S: BoolArray, level: float) -> StabilityRecord:
    """Compare on which seeds two lanes have diverged, with a chance of a wrong claim ≤ `level`."""
    alone = int((first_S & ~second_S).sum()), int((second_S & ~first_S).sum())
    p_value = sign_test(*alone)
    return StabilityRecord(
        n_seeds=len(first_S),
        n_diverged=(int(first_S.sum()), int(second_S.sum())),
        n_alone=alone,
        p_value=p_value,
        ahead=int(np.sign(alone[1] - alone[0])) if p_value <= level else 0,
    )


def sign_test(n_first: int, n_second: int) -> float:
    """Two-sided p-value of the exact sign test: each case is as likely to be either's."""
    n = n_first + n_second
    tail = sum(math.comb(n, k) for k in range(min(n_first, n_second) + 1))
    return min(1.0, 2.0 * tail / 2.0**n)


def shared_levels(level: float, n_alone: int, n_left: int) -> tuple[float, float]:
    """A pair's error rate, shared between its divergences and its curves.

    `n_alone` seeds have one lane diverged, on `n_left` both stayed finite. Neither number depends
    on which lane is which, so the shares may depend on them. What can't be told from so few seeds
    gets nothing; otherwise each gets half, or the divergences what they need if they all fell on
    one lane. Where that leaves too little for the curves, the divergences have it all.
    """
    surest = 2.0 ** (1 - n_alone)
    if surest > level:
        return 0.0, level
    own = max(level / 2, surest)
    return (own, level - own) if can_tell(n_left, level - own) else (level, 0.0)
