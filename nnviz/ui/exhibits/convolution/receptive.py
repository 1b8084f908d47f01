"""Receptive field: how many input pixels a unit reads, the deeper the more."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.convolution.receptive import (
    MOST_PIXELS,
    FieldLayer,
    FieldRecord,
    reaches,
    receptive_fields,
)
from nnviz.experiments.convolution.samples import photograph
from nnviz.figures.theme import depth_token
from nnviz.records import FloatArray
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.scene import Scene

Measured = tuple[int, tuple[FieldRecord, ...]]


class FieldSettings(Spec):
    """A stack of convolutions, with pooling between them."""

    depth: Annotated[int, Field(ge=1, le=8)] = Field(5, title="Convolutions")
    kernel_size: Annotated[int, Field(ge=1, le=7)] = Field(3, title="Kernel size")
    stride: Annotated[int, Field(ge=1, le=3)] = Field(1, title="Stride of each")
    doubles: bool = Field(
        False,
        title="Dilation doubles with depth",
        description="1, 2, 4, … positions between those that a kernel reads.",
    )
    pool_every: Annotated[int, Field(ge=0, le=4)] = Field(
        2,
        title="Pooling after every … convolutions",
        description="The mean of 2 × 2 positions; 0 is none.",
    )

    @property
    def layers(self) -> tuple[FieldLayer, ...]:
        """Convolutions and poolings in order."""
        stack: list[FieldLayer] = []
        for place in range(self.depth):
            dilation = 2**place if self.doubles else 1
            stack.append(FieldLayer(self.kernel_size, self.stride, dilation))
            if self.pool_every and (place + 1) % self.pool_every == 0:
                stack.append(FieldLayer(2, 2, is_pool=True))
        return tuple(stack)


def measure(settings: FieldSettings) -> Measured:
    """By formula and by autograd, layer by layer."""
    return receptive_fields(settings.layers)


def picture(settings: FieldSettings, measured: Measured) -> Scene:
    """The field over a photograph, and the positions that lie between."""
    size, records = measured
    image = photograph("temple", min(427 // size, 40)).mean(axis=0)
    top, left = (len(image) - size) // 2, (image.shape[1] - size) // 4
    names = _names(records)
    return Scene(
        "glide_field",
        {
            "size": size,
            "image": _bytes(image[top : top + size, left : left + size]),
            "layers": [
                {
                    "name": names[place],
                    "start": record.start,
                    "side": record.measured,
                    "field": _bytes(_visible(record.sensitivity)),
                    "read": [found.astype(int).tolist() for found in record.read],
                    "centres": [found.tolist() for found in record.centres],
                    "stack": [[layer.layer.kernel_size, layer.layer.stride, layer.layer.dilation]
                              for layer in records[: place + 1]],
                    "colour": depth_token(place, len(records)),
                    "words": _words(place, records),
                }
                for place, record in enumerate(records)
            ],
        },
    )  # fmt: skip


def _names(records: tuple[FieldRecord, ...]) -> list[str]:
    names, n_convolutions = [], 0
    for record in records:
        n_convolutions += not record.layer.is_pool
        names.append("pooling" if record.layer.is_pool else f"convolution {n_convolutions}")
    return names


def _words(place: int, records: tuple[FieldRecord, ...]) -> list[str]:
    record = records[place]
    before = records[place - 1].by_formula if place else 1
    layer, side = record.layer, record.measured
    holes = side**2 - record.n_pixels
    seen = "all of them" if not holes else f"{record.n_pixels:,} of them"
    return [
        f"By formula: {before} + ({layer.kernel_size} − 1)·{layer.dilation}·{record.jump}"
        f" = {record.by_formula} pixels along an axis.",
        f"By autograd: {side} × {side} pixels, {seen} with a gradient; half of the sensitivity"
        f" lies in the middle {record.effective} × {record.effective}.",
    ]


def _visible(sensitivity: FloatArray) -> FloatArray:
    """0 … 255; what is not read is 0, and nothing else is."""
    share = sensitivity / sensitivity.max()
    return np.where(sensitivity == 0, 0, 1 + np.round(254 * share))


def _bytes(values: FloatArray) -> str:
    return base64.b64encode(np.clip(values, 0, 255).astype(np.uint8).tobytes()).decode()


def numbers(settings: FieldSettings, measured: Measured) -> Mapping[str, str]:
    """The deepest unit that is measured."""
    _, records = measured
    if not records:
        return {}
    last = records[-1]
    n_weights = sum(not record.layer.is_pool for record in records) * settings.kernel_size**2
    return {
        "Reads, by formula": f"{last.by_formula} × {last.by_formula}",
        "Reads, by autograd": f"{last.measured} × {last.measured}",
        "Half of it within": f"{last.effective} × {last.effective}",
        "Weights a channel": f"{n_weights:,}",
        "One kernel of that size": f"{last.by_formula**2:,}",
    }


def notice(settings: FieldSettings, measured: Measured) -> str:
    """How it grows, and why."""
    _, records = measured
    left_out = len(settings.layers) - len(records)
    grows = (
        "The field is one pixel at every depth: a kernel of 1 mixes channels, not positions."
        if settings.kernel_size == 1 and not settings.pool_every
        else "Each layer multiplies what the next one adds: with strides, pooling or a growing"
        " dilation the field grows geometrically with depth."
        if settings.stride > 1 or settings.pool_every or settings.doubles
        else f"Each layer adds the same {settings.kernel_size - 1} pixels: at stride 1 the field"
        " grows in a straight line with depth."
    )
    middle = (
        " The middle counts most: far more paths lead there than to the border, so that the"
        " *effective* field is much smaller than the formula's."
        if records and records[-1].effective < 0.75 * records[-1].measured
        else ""
    )
    cut = (
        f" The last {left_out} layers reach beyond {MOST_PIXELS} pixels, up to"
        f" {reaches(settings.layers)[-1][0]:,}, and are not drawn."
        if left_out
        else ""
    )
    return grows + middle + cut


def code(settings: FieldSettings) -> str:
    """The formula and the gradient, written out."""
    _, records = receptive_fields(settings.layers)
    rows = "".join(
        f"    ({layer.kernel_size}, {layer.stride}, {layer.dilation}, {layer.is_pool}),\n"
        for layer in settings.layers[: len(records)]
    )
    return _SCRIPT.format(rows=rows)


_SCRIPT = """import torch
import torch.nn.functional as F

