"""Which cells share a mean: a block of numbers, a chosen one, and its group under each kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.experiments.comparisons import COMPARISONS, DEFAULT_COMPARISON
from nnviz.experiments.normalization.groups import (
    WORKED_EXAMPLE,
    find_trap,
    group_numbers,
    normalize,
    removal_influences,
)
from nnviz.experiments.normalization.records import (
    CellRecord,
    Influence,
    NormalizedRecord,
    Trap,
)
from nnviz.feed import Panel
from nnviz.figures.normalization_group import group_figure, influence_figure
from nnviz.spec import ComparisonSpec
from nnviz.ui.exhibits.exhibit import Action, Exhibit
from nnviz.ui.exhibits.normalization.block import CellsSettings
from nnviz.ui.exhibits.normalization.cells_code import code, experiment
from nnviz.ui.exhibits.scene import Scene

BUTTONS = (("batch", "Batch"), ("layer", "Layer"), ("instance", "Instance"), ("group", "Group"))


@dataclass(frozen=True)
class Cells:
    """The block under the chosen normalization."""

    record: NormalizedRecord | None
    """None where it is refused on this block."""
    cell: CellRecord | None
    trap: Trap | None
    influences: tuple[Influence, ...]


def measure(settings: CellsSettings) -> Cells:
    """torch's output, the chosen cell's group, and what leaving samples change."""
    s, values = settings, settings.values
    trap = find_trap(values, s.kind, s.n_groups)
    record = None
    if trap is None or not trap.refused:
        record = normalize(values, s.kind, s.n_groups, s.gamma, s.beta, s.epsilon)
    kept = min(s.n_kept, len(values) - 1)
    influences = removal_influences(values, kept, s.n_groups, s.epsilon) if kept else ()
    return Cells(record, record.cell(s.index) if record else None, trap, influences)


def picture(settings: CellsSettings, shown: Cells) -> Scene:
    """Before and after; the script draws the group of the cell that is pointed at."""
    record, values = shown.record, settings.values
    groups = group_numbers(values.shape, settings.kind, settings.n_groups)
    return Scene(
        "normalization_cells",
        {
            "shape": values.shape,
            "letters": settings.letters,
            "values": values.tolist(),
            "outputs": record.outputs.round(6).tolist() if record else None,
            "groupOf": groups.tolist() if record else None,
            "index": settings.index,
            "gamma": settings.gamma,
            "beta": settings.beta,
            "epsilon": settings.epsilon,
            "buttons": BUTTONS,
            "chosen": settings.kind,
            "field": "kind",
            "after": f"After {settings.kind} normalization",
            "editable": settings.shape == "table",
        },
    )


def refusal(settings: CellsSettings, shown: Cells) -> str:
    """Why there is no output, in torch's own words where it has some."""
    if shown.trap is None or not shown.trap.refused:
        return ""
    says = f"\n\n`{shown.trap.torch_says}`" if shown.trap.torch_says else ""
    return shown.trap.sentence + says


def numbers(settings: CellsSettings, shown: Cells) -> Mapping[str, str]:
    """How many means there are, and how many numbers share each."""
    if shown.record is None or shown.cell is None:
        return {}
    return {
        "Means computed": str(len(shown.record.mean_K)),
        "Numbers that share one": str(shown.record.group_size),
        "The group's mean": f"{shown.cell.mean:.4g}",
        "Its deviation": f"{np.sqrt(shown.cell.variance):.4g}",
        "Samples leave: outputs move by": _largest(settings, shown),
    }


def _largest(settings: CellsSettings, shown: Cells) -> str:
    found = [i.largest_change for i in shown.influences if i.kind == settings.kind]
    return f"{found[0]:.2g}" if found and np.isfinite(found[0]) else "–"


def notice(settings: CellsSettings, shown: Cells) -> str:
    """Who shares a mean, and what follows when samples leave."""
    over = NORMALIZATIONS[settings.kind].averages_over
    kind = f"{settings.kind.capitalize()} normalization averages over {over}"
    if shown.record is None or shown.cell is None:
        return f"{kind}. Choose another kind, or change the block."
    size, cell = shown.record.group_size, shown.cell
    others = "alone" if size == 1 else f"with {size - 1} other{'s' if size > 2 else ''}"
    words = f"{kind}: the chosen number shares its mean {cell.mean:.3g} {others}, and goes from"
    words += f" {cell.x:.3g} to {cell.torch_y:.3g}. "
    if shown.trap is not None:
        return words + shown.trap.sentence
    return words + _equality(settings) + _on_removal(settings, shown)


