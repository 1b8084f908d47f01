"""A normalization whose mean runs over too little."""

from __future__ import annotations

from nnviz.diagnosis import rate
from nnviz.diagnosis.course import Course, hidden
from nnviz.diagnosis.finding import Diagnosis
from nnviz.records import NormalizationRecord

FEWEST_VALUES = 3
"""Two values become ±1, and one becomes 0, whatever they were."""


def over_too_few(course: Course) -> Diagnosis | None:
    """A layer whose normalization averages over one or two values, or over a batch of one."""
    if course.succeeds:
        return None
    for layer in hidden(course.latest):
        words = None if layer.normalization is None else _fault(course, layer.normalization)
        if words is not None:
            return Diagnosis(
                "danger",
                "normalization",
                f"The normalization of {layer.name} averages over {words[0]}.",
                words[1],
                layer.name,
                course.first.step,
            )
    return None


def _fault(course: Course, found: NormalizationRecord) -> tuple[str, str] | None:
    """What it averages over, and the remedy; the milder faults only where they do harm."""
    if found.n_values < FEWEST_VALUES:
        becomes = "two values, which become ±1" if found.n_values == 2 else "one, which becomes 0"
        return f"{becomes} whatever they were", _REMEDIES[found.name]
    if course.fits:
        return None
    if found.n_fewest < FEWEST_VALUES and rate.rises(course):
        return (
            "the two samples that are left at the end of an epoch, which become ±1",
            "Use a batch size that leaves more, or layer normalization.",
        )
    if found.name == "batch" and found.n_samples == 1 and not course.is_falling:
        return (
            "one sample at a time in training, and over many in evaluation",
            _REMEDIES["batch"],
        )
    return None


_REMEDIES = {
    "batch": "Use larger batches, or layer normalization.",
    "group": "Use fewer groups.",
    "layer": "Use more units, or batch normalization.",
    "instance": "Use it where there are more positions, or batch normalization.",
}
