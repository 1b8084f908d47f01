"""Where weights start: as drawn, and what becomes of units that start alike."""

from nnviz.experiments.initial_weights.depth import DepthRecord, start_for, through_depth
from nnviz.experiments.initial_weights.race import RaceLaneRecord, race_lane, race_steps
from nnviz.experiments.initial_weights.records import SymmetryRecord, WeightRecord
from nnviz.experiments.initial_weights.symmetry import Breaker, effective_rank, train_from
from nnviz.experiments.initial_weights.weights import draw_weights, misfit, scaled

__all__ = [
    "Breaker",
    "DepthRecord",
    "RaceLaneRecord",
    "SymmetryRecord",
    "WeightRecord",
    "draw_weights",
    "effective_rank",
    "misfit",
    "race_lane",
    "race_steps",
    "scaled",
    "start_for",
    "through_depth",
    "train_from",
]
