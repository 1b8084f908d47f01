"""Which remedies are compared, in which dose, and which can't be given to an experiment."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from nnviz.experiments.overfitting.gallery_records import FEWER_INPUTS
from nnviz.experiments.overfitting.remedies import (
    DOSES,
    EARLY_STOPPING,
    INPUT_NOISE,
    REMEDIES,
    Dose,
)
from nnviz.experiments.overfitting.settings import BASELINE, StoppedSettings


class RemediesSettings(StoppedSettings):
    """Remedies in one dose against the baseline."""

    remedies: Annotated[tuple[str, ...], Field(max_length=len(REMEDIES))] = (
        "more_data", "early_stopping", "l2", "dropout",
    )  # fmt: skip
    dose: Dose = Field("medium", title="Dose")
    shown: Annotated[str, Field(max_length=40)] = Field("", title="Remedy looked at")

    @model_validator(mode="after")
    def _are_known(self) -> RemediesSettings:
        for name in (*self.remedies, *([self.shown] if self.shown else [])):
            if name not in REMEDIES:
                raise ValueError(f"remedies must be of {', '.join(REMEDIES)}; got {name[:40]!r}")
        if len(set(self.remedies)) < len(self.remedies):
            raise ValueError("each remedy can be chosen once")
        return self

    @property
    def place(self) -> int:
        """The dose, counted from 0."""
        return DOSES.index(self.dose)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The remedies that can be given to this experiment in this dose."""
        return tuple(name for name in self.remedies if not self.why_not(name))

    def why_not(self, name: str) -> str:
        """Why a remedy can't be given in this dose; empty where it can.

        It must apply, and differ from the baseline and from itself in a lighter dose.
        """
        remedy = REMEDIES[name]
        if not remedy.applies(self.asked):
            return f"{remedy.title} does not apply to this experiment"
        outside = name in (EARLY_STOPPING, FEWER_INPUTS, INPUT_NOISE)
        if not outside and self.lane(f"{name}@{self.place}") == self.lane(BASELINE):
            return f"{remedy.words(self.asked, self.place)} changes nothing here"
        given = [
            remedy.value(self.asked, k) if outside else self.lane(f"{name}@{k}")
            for k in range(self.place + 1)
        ]
        is_same = remedy.has_doses and given[-1] in given[:-1]
        return f"{remedy.title} has no dose as strong as this here" if is_same else ""

    @property
    def lanes(self) -> tuple[str, ...]:
        """The baseline and every chosen remedy that needs a training of its own."""
        trained = [name for name in self.chosen if name != EARLY_STOPPING]
        return (BASELINE, *(f"{name}@{self.place}" for name in trained))
