"""What is asked of the gallery of remedies: how wrong the labels are, and what is looked at."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from nnviz.base import Spec
from nnviz.experiments.overfitting.gallery_records import AS_IT_IS, GalleryLane
from nnviz.experiments.overfitting.gallery_remedies import GALLERY


class GallerySettings(Spec):
    """How wrong the labels are, and which dose and remedy is looked at."""

    dose: Annotated[int, Field(ge=0, le=4)] = 2
    shown: Annotated[str, Field(max_length=40)] = ""
    label_noise: Annotated[float, Field(ge=0.05, le=0.5)] = Field(
        0.2,
        title="Wrong labels",
        description="Share of the training labels that are wrong; test labels are right.",
        json_schema_extra={"step": 0.05},
    )
    n_seeds: Literal[4, 12, 36] = Field(
        12,
        title="Seeds",
        description="Each has its own points, initial weights and batches; the maps are the first"
        " seed's, numbers are means.",
    )
    seed: Annotated[int, Field(ge=0, le=10_000)] = 0

    @model_validator(mode="after")
    def _is_known(self) -> GallerySettings:
        if self.shown and self.shown not in GALLERY:
            raise ValueError(f"shown must be one of {', '.join(GALLERY)}; got {self.shown!r}")
        return self

    @property
    def lane(self) -> GalleryLane:
        """The lane that is looked at."""
        name, dose = (self.shown, self.dose) if self.shown else (AS_IT_IS, 0)
        return GalleryLane(name, dose, self.label_noise, self.n_seeds, self.seed)
