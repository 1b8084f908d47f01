"""Seed bands and mode gaps made of numbers, as the comparison's figures take them."""

from __future__ import annotations

import numpy as np

from nnviz.experiments.mode_gap.records import LayerModes, ModeGapRecord, SinglePoint

CHECKPOINTS = (10, 100, 400, 1000)


def band(n_lanes=2):
    """Mean, low and high; the last lane has diverged at the end."""
    mean_LT = np.linspace(0.7, 0.1, 4) + 0.05 * np.arange(n_lanes)[:, None]
    mean_LT[-1, -1] = np.nan
    return mean_LT, mean_LT - 0.04, mean_LT + 0.06


def difference(few_seeds=False):
    """Mean, low and high of one lane minus another."""
    mean_T = np.array([0.3, 0.1, -0.02, -0.2])
    half_T = np.full(4, np.inf if few_seeds else 0.08)
    return mean_T, mean_T - half_T, mean_T + half_T


def mode_gap(step, differs=True, n_layers=3, seed=0):
    rng = np.random.default_rng(seed + step)
    outputs_BC = rng.normal(0, 2, (16, 2)).astype(np.float32)
    shift = 0.4 if differs else 0.0
    layers = tuple(
        LayerModes(f"dense{k + 1}", 0.4, 0.6 * (1 + shift), 0.4, 0.6 if k else 0.0)
        for k in range(n_layers)
    )
    return ModeGapRecord(
        step=step,
        differs=differs,
        train_loss=0.6 * np.exp(-step / 50) + shift,
        eval_loss=0.6 * np.exp(-step / 50),
        train_accuracy=0.8,
        eval_accuracy=0.9,
        train_output_BC=outputs_BC,
        eval_output_BC=outputs_BC * (1 + shift),
        layers=layers,
        single=SinglePoint(None, "Expected more than 1 value per channel", outputs_BC[0], None),
    )


def mode_entries(differs=(False, True, True)):
    return [
        (step, tuple(mode_gap(step, differ, seed=lane) for lane, differ in enumerate(differs)))
        for step in (0, 1, 5, 40)
    ]
