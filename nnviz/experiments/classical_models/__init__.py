"""Models whose bias and variance are known from theory, trained on many replicates at once.

Everything here is NumPy and scikit-learn: what a network is compared with.
"""

from nnviz.experiments.classical_models.fitting import least_squares, predictions_over_replicates
from nnviz.experiments.classical_models.specs import (
    ClassicalModelSpec,
    NeighborsSpec,
    PolynomialSpec,
    RandomFeaturesSpec,
    SineSpec,
    TreeSpec,
)
from nnviz.experiments.classical_models.training_sets import (
    TrainingSetsRecord,
    draw_training_sets,
    sine_truth,
)

__all__ = [
    "ClassicalModelSpec",
    "NeighborsSpec",
    "PolynomialSpec",
    "RandomFeaturesSpec",
    "SineSpec",
    "TrainingSetsRecord",
    "TreeSpec",
    "draw_training_sets",
    "least_squares",
    "predictions_over_replicates",
    "sine_truth",
]
