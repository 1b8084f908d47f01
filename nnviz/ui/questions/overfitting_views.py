"""What the overfitting page shows: which comparison, buttons, numbers, charts."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from nnviz.experiments.overfitting.collecting import gap_record, learning_curve, remedies_record
from nnviz.experiments.overfitting.remedies import DOSES, REMEDIES
from nnviz.feed import Panel
from nnviz.figures import overfitting_curves
from nnviz.figures.layout import empty_figure
from nnviz.figures.remedies import remedy_changes, remedy_curves
from nnviz.ui.charts import charts
from nnviz.ui.document import Document
from nnviz.ui.labs.segments import segments, titled
from nnviz.ui.questions.measuring import progress, waiting_words
from nnviz.ui.questions.overfitting import PAGE, VIEWS, Asked, wish_to_measure
from nnviz.ui.questions.overfitting_words import gap_words, learning_words, remedy_words


def choose_view(document: Document) -> None:
    """Which comparison; and for the remedies, which and how strong."""
    with st.container(horizontal=True, gap="medium"):
        segments(document, "view", "Compare", list(VIEWS), PAGE, show=titled(VIEWS))
        if document["view"] == "remedies":
            segments(document, "dose", "Dose", list(DOSES), PAGE)
    if document["view"] != "remedies":
        return
    chosen = st.pills(
        "Remedies (a click trains one)", list(REMEDIES), selection_mode="multi",
        default=[name for name in document["remedies"] if name in REMEDIES],
        format_func=lambda name: REMEDIES[name].title, key=f"{PAGE}.remedies",
        on_change=wish_to_measure,
    )  # fmt: skip
    document["remedies"] = list(chosen)


def transport(asked: Asked) -> None:
    """Measure or cancel."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if asked.found.live is not None:
            st.button(
                "Cancel", icon=":material/stop:", on_click=asked.found.cancel,
                key=f"{PAGE}.cancel", help="What has arrived stays.",
            )  # fmt: skip
        else:
            st.button(
                "Continue" if _has_some(asked) else "Measure", icon=":material/play_arrow:",
                type="primary", on_click=asked.measure, disabled=asked.is_complete,
                key=f"{PAGE}.measure",
            )  # fmt: skip
        st.caption(_about(asked))


def _has_some(asked: Asked) -> bool:
    return any(record.lane in asked.settings.lanes for record in asked.known)


def _about(asked: Asked) -> str:
    spec, n_lanes = asked.settings.asked, len(asked.settings.lanes)
    return (
        f"{n_lanes} {'lane' if n_lanes == 1 else 'lanes'} × {asked.settings.n_seeds} seeds,"
        f" {spec.training.n_steps:,} steps each, on {spec.data.name.replace('_', ' ')} with"
        f" {asked.settings.n_train:,} training points"
    )


def live_view(asked: Asked) -> None:
    """Progress, words and charts, redrawn while results arrive."""
    live = asked.found.live is not None
    st.fragment(_drawn)(asked, live)


def _drawn(asked: Asked, was_live: bool) -> None:
    asked.found.touch()
    if was_live and asked.found.live is None:
        st.rerun()
    progress(asked.found)
    words, panels = _SHOWN[asked.settings.view](asked)
    if not _has_some(asked):
        waiting = empty_figure(waiting_words(asked.found))
        panels = [replace(panel, figure=waiting) for panel in panels]
    charts(panels, key=f"{PAGE}.charts")
    if words:
        st.markdown(words)


def _training(asked: Asked) -> tuple[str, list[Panel]]:
    record = gap_record(asked.settings, asked.known)
    figure = overfitting_curves.loss_gap(record, asked.settings.log_loss)
    panel = Panel(
        "gap", "Training, validation and test loss", figure,
        "Means over the seeds, bands ± 2 standard errors; grey: the generalization gap. Stars:"
        " each seed with the weights that early stopping restores.", 420, 12,
    )  # fmt: skip
    return gap_words(record), [panel]


def _sizes(asked: Asked) -> tuple[str, list[Panel]]:
    record = learning_curve(asked.settings, asked.known)
    figure = overfitting_curves.learning_curve(record, asked.settings.log_loss)
    panel = Panel(
        "sizes", "Learning curve: loss after training against the training points", figure,
        "Each size is trained for the same number of steps; the test points stay the same.",
        420, 12,
    )  # fmt: skip
    return learning_words(record), [panel]


def _remedies(asked: Asked) -> tuple[str, list[Panel]]:
    record = remedies_record(asked.settings, asked.known)
    height = 170 + 34 * (len(record.names) if record else 0)
    panels = [
        Panel(
            "changes", "What each remedy changes", remedy_changes(record),
            "Remedy minus network as it is, seed by seed: mean, and an interval that holds for"
            " all chosen remedies together.", max(300, height), 6,
        ),
        Panel(
            "curves", "Test loss over the training", remedy_curves(
                record, asked.settings.log_loss
            ),
            "Means over the seeds.", max(300, height), 6,
        ),
    ]  # fmt: skip
    return remedy_words(record), panels


_SHOWN = {"training": _training, "sizes": _sizes, "remedies": _remedies}
