"""How it goes where nothing is wrong before: too early, overfitting, settled, learning."""

from __future__ import annotations

import math

from nnviz.diagnosis import units
from nnviz.diagnosis.course import FALL, Course, hidden, percent
from nnviz.diagnosis.finding import Diagnosis
from nnviz.records import Snapshot, has_classes

RISE_OF_TEST_LOSS, SMALL_RISE = 1.1, 0.02
"""Factor on the lowest test loss, and losses of a constant answer on top of it."""
GAP = 0.05
"""Least gap of accuracy that is told; two standard errors of the test accuracy if they are more."""

BY_HEART = 0.1


def untrained(course: Course) -> Diagnosis | None:
    """Before the first update."""
    if course.latest.step:
        return None
    words = "Not trained yet: press Train, or take a single Step."
    return Diagnosis("info", "untrained", words)


def too_early(course: Course) -> Diagnosis | None:
    """A few updates say nothing."""
    if not course.is_young:
        return None
    n_steps = course.latest.step
    words = f"Too early to judge after {n_steps} step{'s' if n_steps > 1 else ''}."
    return Diagnosis("info", "too early", words, units.health(course.latest))


def overfitting(course: Course) -> Diagnosis | None:
    """The test points are answered worse while, or than, the training points are learned."""
    latest, best = course.latest, min(course.history, key=_test_loss)
    high = RISE_OF_TEST_LOSS * best.test_loss + SMALL_RISE * course.scale
    rises = min(map(_test_loss, course.between(0.75, 1))) > high
    if rises and latest.train_loss < best.train_loss and _costs_answers(course):
        return Diagnosis(
            "warning",
            "overfitting",
            f"Overfitting: the test loss was lowest at step {best.step:,} ({best.test_loss:.3g})"
            f" and is {latest.test_loss:.3g} now.",
            _REMEDIES,
            since_step=best.step,
        )
    gap = latest.train_accuracy - latest.test_accuracy
    if course.fits and not course.succeeds and not course.is_falling and gap > 2 * _limit(latest):
        return Diagnosis(
            "warning",
            "overfitting",
            f"Overfitting: {_score(latest, latest.train_accuracy)} on the training points,"
            f" {_score(latest, latest.test_accuracy)} on the test points.",
            _REMEDIES,
            since_step=course.since(
                lambda taken: taken.train_accuracy - taken.test_accuracy > _limit(taken)
            ),
        )
    return None


_REMEDIES = "Stop earlier, add dropout or an L2 penalty, or use more data."


def _costs_answers(course: Course) -> bool:
    """Whether a higher test loss also means worse answers, not only surer ones."""
    latest = course.latest
    if not has_classes(latest.task):
        return True
    best = max(taken.test_accuracy for taken in course.history)
    lost = best - latest.test_accuracy > _limit(latest)
    return lost or not course.succeeds or _knows_by_heart(latest)


def _knows_by_heart(snapshot: Snapshot) -> bool:
    """Whether more training labels are answered than their neighbours let one expect."""
    data = snapshot.data
    return data is not None and snapshot.train_accuracy - data.neighbour_train > BY_HEART


def _limit(snapshot: Snapshot) -> float:
    if snapshot.confusion_CC is None:
        return GAP
    p = snapshot.test_accuracy
    return max(GAP, 2 * math.sqrt(p * (1 - p) / max(int(snapshot.confusion_CC.sum()), 1)))


def underfitting(course: Course) -> Diagnosis | None:
    """Settled, but far from what the inputs allow."""
    latest, data = course.latest, course.latest.data
    if course.fits or not course.is_settled:
        return None
    if data is not None and _nothing_to_learn(course):
        return Diagnosis(
            "info",
            "converged",
            f"Settled at {_score(latest, latest.test_accuracy)} on the test points; the five"
            f" nearest neighbours reach {_score(latest, data.neighbour_test)}, a constant"
            f" {_score(latest, data.constant_test)}: these inputs say no more.",
            units.health(latest),
            since_step=_settled(course),
        )
    known = f", the five nearest neighbours {_score(latest, data.neighbour_train)}" if data else ""
    return Diagnosis(
        "warning",
        "underfitting",
        f"Stuck at {_score(latest, latest.train_accuracy)} on the training points{known}.",
        _wider(course),
        since_step=_settled(course),
    )


def _nothing_to_learn(course: Course) -> bool:
    data = course.latest.data
    assert data is not None
    return not data.follows_exactly and not data.neighbour_train - data.constant_train > GAP


def _wider(course: Course) -> str:
    if not hidden(course.latest):
        return "A straight line does no better: add a hidden block."
    return (
        "If training on does not help: a wider or deeper network, another activation or another"
        " learning rate."
    )


def well(course: Course) -> Diagnosis:
    """Learning, or settled where it is good; with the dead units beside it."""
    latest = course.latest
    reached = f"{_score(latest, latest.test_accuracy)} on the test points"
    before, now = course.earlier_loss[0], course.late_loss[0]
    if course.is_falling and not (course.succeeds and before - now < FALL * course.scale):
        return Diagnosis(
            "good",
            "learning",
            f"Learning: {reached}; the training loss falls, from {before:.3g} around step"
            f" {_settled(course):,} to {now:.3g}.",
            units.health(latest),
        )
    if not course.fits:
        return _undecided(course)
    if course.succeeds:
        data = latest.data
        known = (
            f"; the five nearest neighbours: {_score(latest, data.neighbour_test)}" if data else ""
        )
        headline = f"Settled, and well: {reached}{known}."
        return Diagnosis(
            "good", "converged", headline, units.health(latest), since_step=_settled(course)
        )
    return Diagnosis(
        "info",
        "converged",
        f"Settled: {_score(latest, latest.train_accuracy)} on the training points, {reached}.",
        units.health(latest),
        since_step=_settled(course),
    )


def _undecided(course: Course) -> Diagnosis:
    """The loss goes up and down, or stays for a while."""
    latest, (before, _), (now, _) = course.latest, course.earlier_loss, course.late_loss
    if course.is_steady:
        headline = f"The training loss has hardly fallen since step {_settled(course):,}"
        advice = "Train on: it may be a plateau."
    else:
        headline = f"The training loss goes up and down, from {before:.3g} around step"
        headline += f" {_settled(course):,} to {now:.3g}"
        advice = "Train on; a lower learning rate steadies it."
    advice += f" {units.health(latest)}"
    reached = _score(latest, latest.train_accuracy)
    return Diagnosis("info", "learning", f"{headline}: {reached} on the training points.", advice)


def _settled(course: Course) -> int:
    return course.between(0.25, 0.5)[-1].step


def _score(snapshot: Snapshot, value: float) -> str:
    return f"{percent(value)} right" if has_classes(snapshot.task) else f"R² {value:.2f}"


def _test_loss(snapshot: Snapshot) -> float:
    return snapshot.test_loss if math.isfinite(snapshot.test_loss) else math.inf
