"""The window: it glides over an input, and each place gives one number of the output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from nnviz.base import Spec
from nnviz.experiments.convolution.kernels import KernelName, kernel, recut
from nnviz.experiments.convolution.samples import (
    CROP,
    CROP_PARTS,
    CROPS,
    N_SAMPLES,
    PHOTOGRAPHS,
    InputName,
    sample,
)
from nnviz.experiments.convolution.window import Glide, WindowRecord, slide
from nnviz.records import FloatArray
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.scene import Scene

SPACES: dict[str, tuple[int, ...]] = {
    "digit": (8, 8), "photograph": (16, 16), "colour": (16, 16), "signal": (40,),
    "volume": (12, 12, 12),
}  # fmt: skip
COLOURS = ("red", "green", "blue")
_HIGHEST = {"digit": 16.0, "photograph": 255.0, "colour": 255.0, "signal": 0.0, "volume": 1.0}
_DECIMALS = {"digit": 0, "photograph": 0, "colour": 0, "signal": 2, "volume": 1}
_DATA = {"signal": "mnist1d", "volume": "volumes"}
Weight = Annotated[float, Field(ge=-125, le=125)]


class WindowSettings(Spec):
    """What the window glides over, how, and with which kernel."""

    input: InputName = Field(
        "digit", title="Input", description="A digit of scikit-learn, 16 by 16 pixels of a"
        " photograph in grey or colour, a signal of mnist1d, or a solid of 12 by 12 by 12 voxels.",
    )  # fmt: skip
    number: Annotated[int, Field(ge=0, lt=N_SAMPLES)] = Field(3, title="Which one")
    kernel: KernelName | Literal["own"] = Field(
        "edges",
        title="Kernel",
        description="'edges' is the right column minus the left one; your own is set in the"
        " picture.",
        json_schema_extra={"choices": ["edges", "blur", "sharpen", "one pixel", "own"]},
    )
    own: Annotated[tuple[Weight, ...], Field(max_length=225)] = ()
    kernel_size: Annotated[int, Field(ge=1, le=5)] = Field(3, title="Kernel size")
    stride: Annotated[int, Field(ge=1, le=4)] = Field(
        1, title="Stride", description="Positions from one place of the window to the next."
    )
    padding: Annotated[int, Field(ge=0, le=4)] = Field(
        0, title="Padding", description="Zeros added on every side."
    )
    dilation: Annotated[int, Field(ge=1, le=3)] = Field(
        1, title="Dilation", description="Distance between the positions that a kernel reads."
    )
    channel_groups: Literal[1, 3] = Field(
        1,
        title="Channel groups",
        description="1: each of three filters reads all three colours; 3: each reads its own.",
    )
    bias: Annotated[float, Field(ge=-10, le=10)] = Field(
        0.0, title="Bias", json_schema_extra={"step": 1.0}
    )

    @model_validator(mode="after")
    def _kernel_fits(self) -> WindowSettings:
        shortest = min(self.space) + 2 * self.padding
        if self.glide.reach > shortest:
            raise ValueError(
                f"a kernel of {self.kernel_size}, {self.dilation} apart, reaches over"
                f" {self.glide.reach} positions and does not fit {shortest}; take a smaller"
                " kernel or dilation, or more padding"
            )
        return self

    @property
    def space(self) -> tuple[int, ...]:
        """Sizes of the input's axes."""
        return SPACES[self.input]

    @property
    def glide(self) -> Glide:
        """How the window glides."""
        groups = self.channel_groups if self.input == "colour" else 1
        return Glide(self.kernel_size, self.stride, self.padding, self.dilation, groups)


def weights(settings: WindowSettings) -> FloatArray:
    """The kernels (filters, channels, size, …); in colour three filters, else one."""
    n_axes, n_filters = len(settings.space), 3 if settings.input == "colour" else 1
    n_read = n_filters // settings.glide.groups
    shape = (n_filters, n_read, *(settings.kernel_size,) * n_axes)
    if settings.kernel == "own":
        return recut(settings.own or (0.0,), shape)
    one = kernel(settings.kernel, settings.kernel_size, n_axes)
    if n_read < 3:
        return np.broadcast_to(one, shape).copy()
    mixes_OC = np.array([[1, 1, 1], [1, 1, 1], [1, 0, -1]])  # the last one: red against blue
    turned = np.stack([one, one.T, one])
    return np.asarray(mixes_OC[:, :, None, None] * turned[:, None])


