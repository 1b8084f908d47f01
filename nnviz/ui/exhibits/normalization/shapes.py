"""BatchNorm1d, 2d and 3d: which input each takes, which cells share a mean, what it learns."""

from __future__ import annotations

from collections.abc import Mapping

from nnviz.experiments.normalization.dimensions import (
    TAKES,
    DimensionsRecord,
    try_dimensions,
)
from nnviz.experiments.normalization.groups import group_numbers
from nnviz.ui.exhibits.exhibit import Action, Exhibit
from nnviz.ui.exhibits.normalization.shapes_code import KNOWN, ShapesSettings, code, experiment
from nnviz.ui.exhibits.scene import Scene


def measure(settings: ShapesSettings) -> DimensionsRecord:
    """torch's module on the block."""
    return try_dimensions(settings.module, settings.shape, settings.seed)


def picture(settings: ShapesSettings, shown: DimensionsRecord) -> Scene:
    """The block with all cells of the chosen one's channel; D slices lie side by side."""
    s, outputs = settings, shown.outputs
    is_taken = outputs is not None
    facts = {
        "shape": s.shape, "letters": s.letters, "index": s.index, "values": shown.values.tolist(),
        "outputs": None if outputs is None else outputs.round(6).tolist(),
        "groupOf": group_numbers(s.shape, "batch").tolist() if is_taken else None,
        "buttons": [(name, name) for name in TAKES], "chosen": s.module, "field": "module",
        "gamma": 1.0, "beta": 0.0, "epsilon": 1e-5, "editable": False,
        "after": f"After {s.module}({s.n_channels})",
        "instead": f"{s.module} takes {TAKES[s.module]}.",
    }  # fmt: skip
    return Scene("normalization_cells", facts)


def refusal(settings: ShapesSettings, shown: DimensionsRecord) -> str:
    """torch's own words."""
    if not shown.torch_says:
        return ""
    return f"torch refuses an input of these axes and sizes here:\n\n`{shown.torch_says}`"


def numbers(settings: ShapesSettings, shown: DimensionsRecord) -> Mapping[str, str]:
    """What is kept, and how many numbers share a mean."""
    return {
        "Input": " × ".join(map(str, settings.shape)),
        "Means": str(settings.n_channels),
        "Numbers that share one": str(shown.values.size // settings.n_channels),
        "Learned, γ and β": str(shown.n_parameters),
        "Kept, running": f"{shown.n_buffers - 1} + 1 count",
    }


def notice(settings: ShapesSettings, shown: DimensionsRecord) -> str:
    """One mean a channel, however many axes there are."""
    takes = next(name for name in TAKES if f"({settings.axes})" in TAKES[name])
    what = f"({settings.axes}) are {KNOWN[settings.axes][0]}, for **{takes}**."
    if takes != settings.module:
        return (
            f"{what} The three modules compute the same; each only checks the number of axes, so"
            " that a forgotten one is told early."
        )
    if shown.outputs is None:
        return f"{what} A single number has no variance: take more samples or more positions."
    over = " and ".join(settings.axes.replace(", C", "").rsplit(", ", 1))
    share = shown.values.size // settings.n_channels
    return (
        f"{what} It averages over {over}: each of the {settings.n_channels} channels has one mean,"
        f" shared by {share} numbers, and learns two numbers, γ and β. So a layer of C channels has"
        " 2·C parameters, however large its images are."
    )


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
    fields=lambda settings: settings.fields,
    actions=lambda s, shown: [
        Action("Draw other numbers", {"seed": (s.seed + 1) % 10_000}, shortcut="n")
    ],
)
