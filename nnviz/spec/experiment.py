"""One whole request: data, network and training that fit each other."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import ValidationError, model_validator

from nnviz.base import Spec, SpecError, readable_errors
from nnviz.catalog.dataset_entry import DatasetEntry
from nnviz.catalog.losses import LOSSES
from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.spec.by_hand import check_by_hand
from nnviz.spec.code import decoded, encoded
from nnviz.spec.data import DataSpec
from nnviz.spec.network import NetworkSpec
from nnviz.spec.shapes import LayerShape, layer_shapes
from nnviz.spec.start import with_starting_blocks
from nnviz.spec.training import TrainingSpec
from nnviz.spec.work import check_work, snapshot_seconds, step_seconds


class ExperimentSpec(Spec):
    """What to train, on what, how. Every field has a default that fits the others.

    Raises pydantic.ValidationError (a ValueError) for a request that can't be met; nothing is
    allocated before that.
    """

    version: Literal[1] = 1
    data: DataSpec = DataSpec()
    network: NetworkSpec = NetworkSpec()
    training: TrainingSpec = TrainingSpec()

    @model_validator(mode="before")
    @classmethod
    def _defaults_follow_the_data(cls, document: Any) -> Any:
        entry = _entry_of(document.get("data")) if isinstance(document, dict) else None
        if entry is None:
            return document
        network = with_starting_blocks(document.get("network", {}), entry)
        document = {**document, "network": network} if entry.token_names else document
        if entry.task != "regression":
            return document
        training = document.get("training", {})
        if isinstance(training, TrainingSpec) and "loss" not in training.model_fields_set:
            return {**document, "training": training.model_copy(update={"loss": "mse"})}
        if isinstance(training, dict) and "loss" not in training:
            return {**document, "training": {**training, "loss": "mse"}}
        return document

    @model_validator(mode="after")
    def _parts_fit(self) -> ExperimentSpec:
        self._check_loss()
        layers = self.layer_shapes
        batch_size = min(self.training.batch_size, self.data.n_train)
        check_work(layers, batch_size, self.data.n_test)
        for layer in layers:
            _check_batch(layer, batch_size, self.data.n_test)
        check_by_hand(self.training.by_hand, layers)
        return self

    def _check_loss(self) -> None:
        entry, loss = self.data.entry, self.training.loss
        if entry.task not in LOSSES[loss].tasks:
            fitting = ", ".join(name for name in sorted(LOSSES) if entry.task in LOSSES[name].tasks)
            raise ValueError(
                f"loss must be one of {fitting} for {entry.task} on {self.data.name}; got {loss!r}"
            )
        weights = self.training.class_weights
        if isinstance(weights, tuple) and len(weights) != self.data.classes:
            raise ValueError(
                f"class_weights must name {self.data.classes} weights, one a class;"
                f" got {len(weights)}"
            )

    @property
    def layer_shapes(self) -> tuple[LayerShape, ...]:
        """Every block and the output layer with their shapes and parameter counts."""
        return layer_shapes(self.network, self.data.sample, self.data.output_shape)

    @property
    def n_parameters(self) -> int:
        """Number of learned numbers."""
        return sum(layer.n_parameters for layer in self.layer_shapes)

    @property
    def step_seconds(self) -> float:
        """About how long an update takes."""
        return step_seconds(self.layer_shapes, min(self.training.batch_size, self.data.n_train))

    @property
    def snapshot_seconds(self) -> float:
        """About how long a look at the whole network takes."""
        return snapshot_seconds(self.layer_shapes, self.data.n_train, self.data.n_test)

    @property
    def cautions(self) -> tuple[str, ...]:
        """What can be trained but will hardly learn, and what would do instead, a sentence each."""
        batch_size = min(self.training.batch_size, self.data.n_train)
        named: dict[str, list[str]] = {}
        for layer in self.layer_shapes:
            if reason := _caution(layer, batch_size):
                named.setdefault(reason, []).append(layer.name)
        return tuple(f"{', '.join(names)}: {reason}" for reason, names in named.items())

    def to_code(self) -> str:
        """The spec as a short text for URLs, without what is at its default."""
        return encoded(self.model_dump(mode="json"), ExperimentSpec().model_dump(mode="json"))

    @classmethod
    def from_code(cls, code: str) -> ExperimentSpec:
        """The spec of a code. Raises SpecError for anything else, whatever it is."""
        try:
            return cls.model_validate(decoded(code))
        except ValidationError as error:
            raise SpecError("; ".join(readable_errors(error)[:3])) from error


def _entry_of(data: Any) -> DatasetEntry | None:
    if isinstance(data, DataSpec):
        return data.entry
    try:
        return DataSpec.model_validate(data or {}).entry
    except ValidationError:
        return None  # the field's own validation says what is wrong


def _caution(layer: LayerShape, batch_size: int) -> str | None:
    if layer.settings is None:
        return None
    normalization = NORMALIZATIONS[layer.settings.normalization]
    if normalization.uses_batch and batch_size * math.prod(layer.output_shape[1:]) == 2:
        return (
            "batch normalization of two samples makes them +1 and -1, whichever is larger, and"
            " only their order is left: use a batch_size of 3 or more"
        )
    return normalization.caution(layer.output_shape, layer.settings.normalization_options)


def _check_batch(layer: LayerShape, batch_size: int, n_test: int) -> None:
    if layer.settings is None or not NORMALIZATIONS[layer.settings.normalization].uses_batch:
        return
    space = math.prod(layer.output_shape[1:])
    if batch_size * space < 2:
        raise ValueError(
            f"{layer.name}: batch normalization of a single number has no variance, and torch"
            " raises in training; use a batch_size of 2 or more, or layer normalization"
        )
    if n_test * space < 2 and not layer.settings.track_running_stats:
        raise ValueError(
            f"{layer.name}: without running statistics a single test point has no variance;"
            " use a larger test_fraction, or track_running_stats"
        )
