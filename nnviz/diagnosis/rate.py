"""A learning rate that is too large or too small."""

from __future__ import annotations

import math
from itertools import accumulate
from statistics import median, pstdev

from nnviz.diagnosis import gradient, units
from nnviz.diagnosis.course import Course, layer_of, percent
from nnviz.diagnosis.finding import Diagnosis
from nnviz.records import Snapshot

LARGE_UPDATE, SMALL_UPDATE = 0.1, 1e-4
"""Shares of a layer's weights that one update changes; about 1e-3 is usual (cs231n)."""
RISE, JUMP, JUMP_AT_ONCE = 0.3, 0.5, 1.0
"""By how many losses of a constant answer the loss stands above its lowest; has jumped once; has
jumped in the first few steps."""
RECOVERED = 0.8
"""Share of the loss before the jump below which the jump is overcome."""
LEAST_FALL = 0.02
LONG = 50
"""Steps after which an update ratio is no longer that of small first weights."""

_LOWER = "Lower the learning rate"


def too_large(course: Course) -> Diagnosis | None:
    """The loss rises or jumps, the updates are huge, or they have killed a layer's units."""
    if course.fits or gradient.grows(course.first):
        return None
    killed = _killed(course)
    if killed is not None:
        return killed
    if rises(course):
        low, high = _largest_rise(course)
        return Diagnosis(
            "danger",
            "rate too large",
            f"The learning rate is too large: the training loss rose from {low.train_loss:.3g} at"
            f" step {low.step:,} to {high.train_loss:.3g} at step {high.step:,}.",
            f"{_LOWER}, and start anew.",
            since_step=low.step,
        )
    return _huge_updates(course)


def rises(course: Course) -> bool:
    """Whether the loss stands far above its lowest, or has jumped and not come back."""
    return _stands_high(course) or _jumped(course, *_largest_rise(course))


def _stands_high(course: Course) -> bool:
    """Whether both losses stand far above the lowest one: their medians over the last half.

    Where batch normalization's statistics lag behind, only the loss in evaluation mode is large;
    with dropout, or by an unlucky batch, only the batch's own.
    """
    whole = median(taken.train_loss for taken in course.late)
    batch = median(taken.batch_loss for taken in course.late)
    lowest = min(taken.train_loss for taken in course.history)
    limit = (JUMP_AT_ONCE if course.is_young else RISE) * course.scale
    return min(whole, batch) > max(lowest + limit, 2 * lowest)


def _jumped(course: Course, low: Snapshot, high: Snapshot) -> bool:
    """Whether both losses have jumped to more than twice what they were, and not come back."""
    rises = high.train_loss - low.train_loss, _rise([one.batch_loss for one in course.history])
    limit = (JUMP_AT_ONCE if course.is_young else JUMP) * course.scale
    if min(rises) <= limit or high.train_loss <= 2 * low.train_loss:
        return False
    return course.late_loss[0] >= RECOVERED * low.train_loss


def _largest_rise(course: Course) -> tuple[Snapshot, Snapshot]:
    """The lowest training loss and a later one, with the most between them."""
    low = best_low = best_high = course.first
    for taken in course.history:
        if taken.train_loss < low.train_loss:
            low = taken
        if taken.train_loss - low.train_loss > best_high.train_loss - best_low.train_loss:
            best_low, best_high = low, taken
    return best_low, best_high


def _rise(losses: list[float]) -> float:
    lowest = accumulate(losses, min)
    return max(loss - low for loss, low in zip(losses, lowest, strict=True))


def _huge_updates(course: Course) -> Diagnosis | None:
    if course.latest.step <= LONG:
        return None
    ratios = {
        layer.name: median(_ratio(taken, layer.name) for taken in course.late)
        for layer in course.latest.learned_layers
    }
    name = max(ratios, key=ratios.__getitem__)
    if not ratios[name] > LARGE_UPDATE:
        return None
    return Diagnosis(
        "warning",
        "rate too large",
        f"The learning rate is too large: each update changes {name} by {percent(ratios[name])} of"
        " its size.",
        f"{_LOWER}; about 0.1 % is usual.",
        name,
        course.since(lambda taken: _ratio(taken, name) > LARGE_UPDATE),
    )


def _killed(course: Course) -> Diagnosis | None:
    """Units that were alive at the start and died or saturated under huge updates."""
    worst = units.worst(course.latest)
    if worst is None or units.holds(course.first, worst) or course.first.step > 0:
        return None
    since = course.since(lambda taken: units.holds(taken, worst))
    before = [taken for taken in course.history if 0 < taken.step <= since]
    if not before or max(map(_largest, before)) <= LARGE_UPDATE:
        return None
    return Diagnosis(
        "danger",
        "rate too large",
        f"The learning rate is too large: {units.words(course.latest, worst)}",
        f"{_LOWER}, and start anew.",
        worst.layer,
        since,
    )


def too_small(course: Course) -> Diagnosis | None:
    """The weights hardly move and the loss falls by less than its noise, with gradients sound."""
    trained = [taken for taken in course.history if taken.step]
    largest = max(map(_largest, trained))
    if course.fits or not largest < SMALL_UPDATE or _is_held_up(course.latest):
        return None
    noise = pstdev(taken.batch_loss - taken.train_loss for taken in trained)
    fall = course.first.train_loss - course.latest.train_loss
    if fall > max(noise, LEAST_FALL * course.scale):
        return None
    return Diagnosis(
        "warning",
        "rate too small",
        "The learning rate is too small: an update changes the weights by at most"
        f" {largest:.0e} of their size.",
        "Raise the learning rate; 1e-3 of their size is usual.",
        since_step=course.first.step,
    )


def _is_held_up(snapshot: Snapshot) -> bool:
    """Whether something else makes the updates small or the loss large."""
    flows = not (gradient.fades(snapshot) or gradient.grows(snapshot))
    return not flows or units.worst(snapshot) is not None


def _largest(snapshot: Snapshot) -> float:
    ratios = [layer.update_to_weight_ratio for layer in snapshot.learned_layers]
    return max((ratio for ratio in ratios if not math.isnan(ratio)), default=0.0)


def _ratio(snapshot: Snapshot, name: str) -> float:
    ratio = layer_of(snapshot, name).update_to_weight_ratio
    return 0.0 if math.isnan(ratio) else ratio
