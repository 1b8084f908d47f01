"""Which cells share a mean: a block of numbers, a chosen one, and its group under each kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.experiments.comparisons import COMPARISONS, DEFAULT_COMPARISON
from nnviz.experiments.normalization import groups
from nnviz.experiments.normalization.records import (
    KINDS,
    NormalizationKind,
    NormalizedRecord,
    Trap,
)
from nnviz.ui.exhibits.exhibit import Action, Exhibit
from nnviz.ui.exhibits.normalization.block import CellsSettings
from nnviz.ui.exhibits.normalization.cells_code import code, experiment
from nnviz.ui.exhibits.scene import Scene


@dataclass(frozen=True)
class Cells:
    """The block under the chosen normalization."""

    record: NormalizedRecord | None
    """None where it is refused on this block."""
    trap: Trap | None
    changes: Mapping[NormalizationKind, float]
    """How far outputs move when samples leave the batch."""


def measure(settings: CellsSettings) -> Cells:
    """torch's output, and what leaving samples change."""
    s, values = settings, settings.values
    trap, record = groups.find_trap(values, s.kind, s.n_groups), None
    if trap is None or not trap.refused:
        record = groups.normalize(values, s.kind, s.n_groups, s.gamma, s.beta, s.epsilon)
    kept = min(s.n_kept, len(values) - 1)
    changes = groups.changes_on_removal(values, kept, s.n_groups, s.epsilon) if kept else {}
    return Cells(record, trap, changes)


def picture(settings: CellsSettings, shown: Cells) -> Scene:
    """Before and after; the script draws the group of the cell that is pointed at."""
    s, record = settings, shown.record
    facts = {
        "shape": s.block_shape, "letters": s.letters, "index": s.index,
        "values": s.values.tolist(),
        "outputs": record.outputs.round(6).tolist() if record else None,
        "groupOf": record.group_of.tolist() if record else None,
        "gamma": s.gamma, "beta": s.beta, "epsilon": s.epsilon,
        "buttons": [(kind, kind.capitalize()) for kind in KINDS], "chosen": s.kind,
        "field": "kind", "after": f"After {s.kind} normalization",
        "editable": s.shape == "table",
    }  # fmt: skip
    return Scene("normalization_cells", facts)


def refusal(settings: CellsSettings, shown: Cells) -> str:
    """Why there is no output, in torch's own words where it has some."""
    if shown.trap is None or not shown.trap.refused:
        return ""
    says = f"\n\n`{shown.trap.torch_says}`" if shown.trap.torch_says else ""
    return shown.trap.sentence + says


def numbers(settings: CellsSettings, shown: Cells) -> Mapping[str, str]:
    """How many means there are, and how many numbers share each."""
    if shown.record is None:
        return {}
    change = shown.changes.get(settings.kind)
    return {
        "Means computed": str(len(shown.record.mean_K)),
        "Numbers that share one": str(shown.record.group_size),
        "Samples leave: outputs move by": "–" if change is None else f"{change:.2g}",
    }


def notice(settings: CellsSettings, shown: Cells) -> str:
    """Who shares a mean, and what follows when samples leave."""
    s = settings
    words = (
        f"{s.kind.capitalize()} normalization averages over {NORMALIZATIONS[s.kind].averages_over}"
    )
    if shown.record is None:
        return f"{words}. Choose another kind, or change the block."
    size, cell = shown.record.group_size, shown.record.cell(s.index)
    others = "alone" if size == 1 else f"with {size - 1} other{'s' if size > 2 else ''}"
    words += f": the chosen number shares its mean {cell.mean:.3g} {others}, and goes from"
    words += f" {cell.x:.3g} to {cell.torch_y:.3g}. "
    if shown.trap is not None:
        return words + shown.trap.sentence
    only = "nly batch normalization lets the samples of a batch see each other."
    if shown.changes.get("batch", 0) < 1e-9:
        return f"{words}{_equality(s)}O{only}"
    n_samples = s.block_shape[0]
    return (
        f"{words}{_equality(s)}With {min(s.n_kept, n_samples - 1)} of the {n_samples} samples,"
        f" batch normalization moves their outputs by up to {shown.changes['batch']:.2g}, the other"
        f" kinds by nothing: o{only}"
    )


def _equality(settings: CellsSettings) -> str:
    s, channels = settings, settings.block_shape[1]
    if s.kind != "group":
        return ""
    if s.n_groups == 1:
        return "With one group, group normalization **is** layer normalization. "
    if s.n_groups == channels and s.shape != "table":
        return "With a group for each channel it **is** instance normalization. "
    return (
        ""
        if s.n_groups == s.groups
        else f"G = {s.n_groups}: {s.groups} does not divide {channels}. "
    )


def fields(settings: CellsSettings) -> Sequence[str]:
    """Sizes where the block is drawn; a table is as large as its numbers."""
    height = ("height",) if settings.shape == "image" else ()
    sizes = () if settings.shape == "table" else ("n_samples", "n_channels", *height, "width")
    by_group = ("groups",) if settings.kind == "group" else ()
    return ("shape", *by_group, *sizes, "gamma", "beta", "epsilon", "n_kept")


def actions(settings: CellsSettings, shown: Cells) -> Sequence[Action]:
    """Other numbers, or the worked example."""
    if settings.shape != "table":
        return (Action("Draw other numbers", {"seed": (settings.seed + 1) % 10_000}, shortcut="n"),)
    own = {name: CellsSettings.model_fields[name].default
           for name in ("table", "gamma", "beta", "epsilon")}  # fmt: skip
    if settings.table == own["table"]:
        return ()
    return (Action("The worked example", own, ":material/restart_alt:"),)


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
    numbers=numbers,
    refusal=refusal,
    fields=fields,
    more=("gamma", "beta", "epsilon", "n_kept"),
    actions=actions,
    lanes=lambda settings: COMPARISONS[DEFAULT_COMPARISON].spec,
)
