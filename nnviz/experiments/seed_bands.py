"""Repeat with N seeds: every lane trained on the same seeds, so that lanes are paired.

Shapes: L lanes, S seeds, T checkpoints.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from nnviz.data import load
from nnviz.ensemble import Ensemble, EnsembleData, EnsembleSnapshot, own_data, shared_data
from nnviz.experiments.layer_statistics import joined_statistics, layer_statistics
from nnviz.experiments.seed_records import (
    METRICS,
    BandRecord,
    DataDraw,
    LayerStatisticsRecord,
    Metric,
    SeedBandsRecord,
    SeedChunkRecord,
)
from nnviz.records import FloatArray, IntArray
from nnviz.seeds import derived_seed
from nnviz.spec import DataSpec, ExperimentSpec

__all__ = [
    "METRICS",
    "BandRecord",
    "DataDraw",
    "Metric",
    "SeedBandsRecord",
    "SeedChunkRecord",
    "collect",
    "data_of_seed",
    "seed_chunk",
]


def seed_chunk(
    lanes: Sequence[ExperimentSpec],
    seeds: Sequence[int],
    checkpoints: Sequence[int],
    data: DataDraw = "fixed",
    device: str = "cpu",
    layers: bool = True,
) -> SeedChunkRecord:
    """Train every lane on these seeds: one unit of work, whatever the other chunks hold.

    `data` is the lanes' own set ("fixed") or a fresh draw and split for each seed ("fresh").
    `layers` measures the layers at the last checkpoint. Raises ValueError without lanes, seeds
    or checkpoints, and for lanes of different tasks.
    """
    if not lanes or not seeds or not checkpoints:
        raise ValueError("seed_chunk needs at least one lane, one seed and one checkpoint")
    tasks = {spec.data.entry.task for spec in lanes}
    if len(tasks) > 1:
        raise ValueError("lanes must all be classifications or all be regressions; got both")
    steps = tuple(sorted(set(checkpoints)))
    trained = [_lane(spec, seeds, steps, data, device, layers) for spec in lanes]
    curves: dict[str, Any] = {
        f"{metric}_LST": np.stack([_stacked(lane, f"{metric}_R") for lane, _ in trained])
        for metric in (*METRICS, "diverged")
    }
    statistics = tuple(measured for _, measured in trained if measured is not None)
    return SeedChunkRecord(
        seeds=tuple(int(seed) for seed in seeds),
        checkpoints=steps,
        data=data,
        task=tasks.pop(),
        **curves,
        batched=tuple(lane[-1].batched for lane, _ in trained),
        reasons=tuple(lane[-1].reason for lane, _ in trained),
        layers=statistics if layers else None,
    )


def collect(chunks: Iterable[SeedChunkRecord]) -> SeedBandsRecord:
    """All chunks as one record, by seed; raises ValueError where they do not belong together."""
    parts = list(chunks)
    if not parts:
        raise ValueError("collect needs at least one chunk")
    settings = {
        (part.checkpoints, part.data, part.task, part.test_loss_LST.shape[0]) for part in parts
    }
    if len(settings) > 1:
        raise ValueError("chunks must have the same lanes, checkpoints and data")
    seeds = [seed for part in parts for seed in part.seeds]
    if len(set(seeds)) < len(seeds):
        raise ValueError("chunks must not share a seed")
    order_S = np.argsort(seeds)
    curves: dict[str, Any] = {
        f"{name}_LST": np.concatenate([getattr(p, f"{name}_LST") for p in parts], axis=1)[
            :, order_S
        ]
        for name in (*METRICS, "diverged")
    }
    return SeedBandsRecord(
        seeds=tuple(sorted(seeds)),
        checkpoints=parts[0].checkpoints,
        data=parts[0].data,
        task=parts[0].task,
        **curves,
        batched=parts[0].batched,
        reasons=parts[0].reasons,
        layers=_layers(parts, order_S),
    )


def data_of_seed(spec: DataSpec, seed: int) -> DataSpec:
    """The same request with the data seed that goes with a training seed."""
    return spec.model_copy(update={"seed": derived_seed(spec.seed, "data", seed) % 2**31})


def _lane(
    spec: ExperimentSpec,
    seeds: Sequence[int],
    checkpoints: tuple[int, ...],
    draw: DataDraw,
    device: str,
    layers: bool,
) -> tuple[list[EnsembleSnapshot], LayerStatisticsRecord | None]:
    data = shared_data(load(spec.data))
    if draw == "fresh":
        data = own_data([load(data_of_seed(spec.data, seed)) for seed in seeds])
    ensemble, snapshots = Ensemble(spec, seeds, data, device), []
    for step in checkpoints:
        ensemble.advance(step - ensemble.step)
        snapshots.append(ensemble.snapshot())
    return snapshots, _measured_layers(spec, ensemble, data) if layers else None


def _measured_layers(
    spec: ExperimentSpec, ensemble: Ensemble, data: EnsembleData
) -> LayerStatisticsRecord:
    S = len(ensemble.seeds)
    x, y = data.train_x, data.train_y
    if data.train_is_shared:
        x, y = x.expand(S, *x.shape), y.expand(S, *y.shape)
    return layer_statistics(spec, [ensemble.network(s) for s in range(S)], x, y)


def _stacked(lane: list[EnsembleSnapshot], name: str) -> FloatArray:
    return np.stack([getattr(snapshot, name) for snapshot in lane], axis=1)


def _layers(
    parts: Sequence[SeedChunkRecord], order_S: IntArray
) -> tuple[LayerStatisticsRecord, ...] | None:
    if any(part.layers is None for part in parts):
        return None
    lanes = zip(*(part.layers or () for part in parts), strict=True)
    return tuple(joined_statistics(lane, order_S) for lane in lanes)
