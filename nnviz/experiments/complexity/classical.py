"""The pieces of a sweep over a classical model of the sine.

Shapes: R replicates, M training points, N evaluation points, F inputs, G points of a line.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from nnviz.experiments.classical_models import (
    ClassicalModelSpec,
    NeighborsSpec,
    PolynomialSpec,
    RandomFeaturesSpec,
    SineSpec,
    TreeSpec,
    draw_training_sets,
    predictions_over_replicates,
    sine_truth,
)
from nnviz.experiments.complexity.pieces import Piece
from nnviz.experiments.complexity.records import EvaluationRecord, PieceRecord
from nnviz.experiments.complexity.settings import ComplexitySettings
from nnviz.randomness import numpy_generator
from nnviz.seeds import derived_seed

N_LINE = 101
N_SCATTERED = 200
N_DRAWN_SETS = 1


@lru_cache(maxsize=16)
def classical_evaluation(n_inputs: int) -> EvaluationRecord:
    """The points at which every replicate is asked, and the truth there."""
    line_G = np.linspace(-1, 1, N_LINE)
    points = line_G[:, None]
    if n_inputs > 1:
        points = numpy_generator(0).uniform(-1, 1, (N_SCATTERED, n_inputs))
    return EvaluationRecord(
        points=points,
        truth_N=sine_truth(points),
        labels_N=None,
        truth_is_noisy=False,
        line_x_G=line_G,
        line_truth_G=sine_truth(line_G),
        line_is_points=n_inputs == 1,
    )


def measure_classical(settings: ComplexitySettings, piece: Piece) -> PieceRecord:
    """Fit the piece's replicates to fresh training sets and ask them."""
    asked = settings.at(settings.values[piece.places[0]])
    assert isinstance(asked, ComplexitySettings)
    evaluation = classical_evaluation(asked.n_inputs)
    points = evaluation.points
    line_GF = np.zeros((0 if evaluation.line_is_points else N_LINE, asked.n_inputs))
    line_GF[:, 0] = np.linspace(-1, 1, len(line_GF))
    own_seed = derived_seed(asked.seed, "replicates", piece.start) % 2**32
    n = piece.stop - piece.start
    n_sets, data_seed = (1, asked.seed) if asked.freeze == "data" else (n, own_seed)
    sine = SineSpec(n_samples=asked.n_samples, noise=asked.noise, n_inputs=asked.n_inputs)
    sets = draw_training_sets(sine, n_sets, data_seed)
    x_RMF, y_RM = (np.repeat(each, n // n_sets, axis=0) for each in (sets.x_RMF, sets.y_RM))
    model_seed = asked.seed if asked.freeze == "initialization" else own_seed
    predictions = predictions_over_replicates(
        _model(asked), x_RMF, y_RM, np.concatenate([points, line_GF]), model_seed
    )
    return PieceRecord(
        places=piece.places,
        start=piece.start,
        stop=piece.stop,
        answers=predictions[None, :, : len(points)].astype(np.float32),
        lines_VRG=predictions[None, :, len(points) :].astype(np.float32),
        noise_variance=asked.noise**2,
        train_x=x_RMF[:N_DRAWN_SETS, :, 0],
        train_y=y_RM[:N_DRAWN_SETS],
    )


def _model(asked: ComplexitySettings) -> ClassicalModelSpec:
    match asked.model:
        case "polynomial":
            return PolynomialSpec(degree=asked.degree, ridge=asked.ridge)
        case "random_features":
            return RandomFeaturesSpec(
                n_features=asked.n_features,
                ridge=asked.ridge,
                initialization="frozen" if asked.freeze == "initialization" else "fresh",
            )
        case "neighbors":
            return NeighborsSpec(n_neighbors=asked.n_neighbors)
        case _:
            return TreeSpec(max_depth=asked.max_depth, min_samples_leaf=asked.min_samples_leaf)
