"""How to train: loss, optimizer, schedule, batches, steps, device and seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from nnviz.base import Spec, filled
from nnviz.catalog.choices import one_of
from nnviz.catalog.losses import LOSSES
from nnviz.catalog.optimizers import OPTIMIZERS, OptimizerEntry
from nnviz.catalog.schedules import SCHEDULES, Schedule
from nnviz.spec.by_hand import MAX_INTERVENTIONS, Intervention

Rate = Annotated[float, Field(ge=0, lt=1)]
RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
PENALTIES = (0.0, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1)
CLIP_NORMS = (0.1, 0.3, 1.0, 3.0, 10.0)
ROOM_OF_CLIPPING = 1e-6
"""What torch.nn.utils.clip_grad_norm_ adds to the norm before it divides by it."""


class OptimizerSpec(Spec):
    """An optimizer with its rate, L2 penalty (`weight_decay`) and own arguments."""

    name: Annotated[str, AfterValidator(one_of("optimizer", OPTIMIZERS))] = Field(
        "adam", title="Optimizer", json_schema_extra={"choices": list(OPTIMIZERS)}
    )
    learning_rate: Annotated[float, Field(gt=0, le=100)] = Field(
        0.01,
        title="Learning rate",
        description="Size of the updates.",
        json_schema_extra={"offered": list(RATES)},
    )
    weight_decay: Annotated[float, Field(ge=0, le=10)] = Field(
        0.0,
        title="L2 penalty",
        description="The optimizer's weight decay.",
        json_schema_extra={"offered": list(PENALTIES)},
    )
    momentum: Rate | None = Field(
        None, title="Momentum", json_schema_extra={"step": 0.01, "most": 0.99}
    )
    nesterov: bool | None = Field(
        None,
        title="Nesterov",
        description="Look ahead along the momentum; needs a momentum above 0.",
    )
    beta1: Rate | None = None
    beta2: Rate | None = None

    @model_validator(mode="before")
    @classmethod
    def _own_defaults(cls, document: Any) -> Any:
        return _filled(document, OPTIMIZERS, "adam")

    @model_validator(mode="after")
    def _arguments_apply(self) -> OptimizerSpec:
        own = {"momentum", "nesterov", "beta1", "beta2"}
        known = OPTIMIZERS[self.name].arguments
        for argument in sorted(own & self.model_dump(exclude_none=True).keys()):
            if argument not in known:
                takes = ", ".join(known) or "no argument of its own"
                raise ValueError(f"{self.name} takes {takes}; got {argument}")
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov needs a momentum above 0")
        return self

    @property
    def arguments(self) -> dict[str, float]:
        """The optimizer's own arguments, defaults filled in."""
        asked = self.model_dump(exclude_none=True)
        known = OPTIMIZERS[self.name].arguments
        return {name: float(asked.get(name, default)) for name, default in known.items()}


class ScheduleSpec(Spec):
    """A learning-rate schedule; `n_steps` of the training is its horizon."""

    name: Annotated[str, AfterValidator(one_of("schedule", SCHEDULES))] = Field(
        "constant",
        title="Learning-rate schedule",
        description="How the rate changes over the steps.",
        json_schema_extra={"choices": list(SCHEDULES)},
    )
    every: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, title="Every (steps)", description="Steps from one drop of the rate to the next."
    )
    gamma: Annotated[float, Field(gt=0, le=1)] | None = Field(
        None,
        title="Factor γ",
        description="What the rate is multiplied by.",
        json_schema_extra={"step": 0.05, "least": 0.01},
    )
    warmup_steps: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, title="Warm-up (steps)", description="Steps until the rate has its full size."
    )

    @model_validator(mode="before")
    @classmethod
    def _own_defaults(cls, document: Any) -> Any:
        return _filled(document, SCHEDULES, "constant")

    @model_validator(mode="after")
    def _arguments_apply(self) -> ScheduleSpec:
        known = SCHEDULES[self.name].arguments
        for argument in self.model_dump(exclude={"name"}, exclude_none=True):
            if argument not in known:
                takes = ", ".join(known) or "no argument"
                raise ValueError(f"{self.name} takes {takes}; got {argument}")
        return self

    @property
    def arguments(self) -> dict[str, float]:
        """The schedule's arguments, defaults filled in."""
        asked = self.model_dump(exclude_none=True)
        known = SCHEDULES[self.name].arguments
        return {name: float(asked.get(name, default)) for name, default in known.items()}


