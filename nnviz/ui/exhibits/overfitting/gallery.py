"""Every remedy's decision boundary, from none of it over the right dose to far too much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nnviz.experiments.overfitting.gallery import (
    GallerySettings,
    compared,
    gallery_lane,
    gallery_lanes,
    spec_of,
)
from nnviz.experiments.overfitting.gallery_records import (
    FEWER_INPUTS,
    Gallery,
    GalleryRecord,
    collected,
    outcome,
)
from nnviz.experiments.overfitting.gallery_remedies import GALLERY, N_STEPS, N_TRAIN
from nnviz.experiments.overfitting.remedies import INPUT_NOISE
from nnviz.figures.remedy_tiles import remedy_tiles
from nnviz.runs.sweep import Call
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.exhibit import Action, Exhibit
from nnviz.ui.exhibits.overfitting.change import change_words
from nnviz.ui.exhibits.overfitting.gallery_code import gallery_code
from nnviz.ui.exhibits.pieces import Pieces
from nnviz.ui.exhibits.scene import Scene


def calls(settings: GallerySettings, known: Sequence[GalleryRecord]) -> Sequence[Call]:
    """The lanes that are not back, those of the dose that is looked at first."""
    s, there = settings, {record.asked for record in known}
    lanes = gallery_lanes(s.label_noise, s.n_seeds, s.seed, s.dose or 2)
    return [(gallery_lane, (lane,)) for lane in lanes if lane not in there]


def picture(settings: GallerySettings, shown: Gallery) -> Scene:
    """A tile a remedy, or one remedy large with all its doses."""
    tiles = remedy_tiles(shown, {name: remedy.title for name, remedy in GALLERY.items()})
    return Scene("remedies", {**tiles, "dose": settings.dose, "shown": settings.shown})


def notice(settings: GallerySettings, shown: Gallery) -> str:
    """What most remedies do in this dose, or what the chosen one changes."""
    base = shown.at("dropout", 0)
    if base is None:
        return "The network as it is has not been trained yet."
    if settings.shown:
        return _one(settings, shown)
    if not settings.dose:
        return (
            f"Without a remedy the network learns **{base.wrong_believed_S.mean():.0%} of the wrong"
            f" labels** by heart: {base.train_accuracy_S.mean():.0%} right in training,"
            f" {base.test_accuracy_S.mean():.0%} on new points. Islands stand around the ringed"
            " points. Raise the dose: the islands go first, and in the end the moons too."
        )
    named = [(name, shown.at(name, settings.dose)) for name in GALLERY]
    back = [(GALLERY[name].title, record) for name, record in named if record is not None]
    if not back:
        return "This dose is on its way."
    told = [
        f"{words} {', '.join(names)}." for kind, words in _GROUPS
        if (names := [title for title, record in back if outcome(record) == kind])
    ]  # fmt: skip
    of = f"{len(back)} of {len(GALLERY)} remedies are back. " if len(back) < len(GALLERY) else ""
    best, record = min(back, key=lambda pair: pair[1].test_loss_S.mean())
    return (
        f"{of}{' '.join(told)} The test loss is lowest with {best}:"
        f" {record.test_loss_S.mean():.2f} instead of {base.test_loss_S.mean():.2f} nats. Too"
        " little of a remedy memorizes; too much **underfits**: training *and* test are bad."
    )


_GROUPS = (
    ("memorizes", "Half of the wrong labels or more are still learned with"),
    ("between", "In between:"),
    ("underfits", "More than 15 % of the right labels are missed (underfitting) with"),
)


def _one(settings: GallerySettings, shown: Gallery) -> str:
    own, base = (shown.at(settings.shown, dose) for dose in (settings.dose, 0))
    title = GALLERY[settings.shown].title
    if own is None or base is None:
        return f"This dose of {title} is on its way."
    lead = (
        f"With {title if settings.dose else 'no remedy'} the network has learned"
        f" {own.right_learned_S.mean():.0%} of the right and {own.wrong_believed_S.mean():.0%} of"
        " the wrong labels."
    )
    if not settings.dose:
        return f"{lead} Choose a dose: the rows show where it underfits."
    found = compared(own, base).differences
    changes = [
        change_words(f"test {name}", float(of.mean_T[0]), float(of.low_T[0]), float(of.high_T[0]))
        for name, of in (("loss", found["test_loss"]), ("accuracy", found["test_accuracy"]))
    ]
    unknown = " The Playground has no such setting: the training opens without it."
    return (
        f"{lead} Against the network as it is, over {settings.n_seeds} seeds: {changes[0]};"
        f" {changes[1]}. Loss and accuracy are two questions: what is less sure of itself loses"
        f" less where it is wrong.{unknown * (settings.shown in (FEWER_INPUTS, INPUT_NOISE))}"
    )


def experiment(settings: GallerySettings) -> ExperimentSpec:
    """The first seed of what is looked at; noise on inputs and inputs that say nothing left out."""
    if settings.shown == FEWER_INPUTS:
        settings = settings.model_copy(update={"shown": ""})
    return spec_of(settings.lane)


def actions(settings: GallerySettings, shown: Gallery) -> Sequence[Action]:
    """Other points and other initial weights."""
    return [Action("Other points", {"seed": (settings.seed + 1) % 10_000}, shortcut="n",
                   help="Draw all points and initial weights anew.")]  # fmt: skip


def _about(settings: GallerySettings) -> str:
    n = len(gallery_lanes(settings.label_noise, settings.n_seeds, settings.seed, 0))
    seconds = max(5, round(n * (0.2 + 0.02 * settings.n_seeds) / 2))
    return f"{n} trainings × {settings.n_seeds} seeds, {N_STEPS} steps each: about {seconds} s"


GALLERY_OF_REMEDIES: Exhibit[GallerySettings, Any] = Exhibit(
    name="gallery",
    title="Remedies",
    lead=f"A network learns {N_TRAIN} points, some with a **wrong label** (ringed): raise the dose"
    " of every remedy and see the islands around them go, until too much of it spoils the rest.",
    settings=GallerySettings,
    measure=Pieces(
        calls,
        lambda settings, known: collected(known),
        lambda settings: settings.model_copy(update={"dose": 0, "shown": ""}),
        about=_about,
    ),
    picture=picture,
    notice=notice,
    code=lambda settings: gallery_code(settings.lane),
    source="Zhang et al. 2017 (memorizing wrong labels); Goodfellow, Bengio & Courville 2016,"
    " chapter 7. 'Memorizes': half of the wrong labels learned or more; 'underfits': more than"
    " 15 % of the right ones missed. These two limits are ours.",
    experiment=experiment,
    fields=lambda settings: ("label_noise", "n_seeds"),
    actions=actions,
)
