"""The activations lab's settings: everything that its page shows follows from them."""

from __future__ import annotations

from typing import Annotated, Literal, assert_never

from pydantic import Field, field_validator, model_validator

from nnviz.base import Spec
from nnviz.blocks.learned import ActivationName
from nnviz.experiments.signal_propagation import SignalSpec, affordable_seeds
from nnviz.spec import ExperimentSpec, InitializationSpec

PAGE = "activations"
VIEWS = {
    "shape": "One unit",
    "depth": "Depth",
    "collapse": "No bend",
    "dead": "Dead unit",
    "xor": "XOR",
}
DEPTH_SECONDS = 0.12
"""Time that all signals through depth may take together on one core."""

Names = Annotated[tuple[ActivationName, ...], Field(max_length=17)]
Starts = Literal["default", "xavier_normal", "kaiming_normal", "orthogonal"]


class ActivationSettings(Spec):
    """One choice of each of the page's five views; closed and bounded."""

    view: Literal["shape", "depth", "collapse", "dead", "xor"] = "shape"
    names: Names = ("relu", "tanh", "sigmoid", "gelu")
    distribution: Literal["normal", "uniform"] = "normal"
    mean: Annotated[float, Field(ge=-5, le=5)] = 0.0
    std: Annotated[float, Field(ge=0.05, le=5)] = 1.0
    depth: Annotated[int, Field(ge=1, le=50)] = 20
    width: Annotated[int, Field(ge=8, le=128)] = 64
    initialization: Starts = "xavier_normal"
    n_seeds: Annotated[int, Field(ge=1, le=10)] = 3
    n_layers: Annotated[int, Field(ge=2, le=12)] = 6
    stack_width: Annotated[int, Field(ge=2, le=64)] = 16
    bend: ActivationName = "relu"
    bend_after: Annotated[int, Field(ge=0, le=11)] = 0
    seed: Annotated[int, Field(ge=0, le=9999)] = 0
    dead_names: Names = ("relu", "leaky_relu", "relu6")
    learning_rate: Annotated[float, Field(ge=0.01, le=0.3)] = 0.15
    jump_rate: Annotated[float, Field(ge=0.1, le=20)] = 8.0
    jump_at: Annotated[int, Field(ge=1, le=20)] = 5
    n_steps: Annotated[int, Field(ge=50, le=1000)] = 400
    n_hidden: Annotated[int, Field(ge=1, le=16)] = 4
    xor_activation: ActivationName = "tanh"
    xor_steps: Annotated[int, Field(ge=10, le=400)] = 200
    xor_rate: Annotated[float, Field(ge=0.005, le=0.5)] = 0.05
    shown_seed: Annotated[int, Field(ge=0, le=19)] = 0

    @field_validator("names", "dead_names")
    @classmethod
    def _some(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not names:
            raise ValueError("choose at least one activation")
        return tuple(dict.fromkeys(names))

    @model_validator(mode="after")
    def _inside_the_stack(self) -> ActivationSettings:
        if self.bend_after >= self.n_layers:
            raise ValueError(
                f"the activation must stand between the {self.n_layers} layers, after layer"
                f" {self.n_layers - 1} at the latest; got {self.bend_after}"
            )
        return self

    def signal(self, name: str) -> SignalSpec:
        """The network of the view through depth, with as many seeds as there is time for."""
        asked = SignalSpec(
            activation=name, width=self.width, depth=self.depth,
            initialization=InitializationSpec(name=self.initialization), n_seeds=self.n_seeds,
        )  # fmt: skip
        affordable = affordable_seeds(asked, DEPTH_SECONDS / len(self.names))
        return asked.model_copy(update={"n_seeds": min(self.n_seeds, affordable)})

    def experiment(self) -> ExperimentSpec:
        """What the Playground opens with."""
        return ExperimentSpec.model_validate(
            {"data": self._data(), "network": self._network(), "training": {"n_steps": 2000}}
        )

    def _data(self) -> dict[str, object]:
        return {"name": "xor" if self.view == "xor" else "spirals"}

    def _network(self) -> dict[str, object]:
        depth, width, activation = 2, 8, self.names[0]
        initialization = {"name": "default"}
        match self.view:
            case "shape":
                pass
            case "depth":
                depth, width = self.depth, min(self.width, 32)
                initialization = {"name": self.initialization}
            case "collapse":
                depth, width = self.n_layers - 1, self.stack_width
                activation = self.bend if self.bend_after else "identity"
            case "dead":
                activation = self.dead_names[0]
            case "xor":
                depth, width, activation = 1, self.n_hidden, self.xor_activation
            case _:
                assert_never(self.view)
        blocks = [{"kind": "dense", "width": width} for _ in range(depth)]
        return {"blocks": blocks, "activation": activation, "initialization": initialization}
