"""One piece of a sweep measured, and the points at which all its pieces are asked."""

from __future__ import annotations

from nnviz.experiments.complexity.classical import classical_evaluation, measure_classical
from nnviz.experiments.complexity.networks import measure_network, network_evaluation
from nnviz.experiments.complexity.pieces import Piece
from nnviz.experiments.complexity.records import EvaluationRecord, PieceRecord
from nnviz.experiments.complexity.settings import ComplexitySettings


def measure_piece(settings: ComplexitySettings, piece: Piece) -> PieceRecord:
    """Train and ask the piece's replicates; depends on nothing but the request."""
    measure = measure_classical if settings.experiment is None else measure_network
    return measure(settings, piece)


def evaluation_of(settings: ComplexitySettings) -> EvaluationRecord:
    """Where all replicates of the sweep are asked."""
    if settings.experiment is None:
        return classical_evaluation(settings.n_inputs)
    return network_evaluation(settings.experiment)
