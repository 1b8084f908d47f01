"""Where a question about a model and an axis starts: a range and defaults that fit it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnviz.experiments.complexity.axes import AXES, Model, applies_to
from nnviz.experiments.complexity.settings import ComplexitySettings
from nnviz.spec import ExperimentSpec

_LINEAR: dict[str, Any] = {"log_risk": False, "robust": False}
_STARTS: dict[str, dict[str, Any]] = {
    "polynomial": {},
    "random_features": {"n_samples": 40, "n_inputs": 5, "n_values": 16},
    "neighbors": {"n_samples": 50, "n_values": 12, **_LINEAR},
    "tree": {"n_samples": 50, "n_values": 10, **_LINEAR},
    "network": {"n_replicates": 16, "n_values": 8, **_LINEAR},
}


def axes_of(model: Model, experiment: ExperimentSpec | None = None) -> list[str]:
    """The settings that may be the axis of a model, and of this network."""
    fitting = [name for name, axis in AXES.items() if model in axis.models]
    return [name for name in fitting if experiment is None or applies_to(experiment, name)]


def another_model(model: Model) -> dict[str, Any]:
    """A fresh question about a classical model, along the first of its axes, as a document."""
    fresh = ComplexitySettings().model_dump(mode="json")
    return fresh | {"model": model} | another_axis(model, axes_of(model)[0]) | _STARTS[model]


def another_axis(model: Model, axis: str) -> dict[str, Any]:
    """What changes in a question when its axis does."""
    low, high = AXES[axis].start
    n_values = _STARTS[model].get("n_values", 13)
    return {
        "axis": axis,
        "low": low,
        "high": high,
        "n_values": n_values,
        "place": None,
        "revealed": False,
    }


def about_network(experiment: ExperimentSpec) -> ComplexitySettings:
    """A fresh question about a network, along an axis that it has. Raises ValueError."""
    names = axes_of("network", experiment)
    axis = "width" if "width" in names else "n_samples"
    asked: Mapping[str, Any] = {
        "model": "network",
        "experiment": experiment.model_dump(mode="json"),
        **another_axis("network", axis),
        **_STARTS["network"],
    }
    return ComplexitySettings.model_validate(asked)
