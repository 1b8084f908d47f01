"""Early stopping: patience, minimum difference, and the best weights restored.

Shapes: S seeds, T checkpoints.
"""

from __future__ import annotations

import numpy as np

from nnviz.experiments.overfitting.records import StopRecord
from nnviz.records import FloatArray


def early_stops(
    validation_loss_ST: FloatArray, patience: int, min_delta: float = 0.0
) -> StopRecord:
    """Where each seed stops: after `patience` evaluations that were not better by `min_delta`.

    As in Keras: an evaluation improves when it is below the best so far minus `min_delta`; the
    best weights are restored. A loss that is not finite never improves.
    """
    rows = [_one(loss_T, patience, min_delta) for loss_T in validation_loss_ST]
    best_S, stopped_S, ran_out_S = (
        np.array(column, dtype=int) for column in zip(*rows, strict=True)
    )
    return StopRecord(best_S, stopped_S, ran_out_S)


def _one(loss_T: FloatArray, patience: int, min_delta: float) -> tuple[int, int, int]:
    best, place, waited = np.inf, 0, 0
    for t, loss in enumerate(loss_T):
        if np.isfinite(loss) and loss < best - min_delta:
            best, place, waited = float(loss), t, 0
            continue
        waited += 1
        if waited >= patience:
            return place, t, 1
    return place, len(loss_T) - 1, 0
