"""Which data: a set of the catalog, how much of it, how noisy, how split and scaled."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from nnviz.catalog.choices import one_of
from nnviz.catalog.datasets import DATASETS, DatasetEntry
from nnviz.records import has_classes
from nnviz.spec.base import Spec, filled

DEFAULT_N_SAMPLES = 400

Seed = Annotated[int, Field(ge=0, lt=2**31)]
ScalingName = Literal["standard", "minmax", "none"]


class DataSpec(Spec):
    """A data set with its size, noise, split, scaling and seed.

    A setting left out takes the set's own default; one that does not apply is refused.
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
    n_classes: Annotated[int, Field(ge=2, le=10)] | None = Field(
        None, title="Classes", json_schema_extra={"most": 6}
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
            "n_samples": entry.size or DEFAULT_N_SAMPLES,
            "noise": entry.noise,
            "n_classes": entry.n_classes or None,
        }
        return filled(document, defaults)

    @model_validator(mode="after")
    def _settings_apply(self) -> DataSpec:
        entry = self.entry
        if entry.size is not None and (self.n_samples or 0) > entry.size:
            raise ValueError(
                f"n_samples must be at most {entry.size} for {self.name}; got {self.n_samples}"
            )
        if entry.noise is None and self.noise:
            raise ValueError(f"noise does not apply to {self.name}, which is real data")
        if not entry.any_classes and self.n_classes not in (None, entry.n_classes):
            raise ValueError(f"n_classes can't be chosen for {self.name}; got {self.n_classes}")
        if not has_classes(entry.task) and self.label_noise:
            raise ValueError(f"label_noise needs classes, and {self.name} is a regression")
        return self

    @property
    def entry(self) -> DatasetEntry:
        """The catalog's entry."""
        return DATASETS[self.name]

    @property
    def size(self) -> int:
        """Number of points, training and test together."""
        return self.n_samples or self.entry.size or DEFAULT_N_SAMPLES

    @property
    def classes(self) -> int:
        """Number of classes, 0 for regression."""
        return self.n_classes or self.entry.n_classes

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
