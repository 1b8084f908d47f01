"""The course of a training: what several causes ask of a history."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from nnviz.records import LayerRecord, Snapshot

SOON = 20
FALL, FALL_OF_LOWEST = 0.02, 0.1
STEADY = 1.1
PATIENCE, PATIENCE_EPOCHS = 200, 5
LEARNED, LEARNED_ALONE = 0.9, 0.5
LEAST_TO_LEARN = 0.05
"""Where the neighbours beat a constant by less than that, half of the way from it to a perfect
score is called learned."""


@dataclass(frozen=True)
class Course:
    """A history with at least one snapshot, the latest one the one to judge."""

    history: Sequence[Snapshot]

    @property
    def latest(self) -> Snapshot:
        """The snapshot to judge."""
        return self.history[-1]

    @property
    def first(self) -> Snapshot:
        """The earliest snapshot that was kept: before the first update where there is one."""
        return self.history[0]

    @property
    def is_young(self) -> bool:
        """Whether it is too early for anything that is not certain."""
        return self.latest.step < SOON

    @cached_property
    def late(self) -> tuple[Snapshot, ...]:
        """The snapshots of the last half of the steps."""
        return self.between(0.5, 1)

    def between(self, low: float, high: float) -> tuple[Snapshot, ...]:
        """The snapshots after `low` and up to `high` of all steps; the next earlier one if none."""
        start, end = low * self.latest.step, high * self.latest.step
        found = tuple(taken for taken in self.history if start < taken.step <= end)
        return found or tuple(taken for taken in self.history if taken.step <= end)[-1:]

    @cached_property
    def scale(self) -> float:
        """The loss of a constant answer, by which a rise is large or small."""
        data = self.latest.data
        known = math.nan if data is None else data.constant_loss
        return known if known > 0 else self.first.train_loss

    @cached_property
    def is_falling(self) -> bool:
        """Whether the training loss is still falling."""
        (mean, lowest), (mean_now, lowest_now) = self.earlier_loss, self.late_loss
        return mean_now < (1 - FALL) * mean or lowest_now < (1 - FALL_OF_LOWEST) * lowest

    @property
    def is_settled(self) -> bool:
        """Whether it has stayed where it was for long enough to say so."""
        latest = self.latest
        is_long = latest.step >= PATIENCE and latest.epoch >= PATIENCE_EPOCHS
        return is_long and not self.is_falling and self.is_steady

    @property
    def is_steady(self) -> bool:
        """Whether the training loss neither rises nor goes up and down."""
        (before, _), (now, lowest_now) = self.earlier_loss, self.late_loss
        highest_now = max(taken.train_loss for taken in self.between(0.75, 1))
        return now < STEADY * before and highest_now < STEADY**2 * lowest_now

    @cached_property
    def earlier_loss(self) -> tuple[float, float]:
        """Mean and lowest training loss in the second quarter of the steps."""
        return _mean_and_lowest(self.between(0.25, 0.5))

    @cached_property
    def late_loss(self) -> tuple[float, float]:
        """Mean and lowest training loss in the last quarter of the steps."""
        return _mean_and_lowest(self.between(0.75, 1))

    @property
    def fits(self) -> bool:
        """Whether the training points are answered as well as one may expect."""
        data = self.latest.data
        known = (0.0, 1.0) if data is None else (data.constant_train, data.neighbour_train)
        return _is_learned(self.latest.train_accuracy, *known)

    @property
    def succeeds(self) -> bool:
        """Whether the training and the test points are."""
        data = self.latest.data
        known = (0.0, 1.0) if data is None else (data.constant_test, data.neighbour_test)
        return self.fits and _is_learned(self.latest.test_accuracy, *known)

    def since(self, holds: Callable[[Snapshot], bool]) -> int:
        """The step from which something has held without a break up to the latest."""
        since = self.latest.step
        for taken in reversed(self.history):
            if not holds(taken):
                break
            since = taken.step
        return since


def layer_of(snapshot: Snapshot, name: str) -> LayerRecord:
    """A block of the snapshot by its name."""
    return next(layer for layer in (*snapshot.layers, snapshot.output) if layer.name == name)


def hidden(snapshot: Snapshot) -> tuple[LayerRecord, ...]:
    """The blocks with weights before the output layer."""
    return tuple(layer for layer in snapshot.layers if layer.is_learned)


def percent(share: float) -> str:
    """A share in words that do not round to all or nothing what is not."""
    shown = f"{share:.0%}"
    return f"{share:.1%}" if shown in ("0%", "100%") and share not in (0, 1) else shown


def _mean_and_lowest(snapshots: Sequence[Snapshot]) -> tuple[float, float]:
    losses = [taken.train_loss for taken in snapshots]
    return fmean(losses), min(losses)


def _is_learned(score: float, constant: float, reference: float) -> bool:
    if reference - constant > LEAST_TO_LEARN:
        return score - constant >= LEARNED * (reference - constant)
    return score - constant >= LEARNED_ALONE * (1 - constant)
