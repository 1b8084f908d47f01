"""Weights as an initializer draws them: their size, their distribution, their spectrum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from nnviz.base import Spec
from nnviz.blocks.learned import ActivationName
from nnviz.catalog.activations import gain
from nnviz.experiments.initial_weights import WeightRecord, draw_weights, misfit, scaled
from nnviz.experiments.signal_propagation import KAIMING, Start
from nnviz.feed import Grip, Panel
from nnviz.figures import initial_weights
from nnviz.spec import ExperimentSpec
from nnviz.ui.controls.network import initialization_controls
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.signal_code import fill_code

MODULES = {"dense": "Linear", "signal": "Conv1d", "image": "Conv2d"}


class WeightSettings(Spec):
    """One layer, and how its weights are drawn."""

    initialization: Start = KAIMING
    activation: ActivationName = Field(
        "relu", title="Activation behind the layer",
        description="It sets the gain of kaiming, xavier and orthogonal.",
    )  # fmt: skip
    layer: Literal["dense", "signal", "image"] = Field(
        "dense", title="Layer", description="Dense, or a convolution over a signal or an image."
    )
    n_in: Annotated[int, Field(ge=1, le=128)] = Field(64, title="Inputs or input channels")
    n_out: Annotated[int, Field(ge=1, le=128)] = Field(64, title="Units or output channels")
    kernel: Annotated[int, Field(ge=1, le=7)] = Field(3, title="Kernel size")
    seed: Annotated[int, Field(ge=0, le=9999)] = Field(0, title="Seed")

    @model_validator(mode="after")
    def _fits(self) -> WeightSettings:
        if refusal := misfit(self.initialization.name, len(self.shape)):
            raise ValueError(f"{refusal} Choose another layer or another initializer")
        return self

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the drawn tensor: outputs, inputs and the kernel."""
        kernel = {"dense": (), "signal": (self.kernel,), "image": (self.kernel, self.kernel)}
        return (self.n_out, self.n_in, *kernel[self.layer])


def measure(settings: WeightSettings) -> WeightRecord:
    s = settings
    return draw_weights(s.initialization, s.activation, s.shape, s.seed)


def picture(settings: WeightSettings, record: WeightRecord) -> Sequence[Panel]:
    """The matrix, and the histogram with the standard deviation to be dragged."""
    return (
        Panel(
            "image", "The weights", initial_weights.weight_image(record),
            "A row holds the weights into one unit; blue positive, orange negative.", 430, 6,
            short=330,
        ),
        Panel(
            "histogram", "How they are distributed", initial_weights.weight_histogram(record),
            "Share of the weights in each bin, and the standard deviation that the initializer"
            " aims at.", 430, 6, short=330, grips=_grips(settings, record),
        ),
    )  # fmt: skip


def _grips(settings: WeightSettings, record: WeightRecord) -> Sequence[Grip]:
    if scaled(settings.initialization, settings.activation, 1.0) is None or not record.std:
        return ()
    mean, reach = record.expected_mean or 0.0, initial_weights.weight_reach(record)
    low, high = mean + reach / 500, mean + 0.9 * reach
    at = mean + (record.expected_std or record.std)
    return (Grip("std", at, low=low, high=high, step=reach / 500, label="drag: std"),)


