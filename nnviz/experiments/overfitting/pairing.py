"""What seeds can tell of a remedy at the end of training: loss and accuracy, each paired.

Shapes: S seeds.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.experiments.paired_intervals import LEVEL
from nnviz.experiments.seed_records import SeedBandsRecord
from nnviz.experiments.verdict import verdict
from nnviz.experiments.verdict_records import PairVerdict
from nnviz.records import FloatArray
from nnviz.spec import ExperimentSpec

AS_IT_IS = "the network as it is"
JUDGED = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
Final = dict[str, FloatArray]
"""Losses and accuracies at the end by name, (S,) each."""


def against(
    own: Final, base: Final, name: str, n_remedies: int, asked: ExperimentSpec
) -> PairVerdict:
    """A remedy against the network as it is, row by row the same seeds.

    The error rate is 5 % for all `n_remedies` together.
    """
    curves: dict[str, Any] = {
        f"{name}_LST": np.stack([own[name], base[name]])[..., None] for name in JUDGED
    }
    bands = SeedBandsRecord(
        seeds=tuple(range(len(own["test_loss"]))),
        checkpoints=(asked.training.n_steps,),
        data="fresh",
        task=asked.data.entry.task,
        diverged_LST=~np.isfinite(curves["test_loss_LST"]),
        batched=(True, True),
        reasons=(None, None),
        **curves,
    )
    return verdict(bands, (name, AS_IT_IS), level=LEVEL / n_remedies).pairs[0]