def measure(settings: WindowSettings) -> WindowRecord:
    """The whole output at once, by torch."""
    x = sample(settings.input, settings.number)
    return slide(x, weights(settings), settings.bias, settings.glide)


def picture(settings: WindowSettings, record: WindowRecord) -> Scene:
    """Input, kernel and output as planes of numbers; the script lets the window glide."""
    glide, padded, n_axes = settings.glide, record.padded, len(settings.space)
    planes = padded[:, None] if n_axes == 1 else padded[0] if n_axes == 3 else padded
    outputs = record.output[:, None] if n_axes == 1 else record.output
    outputs = outputs[0] if n_axes == 3 else outputs
    kernels = record.kernel_OC[:, 0] if n_axes == 3 else record.kernel_OC
    kernels = kernels[:, :, None] if n_axes == 1 else kernels
    return Scene(
        "glide",
        {
            "kind": settings.input,
            "planes": planes.round(4).tolist(),
            "kernels": kernels.tolist(),
            "outputs": [
                {"values": values.round(6).tolist(), **_about(settings, record, place)}
                for place, values in enumerate(outputs)
            ],
            "padding": glide.padding,
            "stride": glide.stride,
            "dilation": glide.dilation,
            "bias": record.bias,
            "highest": _HIGHEST[settings.input] or float(np.abs(padded).max()),
            "decimals": _DECIMALS[settings.input],
            "formula": _formula(settings, record),
        },
    )


def _about(settings: WindowSettings, record: WindowRecord, place: int) -> Mapping[str, Any]:
    """Which filter makes an output plane, which planes it reads, what they are called."""
    if settings.input == "volume":
        depths = [place * settings.stride + j * settings.dilation
                  for j in range(settings.kernel_size)]  # fmt: skip
        names = [f"slice {depth - settings.padding + 1}" if 0 <= depth - settings.padding < 12
                 else "zeros" for depth in depths]  # fmt: skip
        return {"filter": 0, "reads": depths, "names": names, "name": f"slice {place + 1}"}
    if settings.input != "colour":
        return {"filter": 0, "reads": [0], "names": [""], "name": ""}
    reads = [place] if settings.glide.groups == 3 else [0, 1, 2]
    names = [COLOURS[channel] for channel in reads]
    return {"filter": place, "reads": reads, "names": names, "name": f"filter {place + 1}"}


def _formula(settings: WindowSettings, record: WindowRecord) -> str:
    glide, n = settings.glide, settings.space[0]
    return (
        f"⌊({n} + 2·{glide.padding} − {glide.dilation}·({glide.kernel_size} − 1) − 1)"
        f" / {glide.stride}⌋ + 1 = {record.formula_space[0]}"
    )


def sizes(space: Sequence[int]) -> str:
    """8 × 8."""
    return " × ".join(map(str, space))


def numbers(settings: WindowSettings, record: WindowRecord) -> Mapping[str, str]:
    """What it gives and what it costs, beside a dense layer of the same input and output."""
    return {
        "Output, by torch": sizes(record.output.shape[1:]),
        "Parameters": f"{record.n_parameters:,}",
        "Parameters, dense": f"{record.n_dense_parameters:,}",
        "Multiplications": f"{record.n_multiplications:,}",
        "Multiplications, dense": f"{record.n_dense_multiplications:,}",
    }


def notice(settings: WindowSettings, record: WindowRecord) -> str:
    """What the sizes and the cost say."""
    less = record.n_dense_parameters / record.n_parameters
    shared = (
        f"The same {record.kernel_OC.size:,} weights serve every place: a dense layer from the same"
        f" input to the same output has {less:,.0f} times as many parameters."
    )
    lost = settings.space[0] - record.output.shape[1]
    edge = (
        "The output is as large as the input."
        if lost == 0
        else f"The output is {abs(lost)} positions {'shorter' if lost > 0 else 'longer'} along"
        f" each axis; a padding of {(settings.glide.reach - 1) // 2} at stride 1 would keep the"
        " size."
        if settings.glide.reach % 2
        else f"The output differs by {abs(lost)} along each axis, and no padding keeps the size"
        " exactly: the window reaches over an even number of positions."
    )
    groups = (
        " In three groups each filter sees one colour only and has a third of the weights."
        if settings.glide.groups == 3
        else ""
    )
    return (
        f"{shared} {edge}{groups} torch does not turn the kernel round: it is a cross-correlation."
    )


