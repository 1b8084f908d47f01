"""The work of a sweep, cut into pieces that a worker measures one by one.

Shapes: V values of the axis, R replicates, N evaluation points, F inputs, G points of a line.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnviz.experiments.classical_models import (
    draw_training_sets,
    predictions_over_replicates,
    sine_truth,
)
from nnviz.experiments.complexity.records import EvaluationRecord, PieceRecord
from nnviz.experiments.complexity.settings import ROUNDS, ComplexitySettings
from nnviz.records import FloatArray
from nnviz.seeds import derived_seed

N_LINE = 101
N_SCATTERED = 200
N_DRAWN_SETS = 1
SECONDS_OF_A_PIECE = 2.0
LARGEST_PIECE = 64


@dataclass(frozen=True)
class Piece:
    """Replicates `start` … `stop` - 1 at the axis's values in `places`."""

    places: tuple[int, ...]
    start: int
    stop: int


def pieces_for(settings: ComplexitySettings) -> list[Piece]:
    """All pieces, the whole curve with few replicates first; the same whatever was done before.

    A smaller number of replicates asks for the first pieces of a larger one.
    """
    n_values = len(settings.values)
    every = tuple(range(n_values))
    groups = [every] if settings.along_training else [(place,) for place in _spread(n_values)]
    found: list[Piece] = []
    for start, stop in zip((0, *ROUNDS), ROUNDS, strict=False):
        if start >= settings.n_replicates:
            break
        for places in groups:
            size = _size(settings, settings.values[places[-1]])
            found += [
                Piece(places, first, min(first + size, stop)) for first in range(start, stop, size)
            ]
    return found


def missing_pieces(settings: ComplexitySettings, known: Iterable[PieceRecord]) -> list[Piece]:
    """The pieces that have not arrived."""
    there = {Piece(record.places, record.start, record.stop) for record in known}
    return [piece for piece in pieces_for(settings) if piece not in there]


def seconds_of(settings: ComplexitySettings, pieces: Iterable[Piece]) -> float:
    """Roughly how long one core takes for these pieces."""
    total = 0.0
    for piece in pieces:
        value = settings.values[piece.places[-1]]
        more = settings.seconds_of_one(value, alone=False) * (piece.stop - piece.start - 1)
        total += settings.seconds_of_one(value) + more
    return total


def measure_piece(settings: ComplexitySettings, piece: Piece) -> PieceRecord:
    """Train and ask the piece's replicates; depends on nothing but the request."""
    began = time.perf_counter()
    if settings.experiment is None:
        record = _classical(settings, piece)
    else:
        # Imported here: the classical models need no torch.
        from nnviz.experiments.complexity.networks import measure_network

        record = measure_network(settings, piece)
    object.__setattr__(record, "seconds", time.perf_counter() - began)
    return record


def evaluation_of(settings: ComplexitySettings) -> EvaluationRecord:
    """Where all replicates of the sweep are asked."""
    if settings.experiment is None:
        return _classical_evaluation(settings.n_inputs)
    from nnviz.experiments.complexity.networks import network_evaluation

    return network_evaluation(settings.experiment)


@lru_cache(maxsize=16)
def _classical_evaluation(n_inputs: int) -> EvaluationRecord:
    line_G = np.linspace(-1, 1, N_LINE)
    points = line_G[:, None]
    if n_inputs > 1:
        points = np.random.default_rng(0).uniform(-1, 1, (N_SCATTERED, n_inputs))
    return EvaluationRecord(
        points=points,
        truth_N=sine_truth(points),
        labels_N=None,
        truth_is_noisy=False,
        line_x_G=line_G,
        line_truth_G=sine_truth(line_G),
        line_is_points=n_inputs == 1,
    )


def _classical(settings: ComplexitySettings, piece: Piece) -> PieceRecord:
    asked = settings.at(settings.values[piece.places[0]])
    assert isinstance(asked, ComplexitySettings)
    evaluation = _classical_evaluation(asked.n_inputs)
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


def _spread(n: int) -> list[int]:
    """0 … n - 1, the ends first and then halving the gaps: few of them span the whole axis."""
    order, gaps = [0, n - 1], [(0, n - 1)]
    while gaps:
        low, high = gaps.pop(0)
        middle = (low + high) // 2
        if middle > low:
            order.append(middle)
            gaps += [(low, middle), (middle, high)]
    return list(dict.fromkeys(order))


def _size(settings: ComplexitySettings, value: float) -> int:
    fitting = SECONDS_OF_A_PIECE / settings.seconds_of_one(value, alone=False)
    return max(1, min(LARGEST_PIECE, int(fitting)))
