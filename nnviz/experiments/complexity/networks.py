"""The pieces of a sweep over the student's own network.

Shapes: V values of the axis, R replicates, N evaluation points, C classes, K surfaces of H × H.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from nnviz.data import input_grid, load
from nnviz.experiments.complexity.pieces import Piece
from nnviz.experiments.complexity.records import EvaluationRecord, PieceRecord
from nnviz.experiments.complexity.settings import ComplexitySettings
from nnviz.experiments.replicate_data import N_GRID, ReplicateSource, replicate_source
from nnviz.experiments.replicates import replicate_chunk
from nnviz.records import FloatArray
from nnviz.spec import ExperimentSpec

MOST_POINTS = 300
N_SURFACES = 6
N_GRID_SIDE = 48


@lru_cache(maxsize=16)
def network_evaluation(experiment: ExperimentSpec) -> EvaluationRecord:
    """The points at which every replicate of every value of the axis is asked."""
    source, entry = replicate_source(experiment.data), experiment.data.entry
    record = load(_whole(experiment).data).record
    if entry.truth is not None:
        raw_G = np.linspace(-1, 1, N_GRID)
        truth_G = source.scale_y(entry.truth(raw_G))
        return EvaluationRecord(
            raw_G[:, None], truth_G, None, False,
            line_x_G=raw_G, line_truth_G=truth_G, line_is_points=True,
        )  # fmt: skip
    points, targets = source.test_x[:MOST_POINTS], source.test_y[:MOST_POINTS]
    grid = input_grid(record, N_GRID_SIDE) if experiment.data.sample.shape == (2,) else None
    classes = experiment.data.classes > 0
    return EvaluationRecord(
        points,
        None if classes else targets.reshape(-1),
        targets.astype(np.int64) if classes else None,
        truth_is_noisy=not classes,
        class_names=record.class_names,
        image_shape=record.image_shape,
        grid_x_H=grid[0] if grid else None,
        grid_y_H=grid[1] if grid else None,
    )


def measure_network(settings: ComplexitySettings, piece: Piece) -> PieceRecord:
    """Train the piece's replicates with fresh data and weights and ask them."""
    asked = settings.experiment
    assert asked is not None
    evaluation = network_evaluation(asked)
    source = replicate_source(asked.data)
    value = settings.values[piece.places[-1]]
    spec = settings.at(value)
    assert isinstance(spec, ExperimentSpec)
    own = replicate_source(spec.data)
    points, grid = evaluation.points, _grid_points(evaluation, piece)
    if spec.data.entry.truth is None:
        asked_at = _rescaled(np.concatenate([points, grid]) if len(grid) else points, source, own)
    else:
        asked_at = own.scale_x(points)
    steps = [int(settings.values[p]) for p in piece.places] if settings.along_training else None
    chunk = replicate_chunk(
        spec, range(piece.start, piece.stop), settings.seed, asked_at, steps, settings.freeze
    )
    n = len(points)
    return PieceRecord(
        places=piece.places,
        start=piece.start,
        stop=piece.stop,
        answers=chunk.predictions[:, :, :n].astype(np.float32),
        surfaces_VKHH=_surfaces(chunk.predictions[:, :N_SURFACES, n:]) if len(grid) else None,
        noise_variance=float(own.noise_variance or 0.0),
    )


def _whole(experiment: ExperimentSpec) -> ExperimentSpec:
    """The same with all points of a set of fixed size, as replicates are drawn from all."""
    size = experiment.data.entry.size
    if size is None:
        return experiment
    data = experiment.data.model_copy(update={"n_samples": size})
    return experiment.model_copy(update={"data": data})


def _grid_points(evaluation: EvaluationRecord, piece: Piece) -> FloatArray:
    """The plane as points, asked of the first replicates only."""
    if evaluation.grid_x_H is None or evaluation.grid_y_H is None or piece.start > 0:
        return np.empty((0, 2))
    x_HH, y_HH = np.meshgrid(evaluation.grid_x_H, evaluation.grid_y_H)
    return np.stack([x_HH.ravel(), y_HH.ravel()], axis=1)


def _rescaled(points: FloatArray, source: ReplicateSource, own: ReplicateSource) -> FloatArray:
    """Points as the sweep's own experiment sees them, as the changed experiment sees them."""
    raw = points * source.scale_x.factor + source.scale_x.shift
    return own.scale_x(raw)


def _surfaces(logs_VKPC: FloatArray) -> FloatArray:
    V, K, _, C = logs_VKPC.shape
    answer = np.exp(logs_VKPC[..., 1]) if C == 2 else logs_VKPC.argmax(axis=-1)
    return np.asarray(answer.reshape(V, K, N_GRID_SIDE, N_GRID_SIDE), dtype=np.float32)