def code(settings: WindowSettings) -> str:
    """The same convolution, written out."""
    n_axes, glide = len(settings.space), settings.glide
    x, kernel_OC = sample(settings.input, settings.number), weights(settings)
    more = "".join(
        f", {name}={value}"
        for name, value, usual in (
            ("stride", glide.stride, 1), ("padding", glide.padding, 0),
            ("dilation", glide.dilation, 1), ("groups", glide.groups, 1),
        )
        if value != usual
    )  # fmt: skip
    return _SCRIPT.format(
        n_axes=n_axes, x=_load(settings), kernel=_written(kernel_OC), n_out=len(kernel_OC),
        n_in=len(x), size=glide.kernel_size, more=more, bias=settings.bias,
    )  # fmt: skip


def _load(settings: WindowSettings) -> str:
    if settings.input == "digit":
        return _DIGIT.format(number=settings.number)
    if settings.input in ("signal", "volume"):
        return _OURS.format(name=settings.input, number=settings.number)
    photo, top, left = CROPS[settings.number]
    grey = ".mean(0, keepdim=True).round()" if settings.input == "photograph" else ""
    return _CROPPED.format(
        file=PHOTOGRAPHS[photo], parts=CROP_PARTS, top=top, left=left, below=top + CROP,
        right=left + CROP, grey=grey,
    )  # fmt: skip


_DIGIT = """from sklearn.datasets import load_digits

digits = load_digits()
x = torch.from_numpy(digits.images[digits.target == {number}][:1])"""
_OURS = """from nnviz.experiments.convolution.samples import sample

x = torch.from_numpy(sample({name!r}, {number}))"""
_CROPPED = """from sklearn.datasets import load_sample_image

photo = torch.tensor(load_sample_image("{file}"), dtype=torch.float64).permute(2, 0, 1)
small = nn.functional.avg_pool2d(photo, {parts}).round()
x = small[:, {top}:{below}, {left}:{right}]{grey}"""


def _written(kernel_OC: FloatArray) -> str:
    """Nested lists, a row a line."""
    rows = ["torch.tensor(["]
    places = list(product(*map(range, kernel_OC.shape[:-1])))
    rows += ["    " + ", ".join(repr(float(w)) for w in kernel_OC[place]) + "," for place in places]
    return "\n".join([*rows, f"], dtype=torch.float64).reshape{kernel_OC.shape}"])


_SCRIPT = """import torch
from torch import nn
{x}
kernel = {kernel}

layer = nn.Conv{n_axes}d({n_in}, {n_out}, {size}{more}, dtype=torch.float64)
with torch.no_grad():
    layer.weight.copy_(kernel)
    layer.bias.fill_({bias})
    output = layer(x[None])[0]
dense = x.numel() * output.numel() + output.numel()
print(tuple(output.shape), sum(p.numel() for p in layer.parameters()), "parameters;", dense)
"""


def experiment(settings: WindowSettings) -> ExperimentSpec:
    """A small network whose first layer glides so."""
    name, glide = _DATA.get(settings.input, "digits"), settings.glide
    fits = glide.reach <= {"mnist1d": 40, "volumes": 12}.get(name, 8)
    first = {
        "kind": "convolution", "channels": 6, "kernel_size": glide.kernel_size,
        "stride": glide.stride, "dilation": glide.dilation,
        "padding": "valid" if fits and not glide.padding else "same",
    }  # fmt: skip
    second = {"kind": "convolution", "channels": 6, "channel_groups": glide.groups * 2}
    blocks = [first, *([second] if glide.groups > 1 else []), {"kind": "dense", "width": 24}]
    return ExperimentSpec.model_validate(
        {"data": {"name": name}, "network": {"blocks": blocks},
         "training": {"optimizer": {"name": "adam", "learning_rate": 0.003}}}
    )  # fmt: skip


def fields(settings: WindowSettings) -> Sequence[str]:
    """Groups only where there are colours."""
    names = ["input", "number", "kernel", "kernel_size", "stride", "padding", "dilation"]
    return [*names, *(["channel_groups"] if settings.input == "colour" else []), "bias"]


WINDOW = Exhibit(
    name="window",
    title="The window",
    lead="The numbers under the window, times the kernel's, sum up to **one number of the output**."
    " Press play or drag the window; click a number of the kernel to change it.",
    settings=WindowSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="Dumoulin & Visin 2016, A guide to convolution arithmetic for deep learning.",
    experiment=experiment,
    numbers=numbers,
    fields=fields,
)
