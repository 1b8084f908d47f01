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
        if name in (EARLY_STOPPING, FEWER_INPUTS, INPUT_NOISE):
            return "" if self._is_own_value(name) else self._not_stronger(name)
        if self.lane(f"{name}@{self.place}") == self.lane(BASELINE):
            return f"{remedy.words(self.asked, self.place)} changes nothing here"
        lighter = [self.lane(f"{name}@{k}") for k in range(self.place)]
        is_same = remedy.has_doses and self.lane(f"{name}@{self.place}") in lighter
        return self._not_stronger(name) if is_same else ""

    def _is_own_value(self, name: str) -> bool:
        remedy = REMEDIES[name]
        values = [remedy.value(self.asked, k) for k in range(self.place + 1)]
        return not remedy.has_doses or values[-1] not in values[:-1]

    def _not_stronger(self, name: str) -> str:
        return f"{REMEDIES[name].title} has no dose as strong as this here"

    @property
    def lanes(self) -> tuple[str, ...]:
        """The baseline and every chosen remedy that needs a training of its own."""
        trained = [name for name in self.chosen if name != EARLY_STOPPING]
        return (BASELINE, *(f"{name}@{self.place}" for name in trained))
