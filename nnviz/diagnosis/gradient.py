"""A gradient that fades or grows on its way back through the layers."""

from __future__ import annotations

import math

from nnviz.diagnosis.course import Course
from nnviz.diagnosis.finding import Diagnosis
from nnviz.records import Snapshot

VANISHING, FADING = 1e-3, 1e-2
"""Ratio of the first layer's RMS of ∂L/∂z to the last one's; their inverses for growth."""


def ratio(snapshot: Snapshot) -> float:
    """RMS of ∂L/∂z at the first learned layer over that at the last; NaN for a single layer."""
    layers = snapshot.learned_layers
    if len(layers) < 2 or not layers[-1].delta_rms > 0:
        return math.nan
    return layers[0].delta_rms / layers[-1].delta_rms


def fades(snapshot: Snapshot, limit: float = VANISHING) -> bool:
    """Whether the ratio is below a limit."""
    return ratio(snapshot) < limit


def grows(snapshot: Snapshot, limit: float = VANISHING) -> bool:
    """Whether the ratio is above the inverse of a limit."""
    return ratio(snapshot) > 1 / limit


def fades_or_grows(course: Course) -> Diagnosis | None:
    """Vanishing or exploding; the milder limit only where the loss does not fall either."""
    if course.fits:
        return None
    for limit in (VANISHING,) if course.is_falling else (VANISHING, FADING):
        if fades(course.latest, limit) or grows(course.latest, limit):
            return _told(course, limit)
    return None


def _told(course: Course, limit: float) -> Diagnosis:
    found, layers = ratio(course.latest), course.latest.learned_layers
    holds = fades if found < 1 else grows
    first, n_between = layers[0].name, len(layers) - 1
    a_layer = f"×{found ** (1 / n_between):.2g} a layer"
    if found < 1:
        headline = f"The gradient fades to {found:.0e} of its size on the way back to {first}"
        advice = "Try relu with kaiming weights, batch normalization, or fewer layers."
    else:
        headline = f"The gradient grows to {found:.0e} times its size on the way back to {first}"
        advice = "Try smaller initial weights or normalization."
    return Diagnosis(
        "danger" if limit == VANISHING else "warning",
        "vanishing gradient" if found < 1 else "exploding gradient",
        f"{headline} ({a_layer}).",
        advice,
        first,
        course.since(lambda taken: holds(taken, limit)),
    )
