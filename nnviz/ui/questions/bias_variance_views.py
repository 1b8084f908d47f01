"""What the bias-variance page shows: buttons, numbers, charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from nnviz.experiments.complexity.records import ComplexityRecord
from nnviz.figures.complexity_curves import complexity_curves, part_name
from nnviz.figures.decomposed_classes import (
    decomposition_by_class,
    replicate_borders,
    variable_points,
)
from nnviz.figures.expected_shapes import EXPECTED_SHAPES, expected_shape
from nnviz.figures.fit_cloud import errors_along, fit_cloud
from nnviz.figures.layout import empty_figure
from nnviz.ui.document import Document, widget_key
from nnviz.ui.live_charts import ChartClick, Panel, live_charts
from nnviz.ui.questions.bias_variance import (
    PAGE,
    Asked,
    choose_place,
    go_on,
    more_replicates,
    path,
    shown_place,
)
from nnviz.ui.questions.bias_variance_words import reading, settings_words, sum_words
from nnviz.ui.questions.measuring import IDLE_SECONDS, TICK_SECONDS, progress, waiting_words

GUESSED = {"bias": "bias", "variance": "variance", "risk": "risk"}
_REVEALED = "nnviz.bias_variance.revealed"


def transport(asked: Asked, document: Document) -> Mapping[str, str] | None:
    """Measure, cancel, more; how it is drawn; and the reader's guess, None without one."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _measure_button(asked)
        _more_button(asked, document)
        document["log_risk"] = st.toggle(
            "Log", document["log_risk"], key=widget_key(f"{path()}.log")
        )
        if asked.record().loss == "squared":
            document["robust"] = st.toggle(
                "Medians", document["robust"], key=widget_key(f"{path()}.robust"),
                help="The median replicate's risk with its quartiles: a few wild fits don't"
                " move it.",
            )  # fmt: skip
        predicts = st.toggle(
            "Predict first", False, key=f"{PAGE}.predict",
            help="Hides what is measured until you have said what you expect.",
        )  # fmt: skip
    return _guess(asked) if predicts else None


def _measure_button(asked: Asked) -> None:
    if asked.found.live is not None:
        st.button(
            "Cancel", icon=":material/stop:", on_click=asked.found.cancel, key=f"{PAGE}.cancel",
            help="What has arrived stays.",
        )  # fmt: skip
        return
    words = "Continue" if asked.found.results else "Measure"
    st.button(
        words, icon=":material/play_arrow:", type="primary", on_click=asked.measure,
        disabled=asked.is_complete, key=f"{PAGE}.measure",
    )  # fmt: skip


def _more_button(asked: Asked, document: Document) -> None:
    more = more_replicates(asked.settings)
    st.button(
        f"To {more} replicates" if more else "No more replicates",
        icon=":material/add:",
        disabled=more is None or not asked.is_complete,
        on_click=go_on,
        args=(document, more),
        key=f"{PAGE}.more",
        help="Adds replicates to those measured; the bands get narrower.",
    )


def _guess(asked: Asked) -> Mapping[str, str]:
    """Shapes for the parts that the reader expects."""
    record, chosen = asked.record(), {}
    with st.container(border=True):
        st.markdown("**What do you expect, from left to right?**")
        for part, column in zip(GUESSED, st.columns(3), strict=True):
            with column:
                chosen[part] = st.selectbox(
                    part_name(record, part), list(EXPECTED_SHAPES),
                    format_func=lambda name: EXPECTED_SHAPES[name][0], key=f"{PAGE}.guess.{part}",
                    index=list(EXPECTED_SHAPES).index("flat"),
                )  # fmt: skip
        revealed = st.session_state.get(_REVEALED) == asked.found.question
        st.button(
            "Hide what was measured" if revealed else "Show what was measured",
            on_click=_reveal, args=(None if revealed else asked.found.question,),
            key=f"{PAGE}.reveal",
        )  # fmt: skip
    return chosen


def _reveal(question: str | None) -> None:
    st.session_state[_REVEALED] = question


