"""A class that is never answered."""

from __future__ import annotations

from statistics import fmean

from nnviz.diagnosis.course import Course
from nnviz.diagnosis.finding import Diagnosis
from nnviz.records import Snapshot

FEWEST_POINTS = 3
"""Test points of a class from which it counts."""
LEAST_GAIN = 0.02
"""Gain of accuracy from the second to the last quarter of the steps: the classes may yet come."""
RARE = 0.5
"""A class is rare if it has less than this part of its even share of the training points."""


def class_collapse(course: Course) -> Diagnosis | None:
    """Classes that have not been answered for the last half of the steps, nor are being learned."""
    never = set(_never_answered(course.latest))
    for taken in course.late:
        never &= set(_never_answered(taken))
    if not never or course.fits or _improves(course):
        return None
    named = ", ".join(map(str, sorted(never)))
    return Diagnosis(
        "danger",
        "class collapse",
        f"Class collapse: class {named} is never answered."
        if len(never) == 1
        else f"Class collapse: the classes {named} are never answered.",
        _advice(course, never),
        since_step=course.since(lambda taken: never <= set(_never_answered(taken))),
    )


def _never_answered(snapshot: Snapshot) -> tuple[int, ...]:
    counts_CC = snapshot.confusion_CC
    if counts_CC is None:
        return ()
    asked_C, answered_C = counts_CC.sum(axis=1), counts_CC.sum(axis=0)
    return tuple(
        number
        for number, (asked, answered) in enumerate(zip(asked_C, answered_C, strict=True))
        if asked >= FEWEST_POINTS and not answered
    )


def _improves(course: Course) -> bool:
    before, now = (
        fmean(taken.train_accuracy for taken in course.between(*part))
        for part in ((0.25, 0.5), (0.75, 1))
    )
    return now > before + LEAST_GAIN


def _advice(course: Course, never: set[int]) -> str:
    data = course.latest.data
    if data is not None:
        even = RARE * sum(data.n_per_class) / len(data.n_per_class)
        if any(data.n_per_class[number] < even for number in never):
            return "It is rare in the training set: use balanced class weights."
    return "Check the class weights; else try another start, or a wider network."
