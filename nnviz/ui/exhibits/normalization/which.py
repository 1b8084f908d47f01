"""When to use which normalization: one table, and the measurement behind the chosen row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.experiments.normalization.records import SurroundingsRecord
from nnviz.experiments.normalization.surroundings import change_contrast, pad_neighbours
from nnviz.experiments.normalization.training_records import TrialRecord
from nnviz.experiments.normalization.trials import (
    SEEDS,
    SMALL_BATCH_STEPS,
    small_batches,
    try_out,
)
from nnviz.feed import Grip, Panel
from nnviz.figures.normalization_lines import image_pairs
from nnviz.figures.normalization_which import by_batch_size, by_groups, moved_lines
from nnviz.runs.sweep import Call
from nnviz.ui.exhibits.exhibit import Action, Exhibit
from nnviz.ui.exhibits.normalization.which_words import ROWS, WhichSettings, code, experiment
from nnviz.ui.exhibits.pieces import Pieces
from nnviz.ui.exhibits.words import full

Which = SurroundingsRecord | tuple[TrialRecord, ...]
"""What was measured at once, or the trainings that are back."""


def calls(settings: WhichSettings, results: Sequence[Any]) -> Sequence[Call]:
    """The trainings that are not back; sequences and images in one."""
    if settings.kind == "layer":
        return [] if results else [(pad_neighbours, (2, 0))]
    if settings.kind == "instance":
        return [] if results else [(change_contrast, (0, settings.contrast))]
    back = {(t.kind, t.batch_size, t.groups, t.seed) for t in results}
    return [(try_out, (t,)) for t in small_batches(settings.kind)
            if (t.kind, t.batch_size, t.groups, t.seed) not in back]  # fmt: skip


def collect(settings: WhichSettings, results: Sequence[Any]) -> Which:
    """What is back; the contrast that is being dragged is measured at once."""
    if settings.kind == "instance":
        return change_contrast(0, settings.contrast)
    found: Which = results[0] if settings.kind == "layer" else tuple(results)
    return found


def about(settings: WhichSettings) -> str:
    """What is trained, and how long."""
    if settings.kind in ("layer", "instance"):
        return ""
    n = len(small_batches(settings.kind))
    return f"{n} trainings of 4 × 64 ReLU on digits, {SMALL_BATCH_STEPS} updates of Adam, about 8 s"


def picture(settings: WhichSettings, shown: Which) -> Sequence[Panel]:
    """What the row's measurement found."""
    size, contrast = settings.batch_size, settings.contrast
    right = f"Right on test digits after {SMALL_BATCH_STEPS} updates"
    grips: tuple[Grip, ...] = ()
    if not isinstance(shown, SurroundingsRecord):
        title, figure = f"{right}, batches of two", by_groups(shown)
        if settings.kind == "batch":
            title, figure = right, by_batch_size(shown)
            grips = (Grip("batch_size", x=size, low=2, high=32, step=1,
                          label="try {} in training"),)  # fmt: skip
    elif settings.kind == "layer":
        title = "A sequence whose neighbours grow: how far do its own outputs move?"
        figure = moved_lines(shown, False)
    else:
        title, figure = "In other contrast: how far do outputs move?", moved_lines(shown, True)
        grips = (Grip("contrast", x=contrast, low=0.25, high=4, step=0.05, label="× {}"),)
    span = 6 if settings.kind == "instance" else 12
    panels = [Panel("measured", title, figure, height=330, short=250, span=span, grips=grips)]
    if isinstance(shown, SurroundingsRecord) and shown.tiles:
        images, title = image_pairs(shown.tiles), "The photograph's red channel"
        panels.append(Panel("images", title, images, height=330, short=250, span=6))
    return panels


def notice(settings: WhichSettings, shown: Which) -> str:
    """What the row's measurement says."""
    kind = settings.kind
    if isinstance(shown, SurroundingsRecord):
        ends = {name: max(moved_K) for name, moved_K in shown.moved_K.items()}
        others = ", ".join(f"{name} by up to {m:.2g}" for name, m in ends.items() if name != kind)
        change = "padding" if kind == "layer" else "contrast"
        return (
            f"Under **{kind}** normalization the outputs move by {ends[kind]:.1g} whatever the"
            f" {change} is; {others}. {ROWS[kind].why}"
        )
    by, unit = ("batch_size", "samples a batch") if kind == "batch" else ("groups", "groups")
    own = _accuracies(shown, kind, by)
    layer = _accuracies(shown, "layer", "batch_size").get(2)
    if not own or layer is None:
        return "The first trainings are back; what they say follows."
    found = ", ".join(f"{_mean(right)} with {place}" for place, right in own.items())
    n = min(Counter((t.kind, t.batch_size, t.groups) for t in shown).values())
    seeds = f"{n} seed{'' if n == 1 else 's'}{' so far' if n < len(SEEDS) else ''}"
    return (
        f"{kind.capitalize()} normalization reaches {found} {unit}; layer normalization"
        f" {_mean(layer)} in batches of two ({seeds}). {ROWS[kind].why}"
    )


def _accuracies(trials: Sequence[TrialRecord], kind: str, by: str) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for trial in sorted(trials, key=lambda trial: int(getattr(trial, by))):
        if trial.kind == kind:
            found.setdefault(getattr(trial, by), []).append(trial.test_accuracy)
    return found


def _mean(accuracies: Sequence[float]) -> str:
    reach = full(f" (seeds {min(accuracies):.2f} to {max(accuracies):.2f})")
    return f"{np.mean(accuracies):.2f}{reach}"


def table(settings: WhichSettings, shown: Which) -> Sequence[Mapping[str, Any]]:
    """All four, the chosen one marked."""
    return [
        {
            "": "●" if kind == settings.kind else "",
            "Normalization": kind,
            "averages over": NORMALIZATIONS[kind].averages_over,
            "good for": row.good,
            "bad for": row.bad,
        }
        for kind, row in ROWS.items()
    ]


WHICH: Exhibit[WhichSettings, Which] = Exhibit(
    name="which",
    title="Which, when",
    lead="Four kinds, and for each the case that speaks for it or against it: **choose a kind** and"
    " look where its line goes.",
    settings=WhichSettings,
    measure=Pieces(calls, collect, lambda s: WhichSettings(kind=s.kind), about=about),
    picture=picture,
    notice=notice,
    code=code,
    source="Ioffe & Szegedy 2015; Ba et al. 2016; Ulyanov et al. 2016; Wu & He 2018.",
    experiment=experiment,
    table=table,
    fields=lambda s: {"batch": ("batch_size",), "instance": ("contrast",)}.get(s.kind, ()),
    actions=lambda s, shown: [
        Action(row.button, {"kind": kind}, row.icon, primary=kind == s.kind)
        for kind, row in ROWS.items()
    ],
)
