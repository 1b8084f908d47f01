"""What each remedy changes at the end of training, paired seed by seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from nnviz.experiments.overfitting.collecting import remedies_record
from nnviz.experiments.overfitting.records import RemediesRecord
from nnviz.experiments.overfitting.remedies import REMEDIES
from nnviz.experiments.overfitting.remedies_settings import RemediesSettings
from nnviz.export import to_pytorch
from nnviz.feed import Panel
from nnviz.figures.remedies import remedy_changes, remedy_curves
from nnviz.records import QUALITY
from nnviz.spec import ExperimentSpec
from nnviz.ui.charts import ChartClick
from nnviz.ui.document import Document, widget_key
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.overfitting.change import change_words
from nnviz.ui.exhibits.overfitting.trained import trained, whose


def picture(settings: RemediesSettings, shown: RemediesRecord) -> Sequence[Panel]:
    """The change of test loss and that of accuracy, each with its interval."""
    words = (
        "Remedy minus network as it is, seed by seed: mean, and an interval that holds for all"
        " chosen remedies together. Click a remedy to try it."
    )
    return [
        Panel(name, title, remedy_changes(shown, name == "quality"), words, 430, 6, 12, 330)
        for name, title in (("loss", "Test loss"), ("quality", f"Test {QUALITY[shown.task]}"))
    ]


def panels(settings: RemediesSettings, shown: RemediesRecord) -> Sequence[Panel]:
    """Test losses over the training."""
    curves = remedy_curves(shown, settings.log_loss)
    return [
        Panel("curves", "Test loss over the training", curves, "Means over the seeds.", 360, 12)
    ]


def click(settings: RemediesSettings, clicked: ChartClick) -> Mapping[str, Any]:
    """The remedy that was clicked is the one to be tried."""
    for name in settings.chosen:
        if _words(settings, name) == clicked.y:
            return {"shown": name}
    return {}


def notice(settings: RemediesSettings, shown: RemediesRecord) -> str:
    """One honest line a remedy, loss and accuracy each with its own verdict."""
    lines = [
        f"- **{name}**: {verdict_words(shown, place)}" for place, name in enumerate(shown.names)
    ]
    missing = [name for name in settings.chosen if name not in shown.keys]
    if missing:
        lines.append(f"- Not back yet: {', '.join(REMEDIES[name].title for name in missing)}.")
    rule = "Where an interval reaches over 0, seed noise alone could make the change."
    if settings.shown in settings.chosen:
        words, is_set = _words(settings, settings.shown), experiment(settings) != settings.asked
        rule += f" To be tried, with its code: **{words}**." if is_set else (
            f" The Playground has no setting for **{words}**: the network opens as it is."
        )  # fmt: skip
    return "\n".join([rule if lines else "Choose a remedy in the sidebar.", "", *lines])


def _words(settings: RemediesSettings, name: str) -> str:
    return REMEDIES[name].words(settings.asked, settings.place)


def verdict_words(shown: RemediesRecord, place: int) -> str:
    """What seeds can tell of one remedy."""
    if not np.isfinite(shown.low_L[place]):
        return shown.sentences[place]
    loss, quality = (
        change_words(name, *(float(getattr(shown, f"{part}{end}_L")[place]) for end in _ENDS))
        for part, name in (("", "test loss"), ("accuracy_", f"test {QUALITY[shown.task]}"))
    )
    lead = shown.divergences[place]
    lead += " Where neither diverged: " if lead else ""
    return f"{lead}{loss}; {quality}."


_ENDS = ("change", "low", "high")


def refusal(settings: RemediesSettings, shown: RemediesRecord) -> str:
    """Which remedies can't be given, and why."""
    return " ".join(f"{why}." for name in settings.remedies if (why := settings.why_not(name)))


def controls(asked: Document, path: str) -> None:
    """Whose network, and which remedies."""
    asked["remedies"] = st.pills(
        "Remedies", list(REMEDIES), selection_mode="multi", key=widget_key(f"{path}.remedies"),
        default=[name for name in asked["remedies"] if name in REMEDIES],
        format_func=lambda name: REMEDIES[name].title,
    )  # fmt: skip
    whose(asked, path)


def experiment(settings: RemediesSettings) -> ExperimentSpec:
    """The network with the remedy that was clicked, or as it is."""
    if settings.shown in settings.chosen:
        return settings.lane(f"{settings.shown}@{settings.place}")[0]
    return settings.asked


REMEDIES_COMPARED: Exhibit[RemediesSettings, RemediesRecord] = Exhibit(
    name="remedies",
    title="Does it help?",
    lead="Left of the dashed line a remedy has the lower **test loss**, right of it in the second"
    " picture the higher accuracy; a bar that reaches over the line tells nothing.",
    settings=RemediesSettings,
    measure=trained(remedies_record),
    picture=picture,
    notice=notice,
    code=lambda settings: to_pytorch(experiment(settings)),
    source="Dropout: Srivastava et al. 2014. Label smoothing: Szegedy et al. 2016. Intervals:"
    " sign-flipping maximum statistic, Westfall & Young 1993, at 5 % divided by the number of"
    " remedies. All losses are plain, whatever was trained with.",
    experiment=experiment,
    panels=panels,
    refusal=refusal,
    fields=lambda settings: ("dose", "n_seeds", "patience", "min_delta", "log_loss"),
    more=("patience", "min_delta", "log_loss"),
    controls=controls,
    click=click,
)