def _place_slider(asked: Asked, record: ComplexityRecord, place: int) -> None:
    """Which value of the axis the lower charts show."""
    key = f"{PAGE}.place.{asked.found.question}"
    values = list(record.values)
    st.session_state[key] = values[place]
    st.select_slider(
        f"Look closer at {record.title}", values, key=key, format_func=lambda v: f"{v:g}",
        on_change=_choose_from, args=(key,),
        help="Or click a point of the curve.",
    )  # fmt: skip


def _choose_from(key: str) -> None:
    choose_place(float(st.session_state[key]))


def live_view(asked: Asked, guess: Mapping[str, str] | None) -> None:
    """Progress, numbers and charts, redrawn while results arrive."""
    live = asked.found.live is not None
    tick = st.fragment(_tick, run_every=TICK_SECONDS if live else IDLE_SECONDS)
    tick(asked, guess, live)


def _tick(asked: Asked, guess: Mapping[str, str] | None, was_live: bool) -> None:
    asked.found.touch()
    if was_live and asked.found.live is None:
        st.rerun()
    if not progress(asked.found):
        st.caption(settings_words(asked.settings, asked.seconds_left))
    record = asked.record()
    place = shown_place(record)
    hidden = guess is not None and st.session_state.get(_REVEALED) != asked.found.question
    if not hidden and record.best is not None:
        left, right = st.columns([1, 1.6], vertical_alignment="center")
        with left:
            _place_slider(asked, record, place)
        right.markdown(sum_words(record, place))
    click = live_charts(
        _panels(asked, record, place, guess, hidden), key=f"{PAGE}.charts", on_click=True
    )
    if not hidden:
        st.markdown(reading(record))
    _follow(click)


def _follow(click: ChartClick | None) -> None:
    if click is not None and click.panel == "curves" and isinstance(click.x, int | float):
        choose_place(float(click.x))
        st.rerun()


def _panels(
    asked: Asked,
    record: ComplexityRecord,
    place: int,
    guess: Mapping[str, str] | None,
    hidden: bool,
) -> list[Panel]:
    settings, n_values = asked.settings, len(record.values)
    guesses = {part: expected_shape(name, n_values) for part, name in (guess or {}).items()}
    shown = _emptied(record) if hidden else record
    curves = empty_figure(waiting_words(asked.found))
    if guesses or not (hidden or record.best is None):
        curves = complexity_curves(
            shown, None if hidden else place, settings.log_risk, settings.robust, guesses
        )
    panels = [
        Panel(
            "curves", f"Bias, variance and risk against {record.title}", curves,
            "Bands: ± 2 standard errors. Click a point to see the fits there.", 360, 12,
        )
    ]  # fmt: skip
    if hidden or record.best is None:
        return panels
    at = f"at {record.title} {record.values[place]:g}"
    if record.evaluation.line_x_G is not None:
        return [
            *panels,
            Panel("cloud", f"The fits {at}", fit_cloud(record, place),
                  "Each thin line is one replicate: its own training set, its own weights.",
                  310, 6),
            Panel("errors", "Where the error is", errors_along(record, place),
                  "noise, variance and bias² one above the other.", 310, 6),
        ]  # fmt: skip
    if record.evaluation.labels_N is None:
        return panels
    return [*panels, *_class_panels(record, place, at)]


def _class_panels(record: ComplexityRecord, place: int, at: str) -> list[Panel]:
    plane = record.evaluation.grid_x_H is not None
    panels = [
        Panel("classes", f"By class {at}", decomposition_by_class(record, place),
              "Means over the test points of each class; bars: standard error over the points.",
              310, 4 if plane else 5),
        Panel("points", "The test points that vary most", variable_points(record, place),
              "Where the replicates disagree.", 310, 4 if plane else 7),
    ]  # fmt: skip
    if plane:
        panels.append(
            Panel("borders", "Borders of six replicates", replicate_borders(record, place),
                  "Each line is one replicate's border between the classes.", 310, 4)
        )  # fmt: skip
    return panels


def _emptied(record: ComplexityRecord) -> ComplexityRecord:
    """The same axis with nothing measured."""
    return replace(record, at=(None,) * len(record.values))
