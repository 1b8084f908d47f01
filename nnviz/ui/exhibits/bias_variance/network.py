"""Bias and variance of the session's own network against any of its settings."""

from __future__ import annotations

from dataclasses import replace

from nnviz.experiments.complexity import reading
from nnviz.experiments.complexity.axes import Model
from nnviz.experiments.complexity.collecting import collected
from nnviz.experiments.complexity.settings import ComplexitySettings
from nnviz.spec import ExperimentSpec
from nnviz.ui.document import START
from nnviz.ui.exhibits.bias_variance.explore import EXPLORE, calls
from nnviz.ui.exhibits.bias_variance.question import network_form
from nnviz.ui.exhibits.pieces import Pieces, when_asked


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
    lead="Your network of the Playground is trained on many **fresh training sets**, at each value"
    " of one of its settings: see which part of the risk falls, which rises, and where the sum is"
    " lowest.",
    settings=NetworkSettings,
    measure=Pieces(
        calls,
        collected,
        lambda asked: asked.question,
        starts=when_asked,
        about=reading.question_words,
    ),
    controls=network_form,
)
