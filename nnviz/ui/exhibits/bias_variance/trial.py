"""A training to try: the network that is asked about, or one on as many points of a sine."""

from __future__ import annotations

from nnviz.experiments.complexity.settings import ComplexitySettings
from nnviz.spec import ExperimentSpec


def sine(n_points: int, sigma: float) -> ExperimentSpec:
    """A network on as many noisy points of a sine, and as many to test it."""
    return ExperimentSpec.model_validate(
        {
            "data": {"name": "sinusoid", "n_samples": 2 * max(n_points, 10), "noise": sigma,
                     "test_fraction": 0.5},
            "network": {"blocks": [{"kind": "dense", "width": 32}] * 2, "activation": "tanh"},
            "training": {"n_steps": 3000, "batch_size": 10,
                         "optimizer": {"name": "adam", "learning_rate": 0.01}},
        }
    )  # fmt: skip


def training_of(settings: ComplexitySettings) -> ExperimentSpec:
    """The network at the value that was chosen, or one on the same sine."""
    if settings.experiment is None:
        return sine(settings.n_samples, settings.noise)
    if settings.place is None:
        return settings.experiment
    asked = settings.at(settings.nearest(settings.place))
    return asked if isinstance(asked, ExperimentSpec) else settings.experiment
