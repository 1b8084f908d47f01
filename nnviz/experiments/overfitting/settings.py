"""What is asked about overfitting: an experiment, and which comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, assert_never

import numpy as np
from pydantic import Field, model_validator

from nnviz.base import Spec
from nnviz.experiments.overfitting.remedies import (
    EARLY_STOPPING,
    MORE_DATA,
    REMEDIES,
    Dose,
)
from nnviz.spec import ExperimentSpec

View = Literal["training", "sizes", "remedies"]
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
    """One comparison; closed and bounded. `experiment` left out is the page's own example."""

    experiment: ExperimentSpec | None = None
    view: View = "training"
    n_seeds: Annotated[int, Field(ge=4, le=36)] = 12
    patience: Annotated[int, Field(ge=1, le=24)] = 4
    """Evaluations without improvement after which training stops."""
    min_delta: Annotated[float, Field(ge=0, le=10)] = 0.0
    """How much the validation loss must fall to count as an improvement."""
    remedies: Annotated[tuple[str, ...], Field(max_length=len(REMEDIES))] = (
        "more_data", "early_stopping", "l2", "dropout",
    )  # fmt: skip
    dose: Dose = "medium"
    log_loss: bool = False

    @model_validator(mode="after")
    def _fits(self) -> OverfittingSettings:
        if self.n_seeds not in ROUNDS:
            raise ValueError(f"n_seeds must be one of {ROUNDS}; got {self.n_seeds}")
        for name in self.remedies:
            if name not in REMEDIES:
                raise ValueError(f"remedies must be of {', '.join(REMEDIES)}; got {name[:40]!r}")
        if len(set(self.remedies)) < len(self.remedies):
            raise ValueError("each remedy can be chosen once")
        seconds = self.seconds_of_one
        if seconds > MAX_SECONDS:
            raise ValueError(
                f"one training would take about {seconds:.0f} s, and {MAX_SECONDS:.0f} s is the"
                " most here: ask for fewer steps or a smaller network"
            )
        return self

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
    def chosen(self) -> tuple[str, ...]:
        """The remedies that apply to this experiment."""
        return tuple(name for name in self.remedies if REMEDIES[name].applies(self.asked))

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

    @property
    def lanes(self) -> tuple[str, ...]:
        """What has to be trained for this view."""
        match self.view:
            case "sizes":
                return tuple(f"size@{n}" for n in self.sizes)
            case "training":
                return (BASELINE,)
            case "remedies":
                trained = [name for name in self.chosen if name != EARLY_STOPPING]
                return (BASELINE, *(f"{name}@{self.dose}" for name in trained))
            case _:
                assert_never(self.view)

    def lane(self, name: str) -> tuple[ExperimentSpec, int]:
        """A lane's experiment and its number of training points."""
        kind, _, setting = name.partition("@")
        if kind == BASELINE:
            return self.asked, self.n_train
        if kind == "size":
            return self.asked, int(setting)
        remedy, dose = REMEDIES[kind], setting or self.dose
        n_train = self.n_train
        if kind == MORE_DATA:
            n_train = min(self.most_train, round(remedy.value(dose) * n_train))  # type: ignore[arg-type]
        return remedy.applied(self.asked, dose), n_train  # type: ignore[arg-type]

    @property
    def question(self) -> ExperimentSpec:
        """Equal ones share results."""
        return self.asked


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
