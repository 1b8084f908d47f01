"""Which data: a set of the catalog, how much of it, how noisy, how split and scaled."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, model_validator

from nnviz.base import Spec, filled
from nnviz.blocks.sample import Sample, Shape
from nnviz.catalog.choices import one_of
from nnviz.catalog.dataset_entry import Arrays, DatasetEntry
from nnviz.catalog.datasets import DATASETS
from nnviz.records import has_classes

MOST_CHOSEN_CLASSES = 10

Seed = Annotated[int, Field(ge=0, lt=2**31)]
ScalingName = Literal["standard", "minmax", "none"]


class DataSpec(Spec):
    """A data set with its size, noise, split, scaling and seed.

    A setting left out takes the set's own default; one that does not apply is refused, but for
    the scaling, which leaves tokens and marks as they are.
    `label_noise` replaces that share of the *training* labels by another class.
    """

    name: Annotated[str, AfterValidator(one_of("data set", DATASETS))] = Field(
        "spirals", title="Data set", json_schema_extra={"choices": list(DATASETS)}
    )
    n_samples: Annotated[int, Field(ge=20, le=10_000)] | None = Field(
        None, title="Points", description="Training and test points together."
    )
    noise: Annotated[float, Field(ge=0, le=2)] | None = Field(
        None,
        title="Noise",
        description="Standard deviation of the noise added to the points or targets.",
        json_schema_extra={"step": 0.01, "most": 1.0},
    )
    n_classes: Annotated[int, Field(ge=2, le=64)] | None = Field(
        None, title="Classes", json_schema_extra={"most": 6}
    )
    length: Annotated[int, Field(ge=4, le=100)] | None = Field(
        None, title="Length", description="Numbers or tokens in a row."
    )
    label_noise: Annotated[float, Field(ge=0, le=0.9)] = Field(
        0.0,
        title="Label noise",
        description="Share of the training labels replaced by another class; test labels stay"
        " clean.",
        json_schema_extra={"step": 0.05},
    )
    test_fraction: Annotated[float, Field(ge=0.05, le=0.9)] = Field(
        0.25,
        title="Test share",
        description="Share of the points that are kept for testing.",
        json_schema_extra={"step": 0.05},
    )
    scaling: ScalingName = Field(
        "standard",
        title="Scaling",
        description="Fitted on the training points: to mean 0 and deviation 1, or to −1…1.",
    )
    seed: Seed = Field(
        0, title="Data seed", description="Decides which points are drawn, and how they are split."
    )

    @model_validator(mode="before")
    @classmethod
    def _defaults_of_the_set(cls, document: Any) -> Any:
        name = document.get("name", "spirals") if isinstance(document, dict) else None
        entry = DATASETS.get(name) if isinstance(name, str) else None
        if entry is None:
            return document
        defaults = {
            "n_samples": entry.size or entry.usual_size,
            "noise": entry.noise,
            "n_classes": entry.n_classes or None,
            "length": entry.length,
        }
        return filled(document, defaults)

    @model_validator(mode="after")
    def _settings_apply(self) -> DataSpec:
        entry, most = self.entry, self.entry.size or self.entry.most
        if (self.n_samples or 0) > most:
            raise ValueError(
                f"n_samples must be at most {most} for {self.name}; got {self.n_samples}"
            )
        if entry.noise is None and self.noise:
            real = "" if entry.size is None else ", which is real data"
            raise ValueError(f"noise does not apply to {self.name}{real}")
        self._check_classes()
        self._check_length()
        return self

    def _check_classes(self) -> None:
        entry = self.entry
        if not entry.any_classes and self.n_classes not in (None, entry.n_classes):
            raise ValueError(f"n_classes can't be chosen for {self.name}; got {self.n_classes}")
        if entry.any_classes and self.classes > MOST_CHOSEN_CLASSES:
            raise ValueError(
                f"n_classes must be at most {MOST_CHOSEN_CLASSES}; got {self.n_classes}"
            )
        if not has_classes(entry.task) and self.label_noise:
            raise ValueError(f"label_noise needs classes, and {self.name} is a regression")
        if entry.per_position and self.label_noise:
            raise ValueError(
                f"label_noise replaces one class a point, and {self.name} has one for each position"
            )

    def _check_length(self) -> None:
        step = self.entry.length_step
        if self.entry.length is None and self.length is not None:
            raise ValueError(f"length does not apply to {self.name}")
        if self.length is not None and self.length % step:
            raise ValueError(
                f"length must be a multiple of {step} for {self.name}; got {self.length}"
            )

    @property
    def entry(self) -> DatasetEntry:
        """The catalog's entry."""
        return DATASETS[self.name]

    @property
    def size(self) -> int:
        """Number of points, training and test together."""
        return self.n_samples or self.entry.size or self.entry.usual_size

    @property
    def classes(self) -> int:
        """Number of classes, 0 for regression."""
        return self.n_classes or self.entry.n_classes

    @property
    def positions(self) -> int | None:
        """Number of places that each have a class of their own; None where a point has one."""
        return self.row_length if self.entry.per_position else None

    @property
    def row_length(self) -> int | None:
        """Number of places in a row, None where it can't be chosen."""
        return self.length or self.entry.length

    @property
    def sample(self) -> Sample:
        """The shape of one sample, and how many tokens there are."""
        shape = self.entry.input_shape
        if self.row_length is not None:
            shape = (shape[0], self.row_length)
        return Sample(shape, self.entry.vocabulary)

    @property
    def output_shape(self) -> Shape:
        """What the network answers to one sample: (n_outputs,), or (n_outputs, positions)."""
        return (self.n_outputs,) if self.positions is None else (self.n_outputs, self.positions)

    @property
    def n_outputs(self) -> int:
        """Width of the output layer: one logit a class, one value for regression."""
        return self.classes or 1

    @property
    def n_test(self) -> int:
        """Number of test points, at least one."""
        return max(1, round(self.size * self.test_fraction))

    @property
    def n_train(self) -> int:
        """Number of training points."""
        return self.size - self.n_test

    @property
    def noise_level(self) -> float:
        """The noise in force: asked for, or the set's default, or 0 for real data."""
        return self.noise if self.noise is not None else (self.entry.noise or 0.0)

    @property
    def input_scaling(self) -> ScalingName:
        """The scaling of the inputs in force: tokens and marks stay as they are."""
        return self.scaling if self.entry.scales_inputs else "none"

    def drawn(self, rng: np.random.Generator) -> Arrays:
        """The set's inputs and targets, as they come."""
        more = {} if self.row_length is None else {"length": self.row_length}
        return self.entry.draw(self.size, self.noise_level, self.classes, rng, **more)

    def split_order(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """The points' places in `drawn`, the test points first; random but for a text."""
        if not self.entry.test_is_last:
            return rng.permutation(self.size)
        first_test = self.size - self.n_test
        return np.concatenate([np.arange(first_test, self.size), rng.permutation(first_test)])
