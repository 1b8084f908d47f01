"""The order of the causes, from the most basic one to the outcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nnviz.diagnosis import (
    answers,
    data,
    divergence,
    gradient,
    normalization,
    outcome,
    penalty,
    rate,
    start,
    units,
)
from nnviz.diagnosis.course import Course
from nnviz.diagnosis.finding import Diagnosis
from nnviz.records import Snapshot

ORDER: tuple[Callable[[Course], Diagnosis | None], ...] = (
    divergence.not_finite,
    outcome.untrained,
    start.equal_units,
    data.without_a_lesson,
    data.uneven_scales,
    normalization.over_too_few,
    penalty.too_strong,
    rate.too_large,
    outcome.too_early,
    rate.too_small,
    units.dead_or_saturated,
    gradient.fades_or_grows,
    answers.class_collapse,
    outcome.overfitting,
    outcome.underfitting,
)


def diagnose(history: Sequence[Snapshot]) -> Diagnosis:
    """The most basic thing that is wrong at the end of `history`, or that all is well.

    Raises ValueError for an empty history.
    """
    if not history:
        raise ValueError("there is nothing to diagnose in an empty history")
    course = Course(history)
    for cause in ORDER:
        found = cause(course)
        if found is not None:
            return found
    return outcome.well(course)
