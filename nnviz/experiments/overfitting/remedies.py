"""What may help against overfitting: one entry a remedy, in doses that follow the network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from nnviz.experiments.overfitting.gallery_records import FEWER_INPUTS
from nnviz.spec import ExperimentSpec

Dose = Literal["light", "medium", "strong"]
DOSES: tuple[Dose, ...] = ("light", "medium", "strong")
EARLY_STOPPING, MORE_DATA = "early_stopping", "more_data"
INPUT_NOISE = "input_noise"
Document = dict[str, Any]
Doses = tuple[Any, ...]


@dataclass(frozen=True)
class Remedy:
    """A change of the experiment, or of how it is trained where `change` does nothing.

    `doses` are its values from weak to strong; a single one holds for every dose.
    """

    name: str
    title: str
    doses: Doses | Callable[[ExperimentSpec], Doses]
    change: Callable[[Document, Any], None]
    show: str = "{}"
    applies: Callable[[ExperimentSpec], bool] = lambda experiment: True

    def value(self, experiment: ExperimentSpec, place: int) -> Any:
        """The setting of a dose, counted from 0."""
        doses = self.doses(experiment) if callable(self.doses) else self.doses
        return doses[min(place, len(doses) - 1)]

    @property
    def has_doses(self) -> bool:
        """Whether there is more than one."""
        return callable(self.doses) or len(self.doses) > 1

    def words(self, experiment: ExperimentSpec, place: int) -> str:
        """The remedy as the reader sees it: "dropout 0.3"."""
        return f"{self.title} {self.told(experiment, place)}".strip()

    def told(self, experiment: ExperimentSpec, place: int) -> str:
        """The dose alone: "0.3"."""
        return self.show.format(self.value(experiment, place))

    def applied(self, experiment: ExperimentSpec, place: int) -> ExperimentSpec:
        """The experiment with the remedy, checked as a whole. Raises ValueError."""
        document = experiment.model_dump(mode="json")
        self.change(document, self.value(experiment, place))
        return ExperimentSpec.model_validate(document)


def narrower(document: Document, factor: float) -> None:
    """Every layer with this share of its units."""
    for block in document["network"]["blocks"]:
        for field in ("width", "channels"):
            if field in block:
                block[field] = max(1, round(block[field] * factor))


def shallower(document: Document, n_fewer: int) -> None:
    """Without the last dense blocks."""
    blocks = document["network"]["blocks"]
    dense = [place for place, block in enumerate(blocks) if block["kind"] == "dense"]
    dropped = set(dense[max(0, len(dense) - n_fewer) :])
    document["network"]["blocks"] = [b for n, b in enumerate(blocks) if n not in dropped]


def everywhere(field: str) -> Callable[[Document, Any], None]:
    """Set a default of the network, and of every block that chose its own."""

    def change(document: Document, value: Any) -> None:
        document["network"][field] = value
        for block in document["network"]["blocks"]:
            if block.get(field) is not None:
                block[field] = value

    return change


def training(*path: str) -> Callable[[Document, Any], None]:
    """Set a field of the training."""

    def change(document: Document, value: Any) -> None:
        part = document["training"]
        for name in path[:-1]:
            part = part[name]
        part[path[-1]] = value

    return change


def nothing(document: Document, value: Any) -> None:
    """The experiment stays: the remedy is in the points, or in how the network is trained."""


def _initialization(document: Document, name: str) -> None:
    everywhere("initialization")(document, {"name": name})


def n_dense(experiment: ExperimentSpec) -> int:
    """Dense blocks of the network."""
    return sum(block.kind == "dense" for block in experiment.network.blocks)


def n_inputs(experiment: ExperimentSpec) -> int:
    """Numbers of a point of a table or plane; 0 for rows, images and tokens."""
    shape = experiment.data.sample.shape
    return shape[0] if len(shape) == 1 and experiment.data.entry.scales_inputs else 0


def has_layers(experiment: ExperimentSpec) -> bool:
    """Whether anything is hidden."""
    return experiment.network.depth > 0


def has_classes(experiment: ExperimentSpec) -> bool:
    """Whether classes are learned by cross-entropy."""
    return experiment.training.loss == "cross_entropy"


def _layers(experiment: ExperimentSpec) -> Doses:
    n = n_dense(experiment)
    return 1, min(2, n), min(4, n)


def _inputs(experiment: ExperimentSpec) -> Doses:
    n = n_inputs(experiment)
    return tuple(min(n - 1, max(1, round(n * share))) for share in (0.25, 0.5, 0.75))


REMEDIES: dict[str, Remedy] = {
    remedy.name: remedy
    for remedy in (
        Remedy(MORE_DATA, "more data", (1.5, 2, 4), nothing, "× {}"),
        Remedy("narrower", "narrower layers", (0.5, 0.25, 0.1), narrower, "× {}", has_layers),
        Remedy("shallower", "fewer layers", _layers, shallower, "− {}",
               lambda experiment: n_dense(experiment) > 0),
        Remedy(EARLY_STOPPING, "early stopping", (0,), nothing, ""),
        Remedy("batch_norm", "batch normalization", ("batch",), everywhere("normalization"), "",
               has_layers),
        Remedy("initialization", "initial weights", ("kaiming_normal", "xavier_normal",
               "orthogonal"), _initialization, "{}", has_layers),
        Remedy("l2", "L2", (0.001, 0.01, 0.1), training("optimizer", "weight_decay")),
        Remedy("l1", "L1", (0.0001, 0.001, 0.01), training("l1")),
        Remedy("dropout", "dropout", (0.1, 0.3, 0.6), everywhere("dropout"), applies=has_layers),
        Remedy("label_smoothing", "label smoothing", (0.05, 0.1, 0.3),
               training("label_smoothing"), applies=has_classes),
        Remedy(FEWER_INPUTS, "fewer inputs", _inputs, nothing, "− {}",
               lambda experiment: n_inputs(experiment) > 1),
        Remedy(INPUT_NOISE, "input noise", (0.1, 0.3, 1.0), nothing, "σ {}",
               lambda experiment: experiment.data.entry.scales_inputs),
    )
}  # fmt: skip
