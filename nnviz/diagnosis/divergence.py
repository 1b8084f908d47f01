"""A number that is not finite: where first, and which earlier cause it comes from."""

from __future__ import annotations

from nnviz.diagnosis import data, gradient
from nnviz.diagnosis.course import Course
from nnviz.diagnosis.finding import Diagnosis


def not_finite(course: Course) -> Diagnosis | None:
    """The first number that was not finite; the advice fits what led there."""
    found = course.latest.divergence
    if found is None:
        return _overflows_in_evaluation(course)
    what = "loss" if found.quantity == "loss" else f"{found.quantity} of {found.layer}"
    return Diagnosis(
        "danger",
        "not finite",
        f"Diverged: the {what} is no longer a finite number.",
        _advice(course, found.step),
        found.layer,
        found.step,
    )


def _overflows_in_evaluation(course: Course) -> Diagnosis | None:
    """Training goes on with its own batches, but what is shown has ceased to be a number."""
    layer, step = course.latest.overflow, course.latest.step
    if layer is None:
        return None
    words = f"In evaluation mode the answer of {layer} is no longer a finite number."
    since = course.since(lambda taken: taken.overflow is not None)
    return Diagnosis("danger", "not finite", words, _advice(course, step), layer, since)


def _advice(course: Course, step: int) -> str:
    if (scales := data.uneven_scales(course)) is not None:
        return f"{scales.headline} {scales.advice}"
    if step <= 1:  # no update was taken yet
        return "No update was taken yet: start with smaller weights, or normalize."
    if gradient.grows(course.first):
        return "The gradient grows from layer to layer: start with smaller weights, or normalize."
    return "Lower the learning rate, or normalize."
