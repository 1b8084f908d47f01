"""Bias and variance of the session's own network against any of its settings."""

from __future__ import annotations

from dataclasses import replace

from nnviz.experiments.complexity.axes import Model
from nnviz.experiments.complexity.settings import ComplexitySettings
from nnviz.spec import ExperimentSpec
from nnviz.ui.document import START
from nnviz.ui.exhibits.bias_variance.explore import EXPLORE
from nnviz.ui.exhibits.bias_variance.question import network_form


class NetworkSettings(ComplexitySettings):
    """A question about a network; its trainings take long, so few replicates come first."""

    model: Model = "network"
    axis: str = "width"
    low: float = 1
    high: float = 128
    n_values: int = 8
    n_replicates: int = 16
    experiment: ExperimentSpec | None = START
    log_risk: bool = False
    robust: bool = False


NETWORK = replace(
    EXPLORE,
    name="network",
    title="Your network",
    lead="Your network is trained on many **fresh training sets** at each value of one of its"
    " settings: see which part of the risk falls, and which rises.",
    settings=NetworkSettings,
    controls=network_form,
)
