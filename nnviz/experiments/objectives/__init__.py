"""What is minimized: losses by hand, as curves, with weights, and where they stop teaching."""

from nnviz.experiments.objectives.cross_entropy import Reduction, cross_entropy_by_hand
from nnviz.experiments.objectives.curves import CURVES, loss_curves
from nnviz.experiments.objectives.imbalance import imbalance
from nnviz.experiments.objectives.records import (
    CrossEntropyRecord,
    ImbalanceRecord,
    LossCurveRecord,
    SaturationRecord,
)
from nnviz.experiments.objectives.saturation import saturated_start

__all__ = [
    "CURVES",
    "CrossEntropyRecord",
    "ImbalanceRecord",
    "LossCurveRecord",
    "Reduction",
    "SaturationRecord",
    "cross_entropy_by_hand",
    "imbalance",
    "loss_curves",
    "saturated_start",
]
