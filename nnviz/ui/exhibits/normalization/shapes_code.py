"""An input of some axes for one of torch's BatchNorm modules: settings, script, experiment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.normalization.dimensions import ModuleName
from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec

Axes = Literal["N, C", "N, C, L", "N, C, H, W", "N, C, D, H, W"]
KNOWN: dict[Axes, tuple[str, str]] = {
    "N, C": ("rows of features", "moons"),
    "N, C, L": ("signals or sequences", "mnist1d"),
    "N, C, H, W": ("images", "digits"),
    "N, C, D, H, W": ("volumes, or films", "volumes"),
}
"""What such an input is, and data of that shape."""
Size = Annotated[int, Field(ge=1, le=4)]
Place = Annotated[int, Field(ge=0, le=3)]


class ShapesSettings(Spec):
    """The axes of an input, its sizes, and the module that gets it."""

    axes: Axes = Field(
        "N, C, H, W", title="Axes of the input", description="Samples, channels, then space."
    )
    module: ModuleName = "BatchNorm2d"
    n_samples: Size = Field(3, title="Samples N")
    n_channels: Size = Field(3, title="Channels C")
    depth: Size = Field(2, title="Depth D")
    height: Size = Field(3, title="Height H")
    width: Size = Field(3, title="Width W, or length L")
    seed: Annotated[int, Field(ge=0, le=9999)] = 0
    n: Place = 0
    c: Place = 1
    d: Place = 0
    h: Place = 1
    w: Place = 1

    @property
    def letters(self) -> list[str]:
        """The settings that hold the chosen cell, an axis each."""
        return self.axes.lower().replace("l", "w").split(", ")

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of the input's axes."""
        sizes = {"n": self.n_samples, "c": self.n_channels, "d": self.depth, "h": self.height}
        return tuple(sizes.get(letter, self.width) for letter in self.letters)

    @property
    def index(self) -> tuple[int, ...]:
        """The chosen cell, moved inside where the block has become smaller."""
        asked = (getattr(self, letter) for letter in self.letters)
        return tuple(min(at, size - 1) for at, size in zip(asked, self.shape, strict=True))

    @property
    def fields(self) -> list[str]:
        """The sizes that the axes have."""
        names = {"d": "depth", "h": "height", "w": "width"}
        return ["axes", "n_samples", "n_channels", *(names[a] for a in self.letters[2:])]


def code(settings: ShapesSettings) -> str:
    """The module, and the same by hand."""
    shape = settings.shape
    ones = ", 1" * (len(shape) - 2)
    return _CODE.format(
        seed=derived_seed(settings.seed, "block"), shape=", ".join(map(str, shape)),
        per_sample=f"{shape[0]}, 1{ones}", per_channel=f"1, {shape[1]}{ones}",
        module=settings.module, channels=shape[1],
    )  # fmt: skip


def experiment(settings: ShapesSettings) -> ExperimentSpec:
    """A small network on data of such a shape."""
    part = {"kind": "convolution", "channels": 8}
    if settings.axes == "N, C":
        part = {"kind": "dense", "width": 16}
    network = {"blocks": [part] * 2, "normalization": "batch"}
    data = {"name": KNOWN[settings.axes][1]}
    return ExperimentSpec.model_validate({"data": data, "network": network})


_CODE = """\
import torch
from torch import nn

generator = torch.Generator().manual_seed({seed})


def normal(*size):
    return torch.randn(*size, generator=generator, dtype=torch.float64)


x = 0.6 * normal({shape}) + normal({per_sample}) + 1.2 * normal({per_channel})
x = x.round(decimals=2)

layer = nn.{module}({channels}, dtype=torch.float64)
y = None
try:
    y = layer(x)
except ValueError as error:
    print("torch refuses:", error)
over = [axis for axis in range(x.dim()) if axis != 1]
mean = x.mean(over, keepdim=True)
variance = x.var(over, correction=0, keepdim=True)
by_hand = (x - mean) / torch.sqrt(variance + layer.eps)
print(y if y is None else (y - by_hand).abs().max())
print([(name, tuple(value.shape)) for name, value in layer.state_dict().items()])
"""
