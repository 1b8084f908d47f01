"""What the bias-variance page shows: buttons, the sum at one value, charts."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from nnviz.experiments.complexity.records import ComplexityRecord
from nnviz.ui.charts import ChartClick, charts
from nnviz.ui.document import Document, widget_key
from nnviz.ui.questions.bias_variance import (
    PAGE,
    Asked,
    choose_place,
    go_on,
    more_replicates,
    path,
    shown_place,
)
from nnviz.ui.questions.bias_variance_guess import ask_guess, is_hidden
from nnviz.ui.questions.bias_variance_panels import panels
from nnviz.ui.questions.bias_variance_words import reading, settings_words, sum_words
from nnviz.ui.questions.measuring import progress

_SLIDER = "nnviz.bias_variance.slider"


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
    return ask_guess(asked) if predicts else None


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


def _place_slider(asked: Asked, record: ComplexityRecord, place: int) -> None:
    """Which value of the axis the lower charts show."""
    values, key = list(record.values), _slider_key(asked, place)
    st.select_slider(
        f"Look closer at {record.title}", values, values[place], key=key,
        format_func=lambda v: f"{v:g}", on_change=_choose_from, args=(key, asked, values),
        help="Or click a point of the curve.",
    )  # fmt: skip


def _slider_key(asked: Asked, place: int) -> str:
    """Another widget whenever the place was not moved by the slider itself.

    Writing a new value into the same one would lose against what the browser sends meanwhile.
    """
    shown = asked.found.question, place
    stamp, known = st.session_state.get(_SLIDER, (0, None))
    if shown != known:
        st.session_state[_SLIDER] = stamp, known = stamp + 1, shown
    return f"{PAGE}.place.{stamp}"


def _choose_from(key: str, asked: Asked, values: list[float]) -> None:
    value = float(st.session_state[key])
    stamp, _ = st.session_state[_SLIDER]
    st.session_state[_SLIDER] = stamp, (asked.found.question, values.index(value))
    choose_place(value)


def live_view(asked: Asked, guess: Mapping[str, str] | None) -> None:
    """Progress, numbers and charts, redrawn while results arrive."""
    live = asked.found.live is not None
    st.fragment(_drawn)(asked, guess, live)


def _drawn(asked: Asked, guess: Mapping[str, str] | None, was_live: bool) -> None:
    asked.found.touch()
    if was_live and asked.found.live is None:
        st.rerun()
    if not progress(asked.found):
        st.caption(settings_words(asked.settings, asked.seconds_left))
    record = asked.record()
    place = shown_place(record)
    hidden = is_hidden(asked, guess)
    if not hidden and record.best is not None:
        left, right = st.columns([1, 1.6], vertical_alignment="center")
        with left:
            _place_slider(asked, record, place)
        right.markdown(sum_words(record, place))
    click = charts(panels(asked, record, place, guess, hidden), key=f"{PAGE}.charts", on_click=True)
    if not hidden:
        st.markdown(reading(record))
    _follow(click)


def _follow(click: ChartClick | None) -> None:
    if click is not None and click.panel == "curves" and isinstance(click.x, int | float):
        choose_place(float(click.x))
        st.rerun()
