"""Units that do nothing: dead on the whole reference set, or saturated at most of its points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nnviz.diagnosis import gradient
from nnviz.diagnosis.course import Course, layer_of, percent
from nnviz.diagnosis.finding import Diagnosis
from nnviz.records import LayerRecord, Snapshot

MOST_DEAD = 0.5
MOST_SATURATED = 0.8
NEARLY_ALL = 0.9
"""Share from which a layer is told even while the loss falls."""


@dataclass(frozen=True)
class Hit:
    """A layer that is hit, and how."""

    layer: str
    kind: Literal["dead", "saturated"]


def worst(snapshot: Snapshot) -> Hit | None:
    """The layer with most dead units, or else most saturated activations, above the limit."""
    for kind, limit in (("dead", MOST_DEAD), ("saturated", MOST_SATURATED)):
        hit = [layer for layer in snapshot.layers if _share(layer, kind) >= limit]
        if hit:
            most = max(hit, key=lambda layer: _share(layer, kind))
            return Hit(most.name, "dead" if kind == "dead" else "saturated")
    return None


def holds(snapshot: Snapshot, hit: Hit) -> bool:
    """Whether the same layer is hit in the same way."""
    limit = MOST_DEAD if hit.kind == "dead" else MOST_SATURATED
    return any(
        layer.name == hit.layer and _share(layer, hit.kind) >= limit for layer in snapshot.layers
    )


def words(snapshot: Snapshot, hit: Hit) -> str:
    """The hit in a sentence, with its share."""
    share = _share(layer_of(snapshot, hit.layer), hit.kind)
    if hit.kind == "dead":
        return f"{percent(share)} of the units in {hit.layer} are dead."
    return (
        f"{percent(share)} of the activations in {hit.layer} are saturated, where the slope is"
        " almost 0."
    )


def dead_or_saturated(course: Course) -> Diagnosis | None:
    """The layer worst hit, where the training points are not learned."""
    hit = worst(course.latest)
    if hit is None or course.fits or _is_beside_the_point(course, hit):
        return None
    since = course.since(lambda taken: holds(taken, hit))
    dead, from_the_start = hit.kind == "dead", since == 0
    if dead:
        advice = (
            "Start with other weights and biases of 0, normalize before the activation, or use"
            " leaky relu."
            if from_the_start
            else "Lower the learning rate and start anew, or use leaky relu."
        )
    else:
        advice = (
            "Use smaller initial weights, scaled inputs or normalization before the activation."
        )
    return Diagnosis(
        "warning" if course.is_falling else "danger",
        "dead units" if dead else "saturated units",
        words(course.latest, hit),
        advice,
        hit.layer,
        since,
    )


def health(snapshot: Snapshot) -> str:
    """The largest shares of dead units and of saturated activations, in a sentence."""
    parts = []
    for kind, noun in (("dead", "units"), ("saturated", "activations")):
        known = [layer for layer in snapshot.layers if _share(layer, kind) >= 0]
        if known:
            most = max(known, key=lambda layer: _share(layer, kind))
            share = _share(most, kind)
            where = f" (most: {most.name})" if share else ""
            parts.append(f"at most {percent(share)} of a layer's {noun} are {kind}{where}")
    if not parts:
        return "No unit of these activations can die or saturate."
    sentence = ", ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _is_beside_the_point(course: Course, hit: Hit) -> bool:
    """Whether enough is left to learn with: the loss falls, or something else holds it up.

    Deep relu layers give all inputs one direction, in which about half of the units are 0; that
    does not make a gradient vanish.
    """
    if _share(layer_of(course.latest, hit.layer), hit.kind) >= NEARLY_ALL:
        return False
    return course.is_falling or (hit.kind == "dead" and gradient.fades(course.latest))


def _share(layer: LayerRecord, kind: str) -> float:
    return layer.dead_fraction if kind == "dead" else layer.saturated_fraction
