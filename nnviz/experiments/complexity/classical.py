"""The pieces of a sweep over a classical model of the sine.

Shapes: R replicates, M training points, N evaluation points, F inputs, G points of a line.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from nnviz.experiments.classical_models import (
    draw_training_sets,
    predictions_over_replicates,
    sine_truth,
)
from nnviz.experiments.complexity.pieces import Piece
from nnviz.experiments.complexity.records import EvaluationRecord, PieceRecord
from nnviz.experiments.complexity.settings import ComplexitySettings
from nnviz.randomness import numpy_generator
from nnviz.records import FloatArray
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
    points, line_GF = evaluation.points, _line(evaluation, asked.n_inputs)
    own_seed = derived_seed(asked.seed, "replicates", piece.start) % 2**32
    n = piece.stop - piece.start
    x_RMF, y_RM = _training_sets(asked, n, own_seed)
    model_seed = asked.seed if asked.freeze == "initialization" else own_seed
    predictions = predictions_over_replicates(
        asked.classical_model, x_RMF, y_RM, np.concatenate([points, line_GF]), model_seed
    )
    return PieceRecord(
        places=piece.places,
        start=piece.start,
        stop=piece.stop,
        answers=predictions[None, :, : len(points)].astype(np.float32),
        lines_VRG=predictions[None, :, len(points) :].astype(np.float32),
        surfaces_VKHH=None,
        noise_variance=asked.noise**2,
        train_x=x_RMF[:N_DRAWN_SETS, :, 0],
        train_y=y_RM[:N_DRAWN_SETS],
    )


def _training_sets(
    asked: ComplexitySettings, n: int, own_seed: int
) -> tuple[FloatArray, FloatArray]:
    if asked.freeze != "data":
        sets = draw_training_sets(asked.training_sets, n, own_seed)
        return sets.x_RMF, sets.y_RM
    sets = draw_training_sets(asked.training_sets, 1, asked.seed)
    return np.repeat(sets.x_RMF, n, axis=0), np.repeat(sets.y_RM, n, axis=0)


def _line(evaluation: EvaluationRecord, n_inputs: int) -> FloatArray:
    """The line's points (G, F), inputs beyond the first at 0; none where they are the points."""
    if evaluation.line_is_points or evaluation.line_x_G is None:
        return np.empty((0, n_inputs))
    line_GF = np.zeros((len(evaluation.line_x_G), n_inputs))
    line_GF[:, 0] = evaluation.line_x_G
    return line_GF
