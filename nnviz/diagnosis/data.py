"""Data from which nothing, or hardly anything, can be learned as they are."""

from __future__ import annotations

from nnviz.diagnosis.course import Course, percent
from nnviz.diagnosis.finding import Diagnosis
from nnviz.records import DataSummaryRecord

WIDE = 100.0
"""Ratio of the largest to the smallest standard deviation from which scales are uneven."""


def without_a_lesson(course: Course) -> Diagnosis | None:
    """Training targets that are all the same, lack a class, or say nothing about the truth."""
    data = course.latest.data
    if data is None or (found := _lacks(data)) is None:
        return None
    headline, advice = found
    return Diagnosis("danger", "data", headline, advice, since_step=course.first.step)


def _lacks(data: DataSummaryRecord) -> tuple[str, str] | None:
    if data.target_std == 0:
        return "All training targets are the same.", "Use data whose targets vary."
    present = [number for number, count in enumerate(data.n_per_class) if count]
    missing = [number for number, count in enumerate(data.n_per_class) if not count]
    if len(present) == 1:
        return f"All training points are of class {present[0]}.", _MORE
    if missing:
        named = ", ".join(map(str, missing))
        return f"No training point is of class {named}.", _MORE
    n_classes = len(data.n_per_class)
    if n_classes and data.replaced_labels >= (n_classes - 1) / n_classes:
        return (
            f"{percent(data.replaced_labels)} of the training labels are replaced: the true class"
            " is no longer the most frequent one.",
            "Use less label noise.",
        )
    return None


_MORE = "Use more points, or a smaller share for the test, so that each class is there."


def uneven_scales(course: Course) -> Diagnosis | None:
    """Inputs, or targets, whose spread differs so much that one feature rules the gradient."""
    data = course.latest.data
    if data is None or data.widest is None or data.narrowest is None or course.succeeds:
        return None
    (wide, widest), (narrow, narrowest) = data.widest, data.narrowest
    if not widest >= WIDE * narrowest:
        return None
    return Diagnosis(
        "danger",
        "data",
        f"The inputs are on very different scales: {wide} varies by {widest:.3g}, {narrow} by"
        f" {narrowest:.2g}.",
        'Set the scaling to "standard": one feature rules the gradient now.',
        since_step=course.first.step,
    )
