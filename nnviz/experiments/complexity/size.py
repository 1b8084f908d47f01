"""How large the models of a question are: parameters, training points, and where they meet."""

from __future__ import annotations

import numpy as np

from nnviz.experiments.complexity.settings import ComplexitySettings
from nnviz.spec import ExperimentSpec


def n_parameters(settings: ComplexitySettings, value: float) -> int | None:
    """Learned numbers of the model at a value; None where they are not a fixed number."""
    asked = settings.at(value)
    if isinstance(asked, ExperimentSpec):
        return asked.n_parameters
    fixed = {"polynomial": asked.degree + 1, "random_features": asked.n_features}
    return fixed.get(asked.model)


def n_train(settings: ComplexitySettings, value: float) -> int:
    """Training points of one replicate at a value."""
    asked = settings.at(value)
    if isinstance(asked, ExperimentSpec):
        return asked.data.n_train
    return asked.n_samples


def parameters_equal_points(settings: ComplexitySettings) -> float | None:
    """Where on the axis a network's parameters equal its training points times outputs."""
    if settings.experiment is None:
        return settings.threshold
    counts = np.array([n_parameters(settings, v) or 0 for v in settings.values], float)
    points = (
        np.array([n_train(settings, v) for v in settings.values])
        * settings.experiment.data.n_outputs
    )
    above = np.flatnonzero(counts >= points)
    if settings.axis not in ("width", "depth") or not above.size or above[0] == 0:
        return None
    share = (points - counts)[above[0] - 1] / (
        (counts - points)[above[0]] + (points - counts)[above[0] - 1]
    )
    low, high = settings.values[above[0] - 1], settings.values[above[0]]
    return float(low + share * (high - low))
