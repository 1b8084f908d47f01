"""Watch one learn: the kernels of a small network on digits, live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from nnviz.base import Spec
from nnviz.export import to_pytorch
from nnviz.feed import Asked
from nnviz.recorders.examples import N_EXAMPLES
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.live.watched import watched

VIEWS = ("kernels", "feature_maps", "accuracy")
"""What of the training is shown."""
N_STEPS = 300
_LAYERS = {"first": 0, "second": 1}


class LearningSettings(Spec):
    """A small convolutional network, and what of it is looked at."""

    channels: Annotated[int, Field(ge=1, le=8)] = Field(
        4, title="Filters", description="Of the first layer; the second has twice as many."
    )
    kernel_size: Literal[3, 5] = Field(3, title="Kernel size")
    pooling: Literal["none", "max", "average"] = Field("max", title="Pooling")
    layer: Literal["first", "second"] = Field("first", title="Layer to look into")
    example: Annotated[int, Field(ge=1, le=N_EXAMPLES)] = Field(
        1, title="Test digit", description="The digit whose feature maps are shown."
    )


def experiment(settings: LearningSettings) -> ExperimentSpec:
    """Two convolutions with pooling between them, on digits."""
    one = {"kind": "convolution", "kernel_size": settings.kernel_size}
    pool = [{"kind": "pool", "method": settings.pooling}] if settings.pooling != "none" else []
    blocks = [
        {**one, "channels": settings.channels},
        *pool,
        {**one, "channels": 2 * settings.channels},
        {"kind": "flatten"},
    ]
    training = {
        "optimizer": {"name": "adam", "learning_rate": 0.01},
        "batch_size": 64,
        "n_steps": N_STEPS,
    }
    return ExperimentSpec.model_validate(
        {"data": {"name": "digits"}, "network": {"blocks": blocks}, "training": training}
    )


def layer_name(settings: LearningSettings, spec: ExperimentSpec) -> str:
    """The name of the convolution that is looked into."""
    found = [layer.name for layer in spec.layer_shapes if layer.kind == "convolution"]
    return found[_LAYERS[settings.layer]]


def watch(settings: LearningSettings, spec: ExperimentSpec) -> None:
    """The stage, playing by itself."""
    asked = Asked(VIEWS, layer=layer_name(settings, spec), example=settings.example - 1)
    watched("convolution.learning", [spec], asked=asked, starts=True)


def numbers(settings: LearningSettings, spec: ExperimentSpec) -> Mapping[str, str]:
    """Where the parameters are."""
    return {
        f"Parameters, {layer.name}": f"{layer.n_parameters:,}"
        for layer in spec.layer_shapes
        if layer.n_parameters
    }


def notice(settings: LearningSettings, spec: ExperimentSpec) -> str:
    """What becomes of random kernels."""
    *_, output = spec.layer_shapes
    share = output.n_parameters / spec.n_parameters
    return (
        "Nobody draws these filters: they start at random, and after some hundred steps many are"
        " edges or strokes of one direction, with a blue and an orange side. Each map shows where"
        " on the digit its filter answers. The convolutions have few weights:"
        f" {share:.0%} of all parameters stand in the dense layer at the end."
    )


LEARNING = Exhibit(
    name="learning",
    title="Watch one learn",
    lead="A small network learns digits. **Watch the kernels** turn from noise into strokes, and"
    " what each of them sees of one digit.",
    settings=LearningSettings,
    measure=experiment,
    picture=lambda settings, measured: (),
    notice=notice,
    code=lambda settings: to_pytorch(experiment(settings)),
    source="LeCun et al. 1989, Backpropagation applied to handwritten zip code recognition.",
    experiment=experiment,
    numbers=numbers,
    watch=watch,
)
