"""What may be the complexity axis: one entry a setting, with its range and how it is applied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nnviz.records import has_classes
from nnviz.spec import ExperimentSpec, SpecError

Model = Literal["network", "polynomial", "random_features", "neighbors", "tree"]
MODELS: dict[Model, str] = {
    "polynomial": "polynomial",
    "random_features": "random ReLU features",
    "neighbors": "nearest neighbours",
    "tree": "decision tree",
    "network": "your network",
}
CLASSICAL: tuple[Model, ...] = ("polynomial", "random_features", "neighbors", "tree")
LEAST_SAMPLES = 20


@dataclass(frozen=True)
class Axis:
    """One setting as an axis: from `low` to `high`; `start` is where its sweep begins and ends."""

    name: str
    title: str
    models: tuple[Model, ...]
    low: float
    high: float
    start: tuple[float, float]
    log: bool = False
    whole: bool = False
    unit: str = ""
    grows: bool = True
    """Whether a larger value makes the model more flexible."""

    def values(self, low: float, high: float, n_values: int) -> tuple[float, ...]:
        """`n_values` evenly spread from low to high (fewer where whole numbers coincide)."""
        if self.log:
            least = low if low > 0 else high / 1000
            spread = np.geomspace(least, high, n_values)
            if low <= 0:
                spread = np.concatenate([[0.0], spread[1:]])
        else:
            spread = np.linspace(low, high, n_values)
        if self.whole:
            return tuple(float(value) for value in np.unique(np.round(spread)))
        return tuple(float(f"{value:.4g}") for value in spread)


AXES: dict[str, Axis] = {
    axis.name: axis
    for axis in (
        Axis("degree", "polynomial degree", ("polynomial",), 0, 50, (0, 12), whole=True),
        Axis(
            "n_features", "random features", ("random_features",), 1, 2000, (4, 1000),
            log=True, whole=True, unit="parameters",
        ),
        Axis(
            "n_neighbors", "nearest neighbours", ("neighbors",), 1, 500, (1, 25),
            log=True, whole=True, grows=False,
        ),
        Axis("max_depth", "depth of the tree", ("tree",), 1, 30, (1, 10), whole=True),
        Axis(
            "min_samples_leaf", "points in a leaf, at least", ("tree",), 1, 500, (1, 12),
            whole=True, grows=False,
        ),
        Axis(
            "ridge", "ridge penalty", ("polynomial", "random_features"), 0, 1000, (1e-5, 1),
            log=True, grows=False,
        ),
        Axis("width", "hidden width", ("network",), 1, 512, (1, 128),
             log=True, whole=True, unit="units"),
        Axis("depth", "hidden layers", ("network",), 0, 16, (0, 6), whole=True),
        Axis("n_steps", "training steps", ("network",), 0, 20_000, (1, 2000),
             log=True, whole=True, unit="updates"),
        Axis("dropout", "dropout", ("network",), 0, 0.95, (0, 0.8), grows=False,
             unit="share dropped"),
        Axis("weight_decay", "weight decay (L2)", ("network",), 0, 10, (1e-4, 1),
             log=True, grows=False),
        Axis("l1", "L1 penalty", ("network",), 0, 10, (1e-5, 0.1), log=True, grows=False),
        Axis("learning_rate", "learning rate", ("network",), 1e-6, 10, (1e-4, 0.3), log=True),
        Axis("label_noise", "wrong training labels", ("network",), 0, 0.9, (0, 0.6),
             unit="share", grows=False),
        Axis("n_samples", "training points", ("network", *CLASSICAL), 2, 2000, (15, 400),
             log=True, whole=True, unit="points", grows=False),
        Axis("noise", "noise of the targets", ("network", *CLASSICAL), 0, 2, (0, 1),
             unit="standard deviation σ", grows=False),
    )
}  # fmt: skip


def changed_network(experiment: ExperimentSpec, axis: str, value: float) -> ExperimentSpec:
    """The experiment with one setting at this value, checked as a whole. Raises ValueError."""
    document = experiment.model_dump(mode="json")
    _CHANGES[axis](document, value)
    return ExperimentSpec.model_validate(document)


def applies_to(experiment: ExperimentSpec, axis: str) -> bool:
    """Whether the axis means something for this network and its data."""
    kinds = [block.kind for block in experiment.network.blocks]
    if axis == "label_noise":
        return has_classes(experiment.data.entry.task)
    if axis == "noise":
        return experiment.data.entry.noise is not None
    if axis in ("width", "dropout"):
        return "dense" in kinds or "convolution" in kinds
    return True


def _width(document: dict[str, Any], value: float) -> None:
    for block in document["network"]["blocks"]:
        for field in ("width", "channels"):
            if field in block:
                block[field] = int(value)


def _depth(document: dict[str, Any], value: float) -> None:
    """The last dense block as often as asked, behind everything that is not dense."""
    blocks = document["network"]["blocks"]
    dense = [block for block in blocks if block["kind"] == "dense"]
    model = dense[-1] if dense else {"kind": "dense", "width": 8}
    others = [block for block in blocks if block["kind"] != "dense"]
    document["network"]["blocks"] = [*others, *[dict(model) for _ in range(int(value))]]


def _dropout(document: dict[str, Any], value: float) -> None:
    document["network"]["dropout"] = value
    for block in document["network"]["blocks"]:
        if block.get("dropout") is not None:
            block["dropout"] = value


def _n_samples(document: dict[str, Any], value: float) -> None:
    """As many training points as asked, beside as many test points as before."""
    data = document["data"]
    size = max(LEAST_SAMPLES, round(value / (1 - data["test_fraction"])))
    if size > 10_000:
        raise SpecError(f"at most 10,000 points in all; {value:g} training points need {size:,}")
    data["n_samples"] = size


def _in(*path: str) -> Callable[[dict[str, Any], float], None]:
    def change(document: dict[str, Any], value: float) -> None:
        for part in path[:-1]:
            document = document[part]
        document[path[-1]] = value

    return change


_CHANGES: dict[str, Callable[[dict[str, Any], float], None]] = {
    "width": _width,
    "depth": _depth,
    "n_steps": lambda document, value: document["training"].update(n_steps=max(1, int(value))),
    "dropout": _dropout,
    "weight_decay": _in("training", "optimizer", "weight_decay"),
    "l1": _in("training", "l1"),
    "learning_rate": _in("training", "optimizer", "learning_rate"),
    "label_noise": _in("data", "label_noise"),
    "n_samples": _n_samples,
    "noise": _in("data", "noise"),
}