def _filled(
    document: Any, catalog: Mapping[str, OptimizerEntry] | Mapping[str, Schedule], default: str
) -> Any:
    name = document.get("name", default) if isinstance(document, dict) else None
    entry = catalog.get(name) if isinstance(name, str) else None
    return document if entry is None else filled(document, entry.arguments)


class TrainingSpec(Spec):
    """Everything about the training that is not the network or the data.

    `l1` is the weight of the sum of the weights' absolute values in the objective (biases and
    normalization parameters are left out); the L2 penalty is the optimizer's `weight_decay`.
    `clip_norm` is what `torch.nn.utils.clip_grad_norm_` gets: the gradient of loss and L1 over all
    parameters is shortened to that norm where it is longer, then the optimizer sees it.
    """

    loss: Annotated[str, AfterValidator(one_of("loss", LOSSES))] = Field(
        "cross_entropy", title="Loss", json_schema_extra={"choices": list(LOSSES)}
    )
    class_weights: (
        Literal["balanced"]
        | Annotated[tuple[Annotated[float, Field(gt=0, le=1000)], ...], Field(max_length=64)]
        | None
    ) = Field(
        None,
        title="Balance the classes",
        description="Weigh each class by the inverse of its share of the training points.",
    )
    label_smoothing: Annotated[float, Field(ge=0, le=0.9)] = Field(
        0.0,
        title="Label smoothing",
        description="Share of the target that is spread evenly over all classes.",
        json_schema_extra={"step": 0.05},
    )
    huber_delta: Annotated[float, Field(gt=0, le=100)] = Field(
        1.0,
        title="Huber δ",
        description="Errors above δ count linearly.",
        json_schema_extra={"offered": [0.1, 0.3, 1.0, 3.0]},
    )
    optimizer: OptimizerSpec = OptimizerSpec()
    schedule: ScheduleSpec = ScheduleSpec()
    batch_size: Annotated[int, Field(ge=1, le=4096)] = Field(
        32, title="Batch size", description="Training points in one update."
    )
    n_steps: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        1000,
        title="Steps",
        description="Updates until the run stops by itself; pressing Train again goes on.",
        json_schema_extra={"step": 1000},
    )
    l1: Annotated[float, Field(ge=0, le=10)] = Field(
        0.0,
        title="L1 penalty",
        description="Weight of the sum of the weights' absolute values.",
        json_schema_extra={"offered": list(PENALTIES)},
    )
    clip_norm: Annotated[float, Field(gt=0, le=1000)] | None = Field(
        None,
        title="Clip gradient",
        description="Largest norm of the whole gradient: a longer one is shortened to it, its"
        " direction kept.",
        json_schema_extra={"offered": list(CLIP_NORMS)},
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field("auto", title="Device")
    seed: Annotated[int, Field(ge=0, lt=2**31)] = Field(
        0,
        title="Training seed",
        description="Decides the initial weights, the order of the batches and what dropout drops.",
    )

    by_hand: Annotated[tuple[Intervention, ...], Field(max_length=MAX_INTERVENTIONS)] = Field(
        (),
        title="By hand",
        description="What was done to the network itself on the way, in the order of its steps.",
        exclude_if=lambda done: not done,
    )

    @model_validator(mode="after")
    def _options_apply(self) -> TrainingSpec:
        if self.loss != "cross_entropy" and (self.class_weights or self.label_smoothing):
            raise ValueError("class_weights and label_smoothing need the loss cross_entropy")
        return self
