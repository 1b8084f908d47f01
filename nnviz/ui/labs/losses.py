"""The losses lab's settings: everything that its page shows follows from them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from nnviz.base import Spec
from nnviz.experiments.objectives import Reduction
from nnviz.spec import ExperimentSpec

PAGE = "losses"
VIEWS = {
    "steps": "By hand",
    "imbalance": "Few and many",
    "curves": "Curves",
    "saturation": "Sure but wrong",
}
N_CLASSES = 3
N_SAMPLES = 4
IGNORED: Literal[-100] = -100
"""torch's default `ignore_index`."""

Logit = Annotated[float, Field(ge=-10, le=10)]
Logits = Annotated[tuple[Logit, ...], Field(min_length=N_CLASSES, max_length=N_CLASSES)]
ClassWeight = Annotated[float, Field(ge=0, le=20)]
Target = Literal[0, 1, 2, -100]
LossName = Literal["mse", "l1", "huber", "bce_with_logits"]


class LossSettings(Spec):
    """One choice of each of the page's four views; closed and bounded."""

    view: Literal["steps", "imbalance", "curves", "saturation"] = "steps"
    logits: Annotated[tuple[Logits, ...], Field(min_length=N_SAMPLES, max_length=N_SAMPLES)] = (
        (2.0, 0.5, -1.0),
        (0.2, 0.3, 0.1),
        (3.0, -1.0, 1.0),
        (-0.5, 1.5, 0.5),
    )
    targets: Annotated[tuple[Target, ...], Field(min_length=N_SAMPLES, max_length=N_SAMPLES)] = (
        0,
        1,
        2,
        1,
    )
    sample: Annotated[int, Field(ge=1, le=N_SAMPLES)] = 1
    weights: Annotated[
        tuple[ClassWeight, ...], Field(min_length=N_CLASSES, max_length=N_CLASSES)
    ] = (1.0, 1.0, 1.0)
    reduction: Reduction = "mean"
    label_smoothing: Annotated[float, Field(ge=0, le=0.9)] = 0.0
    ignore_index: Target = -100
    minority_share: Annotated[float, Field(ge=0.01, le=0.5)] = 0.05
    distance: Annotated[float, Field(ge=0.5, le=6)] = 2.0
    minority_weight: Annotated[float, Field(ge=1, le=100)] = 1.0
    n_points: Annotated[int, Field(ge=100, le=2000)] = 1000
    seed: Annotated[int, Field(ge=0, le=9999)] = 0
    losses: Annotated[tuple[LossName, ...], Field(max_length=4)] = (
        "mse",
        "l1",
        "huber",
        "bce_with_logits",
    )
    target: Annotated[float, Field(ge=-3, le=3)] = 1.0
    huber_delta: Annotated[float, Field(ge=0.1, le=5)] = 1.0
    start: Annotated[float, Field(ge=-10, le=10)] = -6.0
    learning_rate: Annotated[float, Field(ge=0.05, le=20)] = 1.0
    n_steps: Annotated[int, Field(ge=20, le=2000)] = 300

    @model_validator(mode="after")
    def _fits(self) -> LossSettings:
        if IGNORED in self.targets and self.ignore_index != IGNORED:
            raise ValueError(
                f"a target of {IGNORED} is refused by torch unless ignore_index is {IGNORED}; got"
                f" ignore_index {self.ignore_index}"
            )
        if not self.losses:
            raise ValueError("choose at least one loss")
        return self

    def experiment(self) -> ExperimentSpec:
        """What the Playground opens with."""
        document: dict[str, object] = {
            "steps": {
                "data": {"name": "gaussians", "n_classes": N_CLASSES, "noise": 0.5},
                "training": self._classification(),
            },
            "imbalance": {
                "data": {"name": "breast_cancer"},
                "network": {"blocks": []},
                "training": {"class_weights": [1.0, self.minority_weight]},
            },
            "curves": {
                "data": {"name": "sinusoid"},
                "training": {"loss": "huber" if "huber" in self.losses else "mse"},
            },
            "saturation": {
                "data": {"name": "moons"},
                "network": {"activation": "sigmoid"},
                "training": {"loss": "mse"},
            },
        }
        if self.view == "curves" and "huber" in self.losses:
            document["curves"]["training"]["huber_delta"] = self.huber_delta  # type: ignore[index]
        return ExperimentSpec.model_validate(document[self.view])

    def _classification(self) -> dict[str, object]:
        weighted = set(self.weights) != {1.0} and min(self.weights) > 0
        weights = {"class_weights": list(self.weights)} if weighted else {}
        return {"label_smoothing": self.label_smoothing, **weights}