def grasp(settings: WeightSettings, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """The initializer whose weights have this standard deviation."""
    record = measure(settings)
    wanted = float(sent["std"]) - (record.expected_mean or 0.0)
    factor = wanted / (record.expected_std or record.std)
    start = scaled(settings.initialization, settings.activation, factor)
    return {} if start is None else {"initialization": start.model_dump(mode="json")}


def numbers(settings: WeightSettings, record: WeightRecord) -> Mapping[str, str]:
    """Fans, gain, and the deviation drawn and aimed at."""
    aimed = "" if record.expected_std is None else f" ({record.expected_std:.4g} by definition)"
    return {
        "fan_in, fan_out": f"{record.fan_in:,}, {record.fan_out:,}",
        "Gain": "–" if record.gain is None else f"{record.gain:.4g}",
        "Standard deviation": f"{record.std:.4g}{aimed}",
        "fan_in · E w²": f"{_kept(record):.3g}",
    }


def _kept(record: WeightRecord) -> float:
    return record.fan_in * (record.std**2 + record.mean**2)


def notice(settings: WeightSettings, record: WeightRecord) -> str:
    """What this matrix does to a vector."""
    name, largest = settings.initialization.name.replace("_", " "), float(record.singular_K[0])
    by_gain = f", and {name} asks for no gain: what comes out is up to the layer's size."
    if record.gain is not None:
        of = f"of {settings.activation.replace('_', ' ')}"
        by_gain = (
            f"; {name} shrinks its weights accordingly and multiplies them with the gain"
            f" {record.gain:.3g} {of if settings.initialization.gain is None else 'set by hand'}."
        )
    if largest == 0:
        spectrum = "All singular values are 0: every input gives the same output."
    elif largest / max(float(record.singular_K[-1]), 1e-300) < 1.001:
        spectrum = (
            f"All singular values are {largest:.3g}: every direction is treated alike, which is"
            " what makes orthogonal weights special in deep linear stacks."
        )
    elif record.singular_K[min(1, len(record.singular_K) - 1)] < 1e-9 * largest:
        spectrum = "Only one singular value is not 0: all units compute the same thing."
    else:
        spectrum = (
            f"It stretches one direction by {largest:.3g} and shrinks another to"
            f" {record.singular_K[-1]:.2g}: stacked many times, the first kind wins."
        )
    return (
        f"A unit adds up fan_in = {record.fan_in} weighted inputs{by_gain} For inputs of mean 0,"
        f" E z² becomes {_kept(record):.3g} times E x². {spectrum}"
    )


def code(settings: WeightSettings) -> str:
    n_out, n_in, *kernel = settings.shape
    fill = fill_code(settings.initialization, gain(settings.activation), "m.weight")
    if settings.initialization.name == "default":
        fill = "m.reset_parameters()"
    sizes = ", ".join(map(str, (n_in, n_out, *kernel[:1])))
    layer = f"nn.{MODULES[settings.layer]}"
    return _SCRIPT.format(layer=layer, sizes=sizes, seed=settings.seed, fill=fill)


_SCRIPT = """\
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
model = nn.Sequential({layer}({sizes}))


@torch.no_grad()
def init_weights(m):
    if isinstance(m, {layer}):
        torch.manual_seed({seed})
        {fill}


model.apply(init_weights)
W = model[0].weight.detach()
fan_in, fan_out = nn.init._calculate_fan_in_and_fan_out(W)
std = W.std(correction=0).item()
singular = torch.linalg.svdvals(W.flatten(1))
print(f"fan_in {{fan_in}}, fan_out {{fan_out}}, std {{std:.4g}}")
print(f"singular values from {{singular[0]:.4g}} to {{singular[-1]:.4g}}")
"""


def experiment(settings: WeightSettings) -> ExperimentSpec:
    block: dict[str, Any] = {"kind": "dense", "width": 32}
    if settings.layer != "dense":
        block = {"kind": "convolution", "channels": 8}
    network = settings.model_dump(include={"activation", "initialization"})
    network["blocks"] = [block] * 2
    return ExperimentSpec.model_validate({"data": {"name": "digits"}, "network": network})


WEIGHTS = Exhibit(
    name="weights",
    title="Weights",
    lead="Before the first update weights are drawn by chance: **drag the line** at their standard"
    " deviation and see what the matrix does to a signal.",
    settings=WeightSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="Glorot & Bengio 2010 (xavier), He et al. 2015 (kaiming), Saxe et al. 2013 (orthogonal"
    " weights).",
    experiment=experiment,
    numbers=numbers,
    fields=lambda settings: (
        "activation", "layer", "n_in", "n_out", *["kernel"] * (settings.layer != "dense"), "seed",
    ),
    more=("seed",),
    controls=lambda document, path: initialization_controls(
        document["initialization"], f"{path}.initialization"
    ),
    grasp=grasp,
)  # fmt: skip