stack = [  # kernel size, stride, dilation, whether it is a pooling
{rows}]
reach, jump = 1, 1
for k, s, d, _ in stack:
    reach += (k - 1) * d * jump
    jump *= s

image = torch.ones(1, 1, reach, reach, dtype=torch.float64, requires_grad=True)
x = image
for k, s, d, is_pool in stack:
    kernel = torch.full((1, 1, k, k), 1 / k**2, dtype=torch.float64)
    x = F.avg_pool2d(x, k, s) if is_pool else F.conv2d(x, kernel, stride=s, dilation=d)
x[0, 0, 0, 0].backward()
rows = image.grad[0, 0].any(1).nonzero()
measured = int(rows[-1] - rows[0] + 1)
print("by formula", reach, "by autograd", measured, "pixels", int(image.grad.count_nonzero()))
"""


def experiment(settings: FieldSettings) -> ExperimentSpec:
    """The same stack on digits, with zeros around so that it fits."""
    blocks: list[dict[str, Any]] = []
    for place in range(min(settings.depth, 4)):
        dilation = 2 ** min(place, 3) if settings.doubles else 1
        blocks.append(
            {
                "kind": "convolution",
                "channels": 6,
                "dilation": dilation,
                "kernel_size": settings.kernel_size,
                "stride": min(settings.stride, 2),
            }
        )
        if settings.pool_every and (place + 1) % settings.pool_every == 0 and settings.stride == 1:
            blocks.append({"kind": "pool", "method": "average", "size": 2})
    blocks = blocks[:6]
    n_pools = sum(block["kind"] == "pool" for block in blocks)
    while n_pools > 3:
        blocks.pop()
        n_pools = sum(block["kind"] == "pool" for block in blocks)
    return ExperimentSpec.model_validate(
        {"data": {"name": "digits"}, "network": {"blocks": blocks},
         "training": {"optimizer": {"name": "adam", "learning_rate": 0.003}}}
    )  # fmt: skip


RECEPTIVE = Exhibit(
    name="receptive",
    title="Receptive field",
    lead="What one unit reads of the picture, layer by layer. Press play: the lit square grows with"
    " depth, and in the fan beside it every line is one weight.",
    settings=FieldSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="Dumoulin & Visin 2016; Luo et al. 2016, Understanding the effective receptive field.",
    experiment=experiment,
    numbers=numbers,
)
