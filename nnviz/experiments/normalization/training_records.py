"""How trainings of normalized networks went: a whole one, and one that was looked at closely.

Shapes: T looks or snapshots.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnviz.records import FloatArray, IntArray


@dataclass(frozen=True)
class TrialRecord:
    """How one training of a normalized network ended."""

    network: str
    kind: str
    rate: float
    batch_size: int
    groups: int
    seed: int
    step_T: IntArray
    loss_T: FloatArray
    """Of the training points in evaluation mode; NaN where nothing is finite any more."""
    test_accuracy: float
    """0 where the training has diverged: it answers nothing."""
    has_diverged: bool


@dataclass(frozen=True)
class ShiftingRecord:
    """One training, looked at every few updates, in training mode."""

    lane: str
    seed: int
    step_T: IntArray
    loss_T: FloatArray
    """Of all training points."""
    shift_T: FloatArray
    """How far one update moves the mean of what a unit hands on, in its deviations."""
    low_T: FloatArray
    """Lowest and highest loss of the batch on the way along its gradient."""
    high_T: FloatArray
    turn_T: FloatArray
    """Largest change of the gradient on that way, as a share of its length."""
    test_accuracy: float
    """In evaluation mode, where no noise is added."""

    @property
    def is_finite(self) -> bool:
        """Whether it has a number at every look."""
        looks = (self.loss_T, self.shift_T, self.low_T, self.high_T)
        return all(bool(np.isfinite(values_T).all()) for values_T in looks)
