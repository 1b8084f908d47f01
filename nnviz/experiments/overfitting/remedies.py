"""What may help against overfitting: one entry a remedy, in three doses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from nnviz.spec import ExperimentSpec

Dose = Literal["light", "medium", "strong"]
DOSES: tuple[Dose, ...] = ("light", "medium", "strong")
EARLY_STOPPING = "early_stopping"
MORE_DATA = "more_data"
Document = dict[str, Any]


@dataclass(frozen=True)
class Remedy:
    """A change of the experiment; `doses` are its light, medium and strong value."""

    name: str
    title: str
    doses: tuple[Any, Any, Any]
    change: Callable[[Document, Any], None]
    show: str = "{}"
    applies: Callable[[ExperimentSpec], bool] = lambda experiment: True

    def value(self, dose: Dose) -> Any:
        """The setting of a dose."""
        return self.doses[DOSES.index(dose)]

    def words(self, dose: Dose) -> str:
        """The remedy as the reader sees it: "dropout 0.3"."""
        return f"{self.title} {self.show.format(self.value(dose))}".strip()

    def applied(self, experiment: ExperimentSpec, dose: Dose) -> ExperimentSpec:
        """The experiment with the remedy, checked as a whole. Raises ValueError."""
        document = experiment.model_dump(mode="json")
        self.change(document, self.value(dose))
        return ExperimentSpec.model_validate(document)


def _narrower(document: Document, factor: float) -> None:
    for block in document["network"]["blocks"]:
        for field in ("width", "channels"):
            if field in block:
                block[field] = max(1, round(block[field] * factor))


def _shallower(document: Document, n_fewer: int) -> None:
    """Without the last dense blocks, but with one at least."""
    blocks = document["network"]["blocks"]
    dense = [place for place, block in enumerate(blocks) if block["kind"] == "dense"]
    dropped = set(dense[-min(n_fewer, len(dense) - 1) :]) if len(dense) > 1 else set()
    document["network"]["blocks"] = [b for n, b in enumerate(blocks) if n not in dropped]


def _everywhere(field: str) -> Callable[[Document, Any], None]:
    """Set a default of the network, and of every block that chose its own."""

    def change(document: Document, value: Any) -> None:
        document["network"][field] = value
        for block in document["network"]["blocks"]:
            if block.get(field) is not None:
                block[field] = value

    return change


def _initialization(document: Document, name: str) -> None:
    document["network"]["initialization"] = {"name": name}
    for block in document["network"]["blocks"]:
        if block.get("initialization") is not None:
            block["initialization"] = {"name": name}


def _training(*path: str) -> Callable[[Document, Any], None]:
    def change(document: Document, value: Any) -> None:
        part = document["training"]
        for name in path[:-1]:
            part = part[name]
        part[path[-1]] = value

    return change


def _nothing(document: Document, value: Any) -> None:
    """The training itself stays as it is."""


def _has_layers(experiment: ExperimentSpec) -> bool:
    return experiment.network.depth > 0


def _has_two(experiment: ExperimentSpec) -> bool:
    return sum(block.kind == "dense" for block in experiment.network.blocks) > 1


def _has_classes(experiment: ExperimentSpec) -> bool:
    return experiment.training.loss == "cross_entropy"


REMEDIES: dict[str, Remedy] = {
    remedy.name: remedy
    for remedy in (
        Remedy(MORE_DATA, "more data", (1.5, 2, 4), _nothing, "× {}"),
        Remedy("narrower", "narrower layers", (0.5, 0.25, 0.1), _narrower, "× {}", _has_layers),
        Remedy("shallower", "fewer layers", (1, 2, 4), _shallower, "- {}", _has_two),
        Remedy(EARLY_STOPPING, "early stopping", (0, 0, 0), _nothing, ""),
        Remedy("batch_norm", "batch normalization", ("batch",) * 3,
               _everywhere("normalization"), "", _has_layers),
        Remedy("initialization", "initial weights", ("kaiming_normal", "xavier_normal",
               "orthogonal"), _initialization, "{}", _has_layers),
        Remedy("l2", "L2", (0.001, 0.01, 0.1), _training("optimizer", "weight_decay")),
        Remedy("l1", "L1", (0.0001, 0.001, 0.01), _training("l1")),
        Remedy("dropout", "dropout", (0.1, 0.3, 0.6), _everywhere("dropout"),
               applies=_has_layers),
        Remedy("label_smoothing", "label smoothing", (0.05, 0.1, 0.3),
               _training("label_smoothing"), applies=_has_classes),
    )
}  # fmt: skip