def _equality(settings: CellsSettings) -> str:
    s, channels = settings, settings.block_shape[1]
    if s.kind != "group":
        return ""
    if s.n_groups == 1:
        return "With one group, group normalization **is** layer normalization. "
    if s.n_groups == channels and s.shape != "table":
        return "With a group for each channel it **is** instance normalization. "
    why = "" if s.n_groups == s.groups else f": {s.groups} does not divide {channels}"
    return f"G = {s.n_groups}{why}. "


def _on_removal(settings: CellsSettings, shown: Cells) -> str:
    found = [i for i in shown.influences if np.isfinite(i.largest_change)]
    moved = {i.kind: i.largest_change for i in found if i.largest_change > 1e-9}
    if "batch" not in moved:
        return "Only batch normalization lets the samples of a batch see each other."
    kept = min(settings.n_kept, settings.block_shape[0] - 1)
    return (
        f"With {kept} of the {settings.block_shape[0]} samples, batch normalization moves"
        f" their outputs by up to {moved['batch']:.2g}; the other kinds don't move them at all:"
        " only batch normalization lets samples see each other."
    )


def panels(settings: CellsSettings, shown: Cells) -> Sequence[Panel]:
    """The group on two lines, and what leaves with the samples."""
    drawn = [
        Panel(
            "influence", "When samples leave the batch",
            influence_figure(shown.influences, settings.kind),
            "The batch is cut to its first samples: how far do the outputs of those move?",
        ),
    ]  # fmt: skip
    if shown.record is not None and shown.cell is not None:
        own = shown.record.group_of == shown.record.group_of[settings.index]
        figure = group_figure(shown.cell, shown.record.outputs[own])
        words = "Each dot is a number of the group; the diamond is their mean, its bar a deviation."
        drawn.append(Panel("spread", "The cell's group, before and after", figure, words))
    return drawn


def fields(settings: CellsSettings) -> Sequence[str]:
    """Sizes where the block is drawn; a table is as large as its numbers."""
    sizes = {
        "table": (), "signal": ("n_samples", "n_channels", "width"),
        "image": ("n_samples", "n_channels", "height", "width"),
    }[settings.shape]  # fmt: skip
    groups = ("groups",) if settings.kind == "group" else ()
    return ("shape", *groups, *sizes, "gamma", "beta", "epsilon", "n_kept")


def actions(settings: CellsSettings, shown: Cells) -> Sequence[Action]:
    """Other numbers, or the worked example."""
    if settings.shape != "table":
        return (Action("Draw other numbers", {"seed": (settings.seed + 1) % 10_000}, shortcut="n"),)
    example: dict[str, Any] = {"table": WORKED_EXAMPLE, "gamma": 1.0, "beta": 0.0, "epsilon": 1e-5}
    if settings.table == WORKED_EXAMPLE:
        return ()
    words = "Three samples of three features through BatchNorm1d(3)."
    return (Action("The worked example", example, ":material/restart_alt:", help=words),)


def lanes(settings: CellsSettings) -> ComparisonSpec:
    """No BatchNorm, before and after the activation."""
    return COMPARISONS[DEFAULT_COMPARISON].spec


CELLS = Exhibit(
    name="cells",
    title="Shared means",
    lead="A normalization subtracts a mean and divides by a deviation: **click a number** to see"
    " who shares its mean.",
    settings=CellsSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="A worked example with BatchNorm1d(3). Ioffe & Szegedy 2015 (batch), Ba et al. 2016"
    " (layer), Ulyanov et al. 2016 (instance), Wu & He 2018 (group).",
    experiment=experiment,
    panels=panels,
    numbers=numbers,
    refusal=refusal,
    fields=fields,
    more=("gamma", "beta", "epsilon", "n_kept"),
    actions=actions,
    lanes=lanes,
)
