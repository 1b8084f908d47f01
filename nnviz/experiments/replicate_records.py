"""What replicates of a network answered: a frozen record of NumPy arrays.

Shapes: R replicates, N evaluation points, C classes, T checkpoints, G grid points.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnviz.records import BoolArray, FloatArray, Task

Freeze = Literal["none", "data", "initialization"]
FREEZES: tuple[Freeze, ...] = ("none", "data", "initialization")


@dataclass(frozen=True)
class ReplicateChunkRecord:
    """What some replicates answer at the same points, in evaluation mode.

    `predictions` are values, (T, R, N), for regression and log-probabilities, (T, R, N, C), for
    classes: `predictions[-1]` is what `decompose_squared` and `decompose_cross_entropy` take.
    They are NaN where a replicate has diverged; `kept()` leaves those out.
    """

    task: Task
    freeze: Freeze
    replicates: tuple[int, ...]
    checkpoints: tuple[int, ...]
    n_train: int
    """Training points of one replicate."""
    predictions: FloatArray
    diverged_R: BoolArray
    eval_x: FloatArray
    targets_N: NDArray[Any] | None
    """Labels or noisy values at the points; None for points of the caller's own."""
    truth_N: FloatArray | None
    """Noiseless values at the points, where they are known."""
    noise_variance: float | None
    """Known variance of the targets' noise; None where it is not known."""
    grid_x_G: FloatArray | None = None
    grid_truth_G: FloatArray | None = None
    grid_predictions_TRG: FloatArray | None = None
    batched: bool = True
    reason: str | None = None

    @property
    def predicted_classes(self) -> NDArray[np.int64]:
        """Classes (T, R, N), as the 0-1 decompositions take them."""
        return np.asarray(self.predictions.argmax(axis=-1))

    def kept(self) -> ReplicateChunkRecord:
        """The replicates that have not diverged."""
        kept_R = ~self.diverged_R
        grid = self.grid_predictions_TRG
        return replace(
            self,
            replicates=tuple(r for r, kept in zip(self.replicates, kept_R, strict=True) if kept),
            predictions=self.predictions[:, kept_R],
            diverged_R=self.diverged_R[kept_R],
            grid_predictions_TRG=None if grid is None else grid[:, kept_R],
        )
