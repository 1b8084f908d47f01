"""One training of a normalized network on digits: how it ends, and its loss on the way.

Sources: Wu & He 2018 (small batches); Ioffe & Szegedy 2015 (large rates, sigmoid layers).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, assert_never

import numpy as np

from nnviz.experiments.normalization.training_records import GROUPS, RATES, SIZES, TrialRecord
from nnviz.spec import ExperimentSpec
from nnviz.training import advance, initial_state

SEEDS, SMALL_BATCH_STEPS = (0, 1, 2), 400
NetworkName = Literal["rates", "sigmoid", "dense", "images"]


@dataclass(frozen=True)
class Trial:
    """Which network, how normalized, trained how."""

    network: NetworkName
    kind: str
    rate: float
    batch_size: int
    n_steps: int
    seed: int
    groups: int = 2

    @property
    def spec(self) -> ExperimentSpec:
        """The whole experiment, as a link opens it."""
        return ExperimentSpec.model_validate(
            {
                "data": {"name": "digits"},
                "network": {
                    **_network(self.network), "normalization": self.kind, "groups": self.groups
                },
                "training": {
                    "optimizer": {
                        "name": "sgd" if self.network in ("rates", "sigmoid") else "adam",
                        "learning_rate": self.rate,
                    },
                    "batch_size": self.batch_size,
                    "n_steps": self.n_steps,
                    "seed": self.seed,
                },
            }
        )  # fmt: skip


def _network(name: NetworkName) -> dict[str, object]:
    match name:
        case "rates":
            he = {"name": "kaiming_normal"}
            return {"blocks": [{"kind": "dense", "width": 64}] * 5, "initialization": he}
        case "sigmoid":
            return {"blocks": [{"kind": "dense", "width": 64}] * 8, "activation": "sigmoid"}
        case "dense":
            return {"blocks": [{"kind": "dense", "width": 64}] * 4}
        case "images":
            parts = ({"channels": 8}, {"channels": 16})
            first, second = ({"kind": "convolution", **part} for part in parts)
            return {"blocks": [first, {"kind": "pool"}, second, {"kind": "flatten"}]}
        case _:
            assert_never(name)


def try_out(trial: Trial) -> TrialRecord:
    """Train it to its last step, or to where it has no finite numbers any more."""
    state, snapshots = advance(initial_state(trial.spec), n_steps=trial.n_steps)
    has_diverged = state.divergence is not None
    loss_T = [math.nan if has_diverged and s is snapshots[-1] else s.train_loss for s in snapshots]
    return TrialRecord(
        trial.kind,
        trial.rate,
        trial.batch_size,
        trial.groups,
        trial.seed,
        np.array([snapshot.step for snapshot in snapshots]),
        np.array(loss_T),
        0.0 if has_diverged else float(snapshots[-1].test_accuracy),
    )


def small_batch(kind: str, batch_size: int, groups: int = 2, seed: int = 0) -> Trial:
    """4 × 64 ReLU on digits by Adam."""
    return Trial("dense", kind, 0.001, batch_size, SMALL_BATCH_STEPS, seed, groups)


def small_batches(kind: str) -> list[Trial]:
    """By batch size, or for "group" by the number of groups; the first seed of all first."""
    lanes = [(k, size, 2) for size in SIZES for k in ("batch", "layer", "group")]
    if kind == "group":
        lanes = [("batch", 2, 2), ("layer", 2, 2), *(("group", 2, groups) for groups in GROUPS)]
    return [small_batch(*lane, seed) for seed in SEEDS for lane in lanes]


def large_rates() -> list[Trial]:
    """Without and with BatchNorm at every rate; the first seed of all first."""
    return [
        Trial("rates", kind, rate, 32, 150, seed)
        for seed in SEEDS
        for rate in RATES
        for kind in ("none", "batch")
    ]


def deep_sigmoid() -> list[Trial]:
    """Eight sigmoid layers without and with BatchNorm."""
    return [
        Trial("sigmoid", kind, 0.1, 32, 400, seed) for seed in SEEDS for kind in ("none", "batch")
    ]
