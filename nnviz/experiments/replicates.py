"""Replicates of the student's own network: fresh data and fresh initialization for each.

Shapes: R replicates, N evaluation points, C classes or outputs, T checkpoints, G grid points.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import ArrayLike

from nnviz.ensemble import Ensemble, EnsembleData
from nnviz.experiments.replicate_data import ReplicateSource, replicate_source
from nnviz.experiments.replicate_records import FREEZES, Freeze, ReplicateChunkRecord
from nnviz.records import FloatArray
from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec

__all__ = [
    "FREEZES",
    "Freeze",
    "ReplicateChunkRecord",
    "collect_replicates",
    "replicate_chunk",
]


def replicate_chunk(
    spec: ExperimentSpec,
    replicates: Sequence[int],
    seed: int = 0,
    x_eval: ArrayLike | None = None,
    checkpoints: Sequence[int] | None = None,
    freeze: Freeze = "none",
    device: str = "cpu",
) -> ReplicateChunkRecord:
    """Train these replicates and predict at common points; replicate r is the same in any chunk.

    Every replicate has its own training set and its own initialization, batch order and dropout
    masks; `freeze` gives all of them the same training set ("data") or the same training seed
    ("initialization"), which splits the variance (Neal et al. 2018). `x_eval` (N, …) are points
    as the network sees them, by default the fixed test points of `replicate_source`.
    `checkpoints` left out is the end of the training. Raises ValueError for no replicates or an
    unknown `freeze`.
    """
    if freeze not in FREEZES:
        raise ValueError(f"freeze must be one of {', '.join(FREEZES)}; got {freeze!r}")
    if not replicates:
        raise ValueError("replicate_chunk needs at least one replicate")
    source = replicate_source(spec.data)
    seeds = [0 if freeze == "initialization" else r for r in replicates]
    training_seeds = [derived_seed(seed, "training", s) % 2**31 for s in seeds]
    data = _training_sets(source, replicates, seed, frozen=freeze == "data")
    ensemble = Ensemble(spec, training_seeds, data, device)
    points = source.test_x if x_eval is None else np.asarray(x_eval, dtype=np.float64)
    steps = tuple(sorted(set(checkpoints or (spec.training.n_steps,))))
    grid = source.grid()
    answers, grid_answers = [], []
    for step in steps:
        ensemble.advance(step - ensemble.step)
        answers.append(_predictions(ensemble, points))
        if grid is not None:
            grid_answers.append(_predictions(ensemble, grid[0][:, None]))
    predictions = np.stack(answers)
    unfinished_R = ~np.isfinite(np.moveaxis(predictions, 1, 0)).reshape(len(seeds), -1).all(axis=1)
    return ReplicateChunkRecord(
        task=spec.data.entry.task,
        freeze=freeze,
        replicates=tuple(int(r) for r in replicates),
        checkpoints=steps,
        n_train=source.n_train,
        predictions=predictions,
        diverged_R=ensemble.diverged | unfinished_R,
        eval_x=points,
        targets_N=source.test_y.reshape(len(points)) if x_eval is None else None,
        truth_N=source.truth_at(points),
        noise_variance=source.noise_variance,
        grid_x_G=None if grid is None else grid[0],
        grid_truth_G=None if grid is None else grid[1],
        grid_predictions_TRG=np.stack(grid_answers) if grid_answers else None,
        batched=ensemble.reason is None,
        reason=ensemble.reason,
    )


def collect_replicates(chunks: Iterable[ReplicateChunkRecord]) -> ReplicateChunkRecord:
    """All chunks as one record, by replicate; raises ValueError where they do not fit."""
    parts = sorted(chunks, key=lambda part: part.replicates)
    if not parts:
        raise ValueError("collect_replicates needs at least one chunk")
    replicates = [r for part in parts for r in part.replicates]
    if len(set(replicates)) < len(replicates):
        raise ValueError("chunks must not share a replicate")
    first = parts[0]
    settings = {(part.freeze, part.checkpoints, part.predictions.shape[2:]) for part in parts}
    if len(settings) > 1 or any((part.eval_x != first.eval_x).any() for part in parts):
        raise ValueError("chunks must have the same points, checkpoints and freeze")
    order_R = np.argsort(replicates)
    grids = [p.grid_predictions_TRG for p in parts if p.grid_predictions_TRG is not None]
    return replace(
        first,
        replicates=tuple(sorted(replicates)),
        predictions=np.concatenate([part.predictions for part in parts], axis=1)[:, order_R],
        diverged_R=np.concatenate([part.diverged_R for part in parts])[order_R],
        grid_predictions_TRG=np.concatenate(grids, axis=1)[:, order_R] if grids else None,
    )


def _training_sets(
    source: ReplicateSource, replicates: Sequence[int], seed: int, frozen: bool
) -> EnsembleData:
    numbers = [0] if frozen else list(replicates)
    x, y = source.draw([derived_seed(seed, "data", r) % 2**31 for r in numbers])
    kind = torch.int64 if source.spec.classes else torch.float32
    test_x = torch.as_tensor(source.test_x, dtype=torch.float32)
    test_y = torch.as_tensor(source.test_y, dtype=kind)
    if frozen:
        return EnsembleData(x[0], y[0], test_x, test_y)
    return EnsembleData(x, y, test_x, test_y, train_is_shared=False)


def _predictions(ensemble: Ensemble, points: FloatArray) -> FloatArray:
    """Values (R, N) for one output, log-probabilities (R, N, C) for classes."""
    outputs_RNC = ensemble.evaluate(torch.as_tensor(points, dtype=torch.float32))
    if ensemble.spec.data.classes:
        return outputs_RNC.double().log_softmax(dim=2).cpu().numpy()
    return outputs_RNC[:, :, 0].double().cpu().numpy()
