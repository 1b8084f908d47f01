"""What can be said of fits that pile up, and no more."""

from __future__ import annotations

import numpy as np

from nnviz.experiments.bias_variance.jackknife import LEAST_REPLICATES
from nnviz.experiments.complexity.pile import PileSettings
from nnviz.experiments.complexity.pile_record import DEGREES, PileRecord

WILD = 2.0
"""A mean risk this many times the median is ruled by a few fits."""


def pile_words(settings: PileSettings, shown: PileRecord) -> str:
    """Which part rules here, where the risk is lowest, and what so few sets can't say."""
    degree, n = settings.chosen_degree, settings.sets
    if n < 2:
        return (
            "One fit misses the truth, and nobody can tell why: because **all** fits of this degree"
            " would miss it so (bias), or because **this** training set led it astray (variance)."
            " Take the next training set."
        )
    found = [shown.parts(each, n) for each in DEGREES]
    here, best = found[degree], int(np.argmin([each.risk for each in found]))
    expected = int(np.argmin(shown.expected_risk))
    b, v = here.bias_squared, here.variance
    rules = (
        f"together the fits miss more, **bias²** {b:.3f}, than they scatter around their mean"
        if b > v
        else f"the fits scatter more, **variance** {v:.3f}, than they miss together"
    )
    words = [f"At degree {degree}: {rules}."]
    if settings.beside == "two places":
        missed, spread = shown.aside(degree, n, (settings.left, settings.right))
        words.append(
            f"At these two x the darts' mean lies **{missed:.2f}** from the truth (bias), and they"
            f" lie **{spread:.2f}** from their mean (root mean square)."
        )
    else:
        words.append(
            f"The risk of these {n} is lowest at degree **{best}**; it is expected to be at"
            f" {expected}."
        )
    if here.risk > WILD * here.median_risk:
        words.append(f"A few wild fits rule the mean: the median fit's is {here.median_risk:.3f}.")
    if here.bias_squared < 0:
        words.append(
            f"bias² comes out below 0 ({b:.2g}): (mean − truth)² − variance/{n} is right on"
            " average, so near a true 0 it is negative about as often as not."
        )
    if n < LEAST_REPLICATES:
        words.append(f"{n} training sets are too few for an interval.")
    return " ".join(words)
