"""When to use which normalization: one table, and the measurement behind the chosen row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.normalization.records import (
    NormalizationKind,
    SurroundingsRecord,
)
from nnviz.experiments.normalization.surroundings import change_contrast, pad_neighbours
from nnviz.experiments.normalization.training_records import TrialRecord
from nnviz.experiments.normalization.trials import (
    GROUPS,
    SEEDS,
    SIZES,
    SMALL_BATCH_STEPS,
    Trial,
    small_batch,
    small_batches,
    try_out,
)
from nnviz.export import to_pytorch
from nnviz.feed import Grip, Panel
from nnviz.figures.normalization_lines import image_pairs
from nnviz.figures.normalization_which import by_batch_size, by_groups, moved_lines
from nnviz.runs.sweep import Call
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.exhibit import Action, Exhibit
from nnviz.ui.exhibits.normalization.which_words import CODES, LEFT_ALONE, ROWS
from nnviz.ui.exhibits.pieces import Pieces
from nnviz.ui.exhibits.words import full


class WhichSettings(Spec):
    """The row of the table, and what its measurement turns."""

    kind: NormalizationKind = "batch"
    batch_size: Annotated[int, Field(ge=2, le=32)] = Field(
        2, title="Batch size", description="Of what 'Try it in training' opens."
    )
    groups: Literal[1, 2, 4] = Field(2, title="Groups of 8 features")
    contrast: Annotated[float, Field(ge=0.25, le=4)] = Field(2.0, title="Contrast of red")
    photograph: Annotated[int, Field(ge=0, le=9)] = Field(0, title="Which crop")
    seed: Annotated[int, Field(ge=0, le=99)] = 0


@dataclass(frozen=True)
class Which:
    """Trainings that are back, or what was measured at once."""

    trials: tuple[TrialRecord, ...] = ()
    around: SurroundingsRecord | None = None

    def accuracies(self, kind: str, group_or_size: int, by: str) -> list[float]:
        """Test accuracies of the seeds that are back."""
        return [
            t.test_accuracy
            for t in self.trials
            if t.kind == kind and getattr(t, by) == group_or_size
        ]


def calls(settings: WhichSettings, results: Sequence[Any]) -> Sequence[Call]:
    """The trainings that are not back; sequences and images in one."""
    if settings.kind == "layer":
        return [] if results else [(pad_neighbours, (settings.groups, settings.seed))]
    if settings.kind == "instance":
        return [] if results else [(change_contrast, (settings.photograph, settings.contrast))]
    back = {(t.kind, t.batch_size, t.groups, t.seed) for t in results}
    return [
        (try_out, (trial,))
        for trial in small_batches(settings.kind)
        if (trial.kind, trial.batch_size, trial.groups, trial.seed) not in back
    ]


def collect(settings: WhichSettings, results: Sequence[Any]) -> Which:
    """What is back; the contrast that is being dragged is measured at once."""
    if settings.kind == "instance":
        return Which(around=change_contrast(settings.photograph, settings.contrast))
    return Which(around=results[0]) if settings.kind == "layer" else Which(tuple(results))


def question(settings: WhichSettings) -> WhichSettings:
    """Only what the row measures."""
    s = settings
    known = {
        "layer": {"groups": s.groups, "seed": s.seed},
        "instance": {"photograph": s.photograph},
    }.get(s.kind, {})
    return WhichSettings.model_validate({"kind": s.kind, **known})


def about(settings: WhichSettings) -> str:
    """What is trained, and how long."""
    if settings.kind in ("layer", "instance"):
        return ""
    n = len(small_batches(settings.kind))
    return (
        f"{n} trainings of 4 × 64 ReLU on digits, {SMALL_BATCH_STEPS} updates of Adam each,"
        " about 8 s"
    )


def picture(settings: WhichSettings, shown: Which) -> Sequence[Panel]:
    """What the row's measurement found."""
    if shown.around is not None:
        around = _around(settings, shown.around)
        return (around, _images(shown.around)) if settings.kind == "instance" else (around,)
    return (_by_size(settings, shown) if settings.kind == "batch" else _by_groups(shown),)


def _by_size(settings: WhichSettings, shown: Which) -> Panel:
    grip = Grip(
        "batch_size", x=settings.batch_size, low=2, high=32, step=1, label="try {} in training"
    )
    title, figure = "Right on test digits after as many updates", by_batch_size(shown.trials)
    return Panel("sizes", title, figure, height=330, short=250, span=12, grips=(grip,))


def _by_groups(shown: Which) -> Panel:
    title, figure = "Right on test digits, batches of two", by_groups(shown.trials)
    return Panel("groups", title, figure, height=330, short=250, span=12)


