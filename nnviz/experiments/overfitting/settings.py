"""What is asked about overfitting: an experiment, and which comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from nnviz.base import Spec
from nnviz.experiments.overfitting.remedies import (
    MORE_DATA,
    REMEDIES,
)
from nnviz.spec import ExperimentSpec

ROUNDS = (4, 12, 36)
"""Seeds after each round."""
BASELINE = "baseline"
N_EVALUATIONS = 32
N_SIZES = 7
MAX_SECONDS = 60.0
SECONDS_OF_A_STEP = 1e-3
MULTIPLICATIONS_A_SECOND = 2e9
SECONDS_OF_A_PIECE = 6.0
MAX_TRAIN = 4000
START = ExperimentSpec.model_validate(
    {
        "data": {"name": "moons", "n_samples": 120, "noise": 0.3, "label_noise": 0.2},
        "network": {
            "blocks": [{"kind": "dense", "width": 64}, {"kind": "dense", "width": 64}],
        },
        "training": {"n_steps": 1000},
    }
)


@dataclass(frozen=True)
class LanePiece:
    """Some seeds of one lane: the baseline, a remedy in a dose, or a size of the training set."""

    lane: str
    start: int
    stop: int


class OverfittingSettings(Spec):
    """The baseline, trained over seeds; `experiment` left out is the page's own example."""

    experiment: ExperimentSpec | None = None
    n_seeds: Literal[4, 12, 36] = Field(
        12,
        title="Seeds",
        description="Each has its own training set, initial weights and batch order; all"
        " comparisons are made seed by seed.",
    )
    log_loss: bool = Field(False, title="Losses on a log axis")

    @model_validator(mode="after")
    def _is_quick(self) -> OverfittingSettings:
        seconds = self.seconds_of_one
        if seconds > MAX_SECONDS:
            raise ValueError(
                f"one training would take about {seconds:.0f} s, and {MAX_SECONDS:.0f} s is the"
                " most here: ask for fewer steps or a smaller network"
            )
        return self

    @property
    def lanes(self) -> tuple[str, ...]:
        """What has to be trained."""
        return (BASELINE,)

    @property
    def question(self) -> OverfittingSettings:
        """Equal ones share results: the seeds of the same experiment."""
        return OverfittingSettings(experiment=self.experiment)

    @property
    def asked(self) -> ExperimentSpec:
        """The experiment."""
        return self.experiment or START

    @property
    def seconds_of_one(self) -> float:
        """Roughly how long one training takes."""
        spec = self.asked
        batch_size = min(spec.training.batch_size, spec.data.n_train)
        work = 3 * batch_size * sum(layer.n_multiplications for layer in spec.layer_shapes)
        return spec.training.n_steps * (SECONDS_OF_A_STEP + work / MULTIPLICATIONS_A_SECOND)

    @property
    def checkpoints(self) -> tuple[int, ...]:
        """Steps at which every training is measured, evenly spread from 0 to the end."""
        even = np.linspace(0, self.asked.training.n_steps, N_EVALUATIONS + 1)
        return tuple(int(step) for step in np.unique(np.round(even)))

    @property
    def most_train(self) -> int:
        """The largest training set that can be drawn."""
        data = self.asked.data
        if data.entry.size is None:
            return MAX_TRAIN
        pool = data.entry.size - max(1, round(data.entry.size * data.test_fraction))
        return pool // 2

    @property
    def n_train(self) -> int:
        """Training points of the baseline."""
        return min(self.asked.data.n_train, self.most_train)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Training-set sizes of the learning curve, rising."""
        least = max(10, self.asked.data.classes * 2)
        top = min(self.most_train, max(4 * self.n_train, 8 * least))
        spread = np.geomspace(min(least, top), top, N_SIZES)
        return tuple(int(n) for n in np.unique(np.round(spread)))

    def lane(self, name: str) -> tuple[ExperimentSpec, int]:
        """A lane's experiment and its number of training points."""
        kind, _, setting = name.partition("@")
        if kind == BASELINE:
            return self.asked, self.n_train
        if kind == "size":
            return self.asked, int(setting)
        remedy, place = REMEDIES[kind], int(setting)
        n_train = self.n_train
        if kind == MORE_DATA:
            n_train = min(self.most_train, round(remedy.value(self.asked, place) * n_train))
        return remedy.applied(self.asked, place), n_train

    def extra(self, name: str, kind: str) -> float:
        """The dose of a remedy that is not in the experiment itself; 0 in every other lane."""
        own, _, setting = name.partition("@")
        return float(REMEDIES[kind].value(self.asked, int(setting))) if own == kind else 0.0


class StoppedSettings(OverfittingSettings):
    """The baseline with early stopping."""

    patience: Annotated[int, Field(ge=1, le=24)] = Field(
        4,
        title="Patience (evaluations)",
        description="How many evaluations in a row may fail to improve before training stops."
        f" There are {N_EVALUATIONS} in a training, evenly spread.",
    )
    min_delta: Annotated[float, Field(ge=0, le=10)] = Field(
        0.0,
        title="Minimum difference",
        description="How much the validation loss must fall to count as an improvement.",
        json_schema_extra={"offered": [0.0, 0.001, 0.01, 0.05]},
    )


class GapSettings(StoppedSettings):
    """The baseline over its steps, with a stop by hand too."""

    stop: Annotated[int, Field(ge=0, le=N_EVALUATIONS)] = Field(8, title="My stop (evaluation)")

    @property
    def stop_at(self) -> int:
        """The checkpoint of the stop by hand, counted from 0."""
        return min(self.stop, len(self.checkpoints) - 1)


class SizesSettings(OverfittingSettings):
    """The same training on smaller and larger training sets."""

    n_points: Annotated[int, Field(ge=1, le=MAX_TRAIN)] = Field(90, title="Training points")

    @property
    def lanes(self) -> tuple[str, ...]:
        """A lane a size."""
        return tuple(f"size@{n}" for n in self.sizes)

    @property
    def nearest(self) -> int:
        """The measured size that is nearest to `n_points`, by its ratio."""
        return min(self.sizes, key=lambda n: abs(np.log(n / self.n_points)))


def pieces_for(settings: OverfittingSettings) -> list[LanePiece]:
    """All pieces of a view, every lane with few seeds first."""
    size = max(1, min(12, int(SECONDS_OF_A_PIECE / settings.seconds_of_one * 4)))
    return [
        LanePiece(lane, first, min(first + size, stop))
        for start, stop in zip((0, *ROUNDS), ROUNDS, strict=False)
        if start < settings.n_seeds
        for lane in settings.lanes
        for first in range(start, stop, size)
    ]
