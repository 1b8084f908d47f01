"""BatchNorm1d, 2d and 3d: which input each takes, which cells share a mean, what it learns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.normalization.dimensions import (
    TAKES,
    DimensionsRecord,
    ModuleName,
    try_dimensions,
)
from nnviz.experiments.normalization.groups import group_numbers
from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.exhibit import Action, Exhibit
from nnviz.ui.exhibits.normalization.shapes_code import CODE
from nnviz.ui.exhibits.scene import Scene

Axes = Literal["N, C", "N, C, L", "N, C, H, W", "N, C, D, H, W"]
LETTERS: dict[Axes, tuple[str, ...]] = {
    "N, C": ("n", "c"),
    "N, C, L": ("n", "c", "w"),
    "N, C, H, W": ("n", "c", "h", "w"),
    "N, C, D, H, W": ("n", "c", "d", "h", "w"),
}
OF: dict[Axes, str] = {
    "N, C": "rows of features",
    "N, C, L": "signals or sequences",
    "N, C, H, W": "images",
    "N, C, D, H, W": "volumes, or films",
}
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
    def shape(self) -> tuple[int, ...]:
        """Sizes of the input's axes."""
        sizes = {"n": self.n_samples, "c": self.n_channels, "d": self.depth, "h": self.height}
        return tuple(sizes.get(letter, self.width) for letter in LETTERS[self.axes])

    @property
    def index(self) -> tuple[int, ...]:
        """The chosen cell, moved inside where the block has become smaller."""
        asked = (getattr(self, letter) for letter in LETTERS[self.axes])
        return tuple(min(at, size - 1) for at, size in zip(asked, self.shape, strict=True))


def measure(settings: ShapesSettings) -> DimensionsRecord:
    """torch's module on the block."""
    return try_dimensions(settings.module, settings.shape, settings.seed)


def picture(settings: ShapesSettings, shown: DimensionsRecord) -> Scene:
    """The block with all cells of the chosen one's channel; D slices lie side by side."""
    groups = group_numbers(settings.shape, "batch").tolist()
    is_taken = shown.outputs is not None
    return Scene(
        "normalization_cells",
        {
            "shape": settings.shape,
            "letters": LETTERS[settings.axes],
            "values": shown.values.tolist(),
            "outputs": shown.outputs.round(6).tolist() if shown.outputs is not None else None,
            "groupOf": groups if is_taken else None,
            "index": settings.index,
            "gamma": 1.0,
            "beta": 0.0,
            "epsilon": 1e-5,
            "buttons": [(name, name) for name in TAKES],
            "chosen": settings.module,
            "field": "module",
            "after": f"After {settings.module}({settings.n_channels})",
            "editable": False,
            "instead": f"{settings.module} takes {TAKES[settings.module]}.",
        },
    )


def refusal(settings: ShapesSettings, shown: DimensionsRecord) -> str:
    """torch's own words."""
    if not shown.torch_says:
        return ""
    return f"torch refuses an input of these axes and sizes here:\n\n`{shown.torch_says}`"


def numbers(settings: ShapesSettings, shown: DimensionsRecord) -> Mapping[str, str]:
    """What is kept, and how many numbers share a mean."""
    sizes = " × ".join(map(str, settings.shape))
    share = int(np.prod(settings.shape)) // settings.n_channels
    return {
        "Input": sizes,
        "Means": str(settings.n_channels),
        "Numbers that share one": str(share),
        "Learned, γ and β": str(shown.n_parameters),
        "Kept, running": f"{shown.n_buffers - 1} + 1 count",
    }


def notice(settings: ShapesSettings, shown: DimensionsRecord) -> str:
    """One mean a channel, however many axes there are."""
    takes = next(name for name in TAKES if f"({settings.axes})" in TAKES[name])
    what = f"({settings.axes}) are {OF[settings.axes]}, for **{takes}**."
    if shown.outputs is None:
        if takes != settings.module:
            return (
                f"{what} The three modules compute the same; each only checks the number of axes,"
                " so that a forgotten one is told early."
            )
        return f"{what} A single number has no variance: take more samples or more positions."
    rest = [letter for letter in settings.axes.split(", ") if letter != "C"]
    over = " and ".join([", ".join(rest[:-1]), rest[-1]]) if len(rest) > 1 else rest[0]
    share = int(np.prod(settings.shape)) // settings.n_channels
    return (
        f"{what} It averages over {over}: each of the {settings.n_channels} channels has one mean,"
        f" shared by {share} numbers, and learns two numbers, γ and β. So a layer of C channels has"
        " 2·C parameters, however large its images are."
    )


def code(settings: ShapesSettings) -> str:
    """The module, and the same by hand."""
    shape = settings.shape
    ones = ", 1" * (len(shape) - 2)
    return CODE.format(
        seed=derived_seed(settings.seed, "block"), shape=", ".join(map(str, shape)),
        per_sample=f"{shape[0]}, 1{ones}", per_channel=f"1, {shape[1]}{ones}",
        module=settings.module, channels=shape[1],
    )  # fmt: skip


DATA: dict[Axes, str] = {
    "N, C": "moons", "N, C, L": "mnist1d", "N, C, H, W": "digits", "N, C, D, H, W": "volumes",
}  # fmt: skip


def experiment(settings: ShapesSettings) -> ExperimentSpec:
    """A small network on data of such a shape."""
    part = {"kind": "dense", "width": 16} if settings.axes == "N, C" else {
        "kind": "convolution", "channels": 8
    }  # fmt: skip
    return ExperimentSpec.model_validate(
        {
            "data": {"name": DATA[settings.axes]},
            "network": {"blocks": [part] * 2, "normalization": "batch"},
        }
    )


def fields(settings: ShapesSettings) -> Sequence[str]:
    """The sizes that the axes have."""
    names = {"d": "depth", "h": "height", "w": "width"}
    return ("axes", "n_samples", "n_channels", *(names[a] for a in LETTERS[settings.axes][2:]))


def actions(settings: ShapesSettings, shown: DimensionsRecord) -> Sequence[Action]:
    """Other numbers."""
    return (Action("Draw other numbers", {"seed": (settings.seed + 1) % 10_000}, shortcut="n"),)


SHAPES = Exhibit(
    name="shapes",
    title="1d, 2d, 3d",
    lead="One mean for each **channel**, over samples and all of space: give each module an input"
    " of other axes, and click a number.",
    settings=ShapesSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="torch.nn.BatchNorm1d, BatchNorm2d, BatchNorm3d.",
    experiment=experiment,
    numbers=numbers,
    refusal=refusal,
    fields=fields,
    actions=actions,
)