def _around(settings: WhichSettings, around: SurroundingsRecord) -> Panel:
    is_image = settings.kind == "instance"
    grip = Grip("contrast", x=settings.contrast, low=0.25, high=4, step=0.05, label="× {}")
    return Panel(
        "around", LEFT_ALONE[settings.kind], moved_lines(around, is_image), height=330, short=250,
        span=6 if is_image else 12, grips=(grip,) if is_image else (),
    )  # fmt: skip


def _images(around: SurroundingsRecord) -> Panel:
    figure = image_pairs({name: (name, pair) for name, pair in around.tiles.items()})
    return Panel("images", "The photograph's red channel", figure, height=330, short=250, span=6)


def notice(settings: WhichSettings, shown: Which) -> str:
    """What the row's measurement says."""
    if shown.around is not None:
        ends = {kind: max(moved_K) for kind, moved_K in shown.around.moved_K.items()}
        still = next(kind for kind, moved in ends.items() if kind == settings.kind)
        others = ", ".join(f"{k} by up to {m:.2g}" for k, m in ends.items() if k != still)
        change = "padding" if settings.kind == "layer" else "contrast"
        return (
            f"Under **{still}** normalization the outputs move by {ends[still]:.1g} whatever the"
            f" {change} is; {others}. {ROWS[settings.kind]['why']}"
        )
    by, places = ("batch_size", SIZES) if settings.kind == "batch" else ("groups", GROUPS)
    n = min((len(shown.accuracies(t.kind, getattr(t, by), by)) for t in shown.trials), default=0)
    found = {kind: shown.accuracies(kind, 2, "batch_size") for kind in ("batch", "layer")}
    if not all(found.values()) or n == 0:
        return "The first trainings are back; what they say follows."
    means = [f"{kind} {np.mean(a):.2f}{full(_range(a))}" for kind, a in found.items()]
    own_by = {g: a for g in places if (a := shown.accuracies(settings.kind, g, by))}
    own = ", ".join(f"{np.mean(a):.2f} with {g}" for g, a in own_by.items())
    seeds = f"{n} seed{'' if n == 1 else 's'} so far" if n < len(SEEDS) else f"{n} seeds"
    return (
        f"In batches of two ({seeds}): {' and '.join(means)}."
        f" {settings.kind.capitalize()} normalization reaches {own}"
        f" {'samples a batch' if settings.kind == 'batch' else 'groups'}."
        f" {ROWS[settings.kind]['why']}"
    )


def _range(accuracies: Sequence[float]) -> str:
    return f" (seeds {min(accuracies):.2f} to {max(accuracies):.2f})"


def table(settings: WhichSettings, shown: Which) -> Sequence[Mapping[str, Any]]:
    """All four, the chosen one marked."""
    return [
        {
            "": "●" if kind == settings.kind else "",
            "Normalization": kind,
            **{name: row[name] for name in ("averages over", "good for", "bad for")},
        }
        for kind, row in ROWS.items()
    ]


def actions(settings: WhichSettings, shown: Which) -> Sequence[Action]:
    """A button a row."""
    return [
        Action(row["button"], {"kind": kind}, row["icon"], primary=kind == settings.kind)
        for kind, row in ROWS.items()
    ]


def code(settings: WhichSettings) -> str:
    """One of the row's trainings, or its measurement."""
    if settings.kind in ("batch", "group"):
        size = settings.batch_size if settings.kind == "batch" else 2
        return to_pytorch(small_batch(settings.kind, size).spec)
    return CODES[settings.kind].format(**settings.model_dump())


def experiment(settings: WhichSettings) -> ExperimentSpec:
    """The row's network, so normalized."""
    if settings.kind in ("batch", "group"):
        size = settings.batch_size if settings.kind == "batch" else 2
        return small_batch(settings.kind, size).spec
    if settings.kind == "layer":
        network = {"blocks": [{"kind": "dense", "width": 64}] * 2, "normalization": "layer"}
        return ExperimentSpec.model_validate({"data": {"name": "mnist1d"}, "network": network})
    return Trial("images", "instance", 0.003, 32, SMALL_BATCH_STEPS, 0).spec


def fields(settings: WhichSettings) -> Sequence[str]:
    """What the row's measurement turns."""
    return {
        "batch": ("batch_size",), "layer": ("groups",), "instance": ("contrast", "photograph"),
        "group": (),
    }[settings.kind]  # fmt: skip


WHICH = Exhibit(
    name="which",
    title="Which, when",
    lead="Four kinds, and for each the case that speaks for it or against it: **choose a kind** and"
    " look where its line goes.",
    settings=WhichSettings,
    measure=Pieces(calls, collect, question, about=about),
    picture=picture,
    notice=notice,
    code=code,
    source="Ioffe & Szegedy 2015; Ba et al. 2016; Ulyanov et al. 2016; Wu & He 2018.",
    experiment=experiment,
    table=table,
    fields=fields,
    actions=actions,
)
