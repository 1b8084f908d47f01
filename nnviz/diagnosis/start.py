"""A start that no gradient can leave: all weights zero, or all units equal."""

from __future__ import annotations

from nnviz.diagnosis.course import Course, hidden
from nnviz.diagnosis.finding import Diagnosis
from nnviz.records import LayerRecord, Snapshot

ALIKE = 1e-3
"""A difference of units that rounding may make of equal ones."""


def equal_units(course: Course) -> Diagnosis | None:
    """A hidden layer whose weights have been zero, or whose units equal, from the start on."""
    for layer in hidden(course.latest):
        if layer.weight_norm == 0:
            words, name = f"All weights of {layer.name} are 0.", layer.name
            advice = "Start from random weights: nothing passes through weights of 0."
        elif layer.unit_difference < ALIKE:
            words, name = f"All units of {layer.name} compute the same.", layer.name
            advice = "Start from random weights: equal weights get equal gradients."
        else:
            continue
        since = course.since(lambda taken, name=name: _is_stuck(taken, name))  # type: ignore[misc]
        if since <= course.first.step:
            return Diagnosis("danger", "start", words, advice, name, since)
    return None


def _is_stuck(snapshot: Snapshot, name: str) -> bool:
    return any(layer.name == name and _is_equal(layer) for layer in hidden(snapshot))


def _is_equal(layer: LayerRecord) -> bool:
    return layer.weight_norm == 0 or layer.unit_difference < ALIKE
