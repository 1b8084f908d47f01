"""A penalty on the weights that is stronger than the data."""

from __future__ import annotations

import math

from nnviz.diagnosis.course import Course, percent
from nnviz.diagnosis.finding import Diagnosis
from nnviz.records import Snapshot

SHRUNK = 0.1
"""Share of the weights' first norm below which they have been pulled to 0."""


def too_strong(course: Course) -> Diagnosis | None:
    """The weights have shrunk to next to nothing; only a penalty does that."""
    start = _norm(course.first)
    if course.fits or not _norm(course.latest) < SHRUNK * start:
        return None
    return Diagnosis(
        "danger",
        "penalty",
        f"The weights have shrunk to {percent(_norm(course.latest) / start)} of their first size.",
        "Use a weaker L1 or L2 penalty (weight decay).",
        since_step=course.since(lambda taken: _norm(taken) < SHRUNK * start),
    )


def _norm(snapshot: Snapshot) -> float:
    return math.hypot(*(layer.weight_norm for layer in snapshot.learned_layers))
