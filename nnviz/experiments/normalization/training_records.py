"""How trainings of normalized networks went: a whole one, and one that was looked at closely.

Shapes: T looks or snapshots.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnviz.records import FloatArray, IntArray

RATES = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
SIZES, GROUPS = (2, 4, 8, 32), (1, 2, 4, 8, 16, 32)
"""Learning rates, batch sizes and numbers of groups that are trained."""


@dataclass(frozen=True)
class TrialRecord:
    """How one training of a normalized network ended."""

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
    test_accuracy: float
    """In evaluation mode, where no noise is added."""

    @property
    def is_finite(self) -> bool:
        """Whether it has a number at every look."""
        looks = (self.loss_T, self.shift_T, self.low_T, self.high_T)
        return all(bool(np.isfinite(values_T).all()) for values_T in looks)
