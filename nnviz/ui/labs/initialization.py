"""The initialization lab's settings: everything that its page shows follows from them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from nnviz.base import Spec
from nnviz.blocks.initialization import InitializerName
from nnviz.blocks.learned import ActivationName, Groups, NormalizationName, Placement
from nnviz.catalog.initializers import INITIALIZERS
from nnviz.catalog.normalizations import NORMALIZATIONS, NormalizationOptions
from nnviz.experiments.initial_weights import Breaker, misfit
from nnviz.experiments.signal_propagation import SignalSpec, affordable_seeds
from nnviz.spec import ExperimentSpec, InitializationSpec

PAGE = "initialization"
VIEWS = {"weights": "Weights", "depth": "Depth", "symmetry": "Starting alike"}
LAYERS = {"dense": "dense", "signal": "convolution 1-D", "image": "convolution 2-D"}
DEPTH_SECONDS = 0.12
"""Time that the measurement through depth may take on one core."""


class InitializationSettings(Spec):
    """One choice of each of the page's three views; closed and bounded."""

    view: Literal["weights", "depth", "symmetry"] = "depth"
    initialization: InitializationSpec = InitializationSpec(name="kaiming_normal")
    activation: ActivationName = "relu"
    layer: Literal["dense", "signal", "image"] = "dense"
    n_in: Annotated[int, Field(ge=1, le=128)] = 64
    n_out: Annotated[int, Field(ge=1, le=128)] = 64
    kernel: Annotated[int, Field(ge=1, le=7)] = 3
    seed: Annotated[int, Field(ge=0, le=9999)] = 0
    depth: Annotated[int, Field(ge=1, le=60)] = 30
    width: Annotated[int, Field(ge=8, le=128)] = 64
    normalization: NormalizationName = "none"
    placement: Placement = "before"
    groups: Groups = 4
    n_seeds: Annotated[int, Field(ge=1, le=10)] = 5
    start: InitializerName = "constant"
    breaker: Breaker = "nothing"
    n_units: Annotated[int, Field(ge=2, le=12)] = 6
    n_steps: Annotated[int, Field(ge=50, le=600)] = 300
    learning_rate: Annotated[float, Field(ge=0.05, le=2)] = 1.0

    @model_validator(mode="after")
    def _can_be_drawn(self) -> InitializationSettings:
        values = {**INITIALIZERS["trunc_normal"].arguments, **self.initialization.arguments}
        if self.initialization.name == "trunc_normal":
            mean, std, low, high = (float(values[k] or 0.0) for k in ("mean", "std", "a", "b"))
            if std == 0:
                raise ValueError("trunc_normal needs a std above 0")
            if not low - 2 * std <= mean <= high + 2 * std:
                raise ValueError("trunc_normal needs a mean within two std of [a, b]")
        options = NormalizationOptions(groups=self.groups)
        if refusal := NORMALIZATIONS[self.normalization].refuse((self.width,), options):
            raise ValueError(refusal)
        return self

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the drawn tensor: outputs, inputs and the kernel."""
        kernel = {"dense": (), "signal": (self.kernel,), "image": (self.kernel, self.kernel)}
        return (self.n_out, self.n_in, *kernel[self.layer])

    @property
    def refusal(self) -> str | None:
        """Why the chosen initializer does not fit the shown layers, or None."""
        if self.view == "symmetry":
            return misfit(self.start, 2)
        rank = len(self.shape) if self.view == "weights" else 2
        return misfit(self.initialization.name, rank)

    @property
    def signal(self) -> SignalSpec:
        """The network of the view through depth, with as many seeds as there is time for."""
        asked = SignalSpec(
            activation=self.activation, width=self.width, depth=self.depth,
            initialization=self.initialization, normalization=self.normalization,
            placement=self.placement, groups=self.groups, n_seeds=self.n_seeds,
        )  # fmt: skip
        seeds = min(self.n_seeds, affordable_seeds(asked, DEPTH_SECONDS))
        return asked.model_copy(update={"n_seeds": seeds})

    def experiment(self) -> ExperimentSpec:
        """What the Playground opens with."""
        if self.view == "symmetry":
            start = InitializationSpec(name="default" if self.refusal else self.start)
            return _experiment("circles", [{"kind": "dense", "width": self.n_units}], start, "tanh")
        convolution = misfit(self.initialization.name, 2) or (
            self.view == "weights" and self.layer != "dense" and not self.refusal
        )
        if convolution:
            block = {"kind": "convolution", "channels": 8}
            return _experiment("digits", [block] * 2, self.initialization, self.activation)
        depth = self.depth if self.view == "depth" else 2
        network = {"normalization": self.normalization, "placement": self.placement}
        network |= {"groups": str(self.groups)} if self.normalization == "group" else {}
        blocks = [{"kind": "dense", "width": min(self.width, 32)}] * depth
        return _experiment("digits", blocks, self.initialization, self.activation, **network)


def _experiment(
    data: str,
    blocks: list[dict[str, object]] | list[dict[str, str | int]],
    initialization: InitializationSpec,
    activation: str,
    **network: object,
) -> ExperimentSpec:
    network = {"blocks": blocks, "activation": activation, **network}
    network["initialization"] = initialization
    return ExperimentSpec.model_validate({"data": {"name": data}, "network": network})
