"""Filters on a photograph: what nine numbers do to every pixel."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.convolution.filtered import FilteredRecord, Pooling, filtered
from nnviz.experiments.convolution.kernels import FILTERS, FilterName, recut
from nnviz.experiments.convolution.samples import PHOTOGRAPHS, PhotographName
from nnviz.records import FloatArray
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.scene import Scene

_NOTICE: dict[str, str] = {
    "identity": "One number and eight zeros hand the picture on as it is.",
    "blur": "Nine equal weights take the mean of each neighbourhood: what is smaller than the"
    " window is lost.",
    "sharpen": "What differs from its neighbours is made to differ more; the weights sum up to 1,"
    " so that even areas stay as they are.",
    "edges x": "The weights sum up to 0: where nothing changes from left to right the answer is"
    " 0, whatever the brightness. Upright edges stand out, level ones are not seen.",
    "edges y": "Level edges stand out, upright ones are not seen: the same filter, turned.",
    "sobel x": "An edge filter that takes the mean of three rows, and so is less disturbed by"
    " noise.",
    "sobel y": "Sobel's filter, turned: level edges.",
    "laplacian": "Four neighbours against the middle: edges of all directions, twice, once on"
    " either side.",
    "emboss": "Brighter below and to the right is light, darker is dark: a relief lit from a"
    " corner.",
}
Weight = Annotated[float, Field(ge=-125, le=125)]


class PhotographSettings(Spec):
    """Which photograph, which nine numbers, and what comes after."""

    photograph: PhotographName = Field("temple", title="Photograph")
    filter: FilterName | Literal["own"] = Field(
        "sobel x",
        title="Filter",
        description="Nine numbers; change them in the picture to make your own.",
        json_schema_extra={"choices": [*FILTERS, "own"]},
    )
    own: Annotated[tuple[Weight, ...], Field(max_length=9)] = ()
    rectified: bool = Field(False, title="ReLU after it", description="Sets what is negative to 0.")
    pooling: Pooling = Field(
        "none", title="Pooling", description="The largest or the mean of each small square."
    )
    window: Annotated[int, Field(ge=2, le=8)] = Field(4, title="Pooling window")
    flatten: bool = Field(
        False, title="Flatten", description="Lays the rows end to end, as a dense layer needs them."
    )


def kernel_of(settings: PhotographSettings) -> FloatArray:
    """Three rows of three weights."""
    if settings.filter == "own":
        return recut(settings.own or (0.0,), (1, 1, 3, 3)).reshape(3, 3)
    return np.array(FILTERS[settings.filter], dtype=np.float64)


def measure(settings: PhotographSettings) -> FilteredRecord:
    """The photograph through the filter, by torch."""
    return filtered(
        settings.photograph, kernel_of(settings), settings.rectified, settings.pooling,
        settings.window,
    )  # fmt: skip


def _sent(values: FloatArray) -> Mapping[str, Any]:
    """A plane of numbers as tenths, in the bytes of 16-bit integers."""
    tenths = np.clip(np.round(values * 10), -32768, 32767).astype("<i2")
    return {"high": len(values), "wide": values.shape[1],
            "tenths": base64.b64encode(tenths.tobytes()).decode()}  # fmt: skip


def picture(settings: PhotographSettings, record: FilteredRecord) -> Scene:
    """Before and after, and what pooling leaves."""
    kernel = kernel_of(settings)
    is_light = float(record.after.min()) >= 0 or abs(kernel.sum()) > 0.5
    facts: dict[str, Any] = {
        "before": _sent(record.before),
        "after": _sent(record.after),
        "kernel": kernel.tolist(),
        "filter": settings.filter,
        "is_light": bool(is_light),
        "rectified": settings.rectified,
        "flatten": settings.flatten,
    }
    if settings.pooling != "none":
        facts |= {"pooled": _sent(record.pooled), "window": settings.window,
                  "pooling": settings.pooling}  # fmt: skip
    return Scene("glide_photograph", facts)


def notice(settings: PhotographSettings, record: FilteredRecord) -> str:
    """What the filter does, and what is left of the picture."""
    total = float(kernel_of(settings).sum())
    words = _NOTICE.get(
        settings.filter,
        f"Your nine weights sum up to {total:.2f}: an even area of brightness 100 becomes"
        f" {100 * total:.0f}.",
    )
    if settings.pooling != "none":
        words += (
            f" Pooling leaves one number of every {settings.window**2}:"
            f" {record.pooled.size:,} of {record.after.size:,}; {_KEPT[settings.pooling]}"
        )
    if settings.flatten:
        words += (
            f" Flattened it is one row of {record.pooled.size:,} numbers: which pixels were"
            " neighbours is no longer to be seen in it, and the next layer must learn it anew."
        )
    return words


_KEPT = {
    "max": "the strongest answer survives wherever in its square it was.",
    "average": "strong answers of either sign cancel.",
    "none": "",
}


def code(settings: PhotographSettings) -> str:
    """The same, written out."""
    steps = ["    image = F.relu(image)"] if settings.rectified else []
    if settings.pooling != "none":
        kind = "max" if settings.pooling == "max" else "avg"
        steps.append(f"    image = F.{kind}_pool2d(image, {settings.window})")
    if settings.flatten:
        steps.append("    image = image.flatten(1)")
    rows = "".join(f"    {[float(weight) for weight in row]},\n" for row in kernel_of(settings))
    return _SCRIPT.format(
        file=PHOTOGRAPHS[settings.photograph], rows=rows, steps="".join(f"{s[4:]}\n" for s in steps)
    )


_SCRIPT = """import torch
import torch.nn.functional as F
from sklearn.datasets import load_sample_image

photo = torch.tensor(load_sample_image("{file}"), dtype=torch.float64).permute(2, 0, 1)
photo = F.avg_pool2d(photo, 2).round()  # half the size
grey = photo.mean(0, keepdim=True).round()
kernel = torch.tensor([
{rows}], dtype=torch.float64)

image = F.conv2d(grey[None], kernel[None, None], padding=1)
{steps}print(tuple(image.shape), image.min().item(), image.max().item())
"""


def experiment(settings: PhotographSettings) -> ExperimentSpec:
    """Filters that are learned, with the same pooling, on digits."""
    pool = {"kind": "pool", "method": settings.pooling, "size": 2}
    blocks = [
        {"kind": "convolution", "channels": 8, "kernel_size": 3},
        *([pool] if settings.pooling != "none" else []),
        *([{"kind": "flatten"}] if settings.flatten else []),
        {"kind": "dense", "width": 24},
    ]
    return ExperimentSpec.model_validate(
        {"data": {"name": "digits"}, "network": {"blocks": blocks},
         "training": {"optimizer": {"name": "adam", "learning_rate": 0.003}}}
    )  # fmt: skip


def fields(settings: PhotographSettings) -> Sequence[str]:
    """The window only where something is pooled."""
    pooled = ["window"] if settings.pooling != "none" else []
    return ["photograph", "filter", "rectified", "pooling", *pooled, "flatten"]


PHOTOGRAPH = Exhibit(
    name="photograph",
    title="Filters on a photograph",
    lead="Nine numbers, the same for every pixel. Move over the photograph: the square under the"
    " pointer, times the kernel, is the pixel on the right.",
    settings=PhotographSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="Sobel & Feldman 1968; Burger & Burge 2016, Digital Image Processing, chapter 5."
    " Photographs: scikit-learn's samples, by danielbuechele and vultilion on Flickr, CC BY 2.0.",
    experiment=experiment,
    fields=fields,
)
