"""What repeating lanes with many seeds measured: frozen records of NumPy arrays.

Shapes: L lanes, S seeds, T checkpoints, B blocks of a network (the output layer last).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nnviz.records import QUALITY, BoolArray, FloatArray, Task

DataDraw = Literal["fixed", "fresh"]
Metric = Literal["train_loss", "test_loss", "train_accuracy", "test_accuracy"]
METRICS: tuple[Metric, ...] = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")


def metric_name(metric: Metric, task: Task) -> str:
    """A metric as the reader sees it: test accuracy, or test R² of a regression."""
    part, quantity = metric.split("_")
    where = {"train": "training", "test": "test"}[part]
    return f"{where} {QUALITY[task] if quantity == 'accuracy' else quantity}"


@dataclass(frozen=True)
class LayerStatisticsRecord:
    """Per seed and block, on reference points of the training set; NaN where there is none.

    All but `delta_rms` are measured in evaluation mode on what enters the next layer.
    """

    names: tuple[str, ...]
    output_mean_SB: FloatArray
    output_std_SB: FloatArray
    negative_fraction_SB: FloatArray
    effective_rank_SB: FloatArray
    """exp(entropy) of the centred output's normalized singular values (Roy & Vetterli 2007)."""
    sample_cosine_SB: FloatArray
    """Mean cosine between the outputs of two different points."""
    delta_rms_SB: FloatArray
    """Root mean square of ∂L/∂z in training mode, the reference points as one batch."""

    @property
    def gradient_growth(self) -> FloatArray:
        """Growth per layer towards the input, χ̂ = (δ₁² / δ_L²)^(1 / (L - 1)), shape (S,)."""
        learned_SL = self.delta_rms_SB[:, ~np.isnan(self.delta_rms_SB).all(axis=0)]
        if learned_SL.shape[1] < 2:
            return np.full(len(learned_SL), math.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio_S = (learned_SL[:, 0] / learned_SL[:, -1]) ** 2
            return np.asarray(ratio_S ** (1 / (learned_SL.shape[1] - 1)))


@dataclass(frozen=True)
class BandRecord:
    """One metric over the seeds whose training has not diverged, (L, T) each; NaN where none."""

    mean_LT: FloatArray
    low_LT: FloatArray
    """The lowest seed."""
    high_LT: FloatArray
    """The highest seed."""
    n_seeds_LT: FloatArray


@dataclass(frozen=True)
class SeedBandsRecord:
    """Curves of all lanes and seeds, in evaluation mode; NaN where a training has diverged.

    Seed s gives lane l the initial weights, batch order and dropout masks of a single training
    with `training.seed = seeds[s]`, and all lanes the same data: differences are paired.
    """

    seeds: tuple[int, ...]
    checkpoints: tuple[int, ...]
    data: DataDraw
    task: Task
    """What the accuracies are: shares of correct answers, or R²."""
    train_loss_LST: FloatArray
    test_loss_LST: FloatArray
    train_accuracy_LST: FloatArray
    test_accuracy_LST: FloatArray
    diverged_LST: BoolArray
    batched: tuple[bool, ...]
    """Which lanes trained all their seeds at once."""
    reasons: tuple[str | None, ...]
    """Why a lane, or a part of it, ran one seed after another."""
    layers: tuple[LayerStatisticsRecord, ...] | None = None
    """Each lane's layers at the last checkpoint."""

    def curves(self, metric: Metric) -> FloatArray:
        """One metric, (L, S, T)."""
        values: FloatArray = getattr(self, f"{metric}_LST")
        return values

    def band(self, metric: Metric) -> BandRecord:
        """Mean and range over seeds."""
        values_LST = self.curves(metric)
        there_LST = ~np.isnan(values_LST)
        n_LT = there_LST.sum(axis=1)
        mean_LT = np.where(there_LST, values_LST, 0).sum(axis=1) / np.where(n_LT, n_LT, np.nan)
        low_LT = np.where(there_LST, values_LST, np.inf).min(axis=1)
        high_LT = np.where(there_LST, values_LST, -np.inf).max(axis=1)
        missing_LT = n_LT == 0
        low_LT[missing_LT] = high_LT[missing_LT] = np.nan
        return BandRecord(mean_LT, low_LT, high_LT, n_LT)


SeedChunkRecord = SeedBandsRecord
"""Some of the seeds: the same record, so that a part can be drawn like the whole."""
