"""What was measured about overfitting.

Shapes: S seeds, T checkpoints, Z sizes of the training set, L remedies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnviz.records import FloatArray, IntArray, Task


@dataclass(frozen=True)
class LaneRecord:
    """Some seeds of one lane: plain losses (no smoothing, no weights) and accuracies (or R²).

    The validation points decide when to stop, the test points only judge.
    """

    lane: str
    start: int
    stop: int
    checkpoints: tuple[int, ...]
    n_train: int
    train_loss_ST: FloatArray
    validation_loss_ST: FloatArray
    test_loss_ST: FloatArray
    train_accuracy_ST: FloatArray
    test_accuracy_ST: FloatArray


@dataclass(frozen=True)
class StopRecord:
    """Where early stopping ends each seed: places among the checkpoints, (S,)."""

    best_S: IntArray
    """The checkpoint whose weights are restored."""
    stopped_S: IntArray
    """The checkpoint at which patience ran out, or the last one."""
    ran_out_S: IntArray
    """1 where patience ran out before the end."""


@dataclass(frozen=True)
class GapRecord:
    """Training, validation and test loss over the steps, all seeds."""

    task: Task
    lane: LaneRecord
    stops: StopRecord

    def mean_and_error(self, part: str) -> tuple[FloatArray, FloatArray]:
        """Mean over the seeds and its standard error, (T,) each."""
        return mean_and_error(getattr(self.lane, f"{part}_loss_ST"))

    def gap(self) -> FloatArray:
        """Test loss minus training loss, mean over seeds."""
        return np.asarray(np.nanmean(self.lane.test_loss_ST - self.lane.train_loss_ST, axis=0))


@dataclass(frozen=True)
class LearningCurveRecord:
    """Losses after the whole training against the size of the training set."""

    task: Task
    sizes: tuple[int, ...]
    train_loss_Z: FloatArray
    train_error_Z: FloatArray
    test_loss_Z: FloatArray
    test_error_Z: FloatArray
    n_seeds_Z: IntArray
    now: int
    """Training points of the experiment as it is."""


@dataclass(frozen=True)
class RemediesRecord:
    """What each remedy changes at the end of training, seed by seed against the baseline.

    Differences are remedy minus baseline: below 0 the remedy has the lower test loss. Intervals
    are simultaneous over all remedies (see nnviz.experiments.verdict), infinite for few seeds, and
    of the seeds on which neither diverged.
    """

    task: Task
    keys: tuple[str, ...]
    """The remedies' names in the catalog."""
    names: tuple[str, ...]
    """With their doses, in words."""
    change_L: FloatArray
    low_L: FloatArray
    high_L: FloatArray
    ahead_L: IntArray
    """1 where the remedy is better beyond seed noise, -1 where it is worse, else 0."""
    accuracy_change_L: FloatArray
    accuracy_low_L: FloatArray
    accuracy_high_L: FloatArray
    accuracy_ahead_L: IntArray
    n_seeds_L: IntArray
    divergences: tuple[str, ...]
    """How often remedy and baseline diverged, and what that says; empty where neither did."""
    sentences: tuple[str, ...]
    lanes: tuple[LaneRecord, ...]
    """The baseline and the trained remedies, for their curves."""
    lane_names: tuple[str, ...]


def mean_and_error(values_ST: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean over seeds and its standard error; NaN where no seed is finite."""
    there = np.isfinite(values_ST)
    n_T = there.sum(axis=0)
    shown = np.where(there, values_ST, 0.0)
    mean_T = shown.sum(axis=0) / np.where(n_T, n_T, np.nan)
    squares = np.where(there, (values_ST - mean_T) ** 2, 0.0).sum(axis=0)
    error_T = np.sqrt(squares / np.where(n_T > 1, n_T - 1, np.nan) / np.where(n_T, n_T, np.nan))
    return np.asarray(mean_T), np.asarray(error_T)
