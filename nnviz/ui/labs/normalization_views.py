"""What the normalization lab shows: measured once, drawn as panels, said in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.experiments.normalization.groups import (
    find_trap,
    group_numbers,
    largest_difference,
    normalize,
    removal_influences,
)
from nnviz.experiments.normalization.records import (
    KINDS,
    CellRecord,
    Influence,
    ModeRecord,
    NormalizationKind,
    NormalizedRecord,
    RunningRecord,
    Trap,
)
from nnviz.experiments.normalization.running import compare_modes, follow_running
from nnviz.feed import Panel
from nnviz.figures.layout import empty_figure
from nnviz.figures.normalization_block import block_figure
from nnviz.figures.normalization_group import group_figure, influence_figure
from nnviz.figures.normalization_running import (
    mode_figure,
    remaining_figure,
    running_mean_figure,
    running_variance_figure,
)
from nnviz.ui.labs.normalization import NormalizationSettings


@dataclass(frozen=True)
class Cells:
    """A block under each normalization, with the chosen cell."""

    settings: NormalizationSettings
    records: Mapping[NormalizationKind, NormalizedRecord | None]
    """None where the normalization is refused on this block."""
    traps: Mapping[NormalizationKind, Trap | None]
    influences: tuple[Influence, ...]
    same_as: tuple[NormalizationKind, float] | None
    """Which normalization group normalization equals with this G, and the largest difference."""

    @property
    def record(self) -> NormalizedRecord | None:
        """The chosen normalization."""
        return self.records[self.settings.kind]

    @property
    def cell(self) -> CellRecord | None:
        """The chosen cell under the chosen normalization."""
        return self.record.cell(self.settings.index) if self.record else None


@dataclass(frozen=True)
class Running:
    """Running statistics step by step, and the outputs of both modes."""

    settings: NormalizationSettings
    record: RunningRecord
    modes: tuple[ModeRecord, ...]


def measure(settings: NormalizationSettings) -> Cells | Running:
    """Everything that the page shows, computed with torch."""
    if settings.view == "running":
        stream = settings.stream
        modes = compare_modes(stream, settings.shift, settings.stretch)
        return Running(settings, follow_running(stream), modes)
    values, groups = settings.values, settings.groups
    traps = {kind: find_trap(values, kind, groups) for kind in KINDS}
    records: dict[NormalizationKind, NormalizedRecord | None] = {}
    for kind, trap in traps.items():
        records[kind] = None
        if trap is None or not trap.refused:
            options = (settings.gamma, settings.beta, settings.epsilon)
            records[kind] = normalize(values, kind, groups, *options)
    influences: tuple[Influence, ...] = ()
    if len(values) > 1:
        kept = min(settings.n_kept, len(values) - 1)
        influences = removal_influences(values, kept, groups, settings.epsilon)
    return Cells(settings, records, traps, influences, _equality(settings, records))


def _equality(
    settings: NormalizationSettings, records: Mapping[NormalizationKind, NormalizedRecord | None]
) -> tuple[NormalizationKind, float] | None:
    groups, n_channels = settings.groups, settings.block_shape[1]
    other: NormalizationKind = "layer" if groups == 1 else "instance"
    if (1 < groups < n_channels) or records["group"] is None or records[other] is None:
        return None
    return other, largest_difference(settings.values, groups, other)


def panels(shown: Cells | Running) -> list[Panel]:
    """The charts of the view."""
    return _cells_panels(shown) if isinstance(shown, Cells) else _running_panels(shown)


def _cells_panels(shown: Cells) -> list[Panel]:
    settings = shown.settings
    drawn = [_member_panel(shown, kind) for kind in KINDS]
    record, cell = shown.record, shown.cell
    if record is None or cell is None:
        refused = empty_figure(f"{settings.kind} normalization is refused here.")
        after = group = refused
    else:
        outputs = np.nan_to_num(record.outputs)
        limit = max(float(np.abs(outputs).max()), 1e-3)
        after = block_figure(record.outputs, record.group_of, settings.index, limit)
        own = record.group_of == record.group_of[settings.index]
        group = group_figure(cell, record.outputs[own])
    return [
        *drawn,
        Panel(
            "after", f"After {settings.kind} normalization", after,
            "torch's output, in colours of its own scale.", 260, 4,
        ),
        Panel(
            "spread", "The cell's group, before and after", group,
            "Each dot is a number of the group; the diamond is their mean, its bar one deviation;"
            " red is the chosen cell.", 260, 4,
        ),
        Panel(
            "influence", "When samples leave the batch", influence_figure(
                shown.influences, settings.kind
            ),
            "The batch is cut to its first samples: how far do the outputs of those move? Grey"
            " normalizations are not chosen.", 260, 4,
        ),
    ]  # fmt: skip


def _member_panel(shown: Cells, kind: NormalizationKind) -> Panel:
    settings, record = shown.settings, shown.records[kind]
    mark = "● " if kind == settings.kind else ""
    if record is None:
        figure, size = empty_figure("refused on this block"), "refused"
    else:
        values = settings.values
        numbers = group_numbers(values.shape, kind, settings.groups)
        figure = block_figure(values, numbers, settings.index)
        size = f"{record.group_size} share a mean" if record.group_size > 1 else "each alone"
    over = NORMALIZATIONS[kind].averages_over
    words = f"The input; framed together: averaged over {over}. Click a cell to choose it."
    return Panel(kind, f"{mark}{kind.capitalize()}: {size}", figure, words, 260, 3)


def _running_panels(shown: Running) -> list[Panel]:
    record = shown.record
    return [
        Panel(
            "mean", "Running mean", running_mean_figure(record),
            "Dots: the mean of each batch. The grey band is where theory expects the running mean"
            " in 95 of 100 draws.", 270, 6,
        ),
        Panel(
            "variance", "Running variance", running_variance_figure(record),
            "torch normalizes with the biased variance (÷ B) and keeps the unbiased one"
            " (÷ (B - 1)).", 270, 6,
        ),
        Panel(
            "remaining", "What is left of the initial value", remaining_figure(record),
            "Measured by two layers that differ in their initial running mean only.", 280, 4,
        ),
        Panel(
            "modes", "Outputs: training mode against evaluation mode", mode_figure(shown.modes),
            "Fresh batches through the layer in both modes, and shifted data in evaluation mode.",
            280, 8,
        ),
    ]  # fmt: skip
