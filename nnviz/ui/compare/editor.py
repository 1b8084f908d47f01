"""What is compared: the base experiment in the sidebar, and a card for each lane."""

from __future__ import annotations

import streamlit as st

from nnviz.experiments.comparisons import COMPARISONS
from nnviz.spec.comparison import MAX_LANES, MAX_OVERRIDES, MIN_LANES
from nnviz.ui.compare.document import (
    add_lane,
    add_override,
    copy_lane,
    lanes,
    open_comparison,
    remove_lane,
)
from nnviz.ui.compare.fields import LANE_FIELDS, start_value
from nnviz.ui.compare.words import DOTS, plain
from nnviz.ui.controls.experiment import experiment_controls
from nnviz.ui.document import Document, document, origin, widget_key
from nnviz.ui.presses import once

_PRESET = "compare.preset"
NAME_LENGTH = 32


def editor() -> None:
    """The sidebar: comparisons to start from, and what all lanes share."""
    opened = lanes()
    with st.sidebar:
        if _PRESET not in st.session_state:
            st.session_state[_PRESET] = origin()
        chosen = st.selectbox(
            "Start from",
            list(COMPARISONS),
            placeholder="my own comparison",
            format_func=lambda name: COMPARISONS[name].title,
            key=_PRESET,
            help="Each comparison shows one difference.",
            on_change=_open_preset,
        )
        if chosen and chosen == origin():
            st.caption(f"{COMPARISONS[chosen].notice} *{COMPARISONS[chosen].source}*")
        st.caption(f"What follows is shared by all {len(opened)} lanes, except where a lane has"
                   " a setting of its own.")  # fmt: skip
        experiment_controls(document(), "compare")


def _open_preset() -> None:
    name = st.session_state[_PRESET]
    if name is not None:
        open_comparison(COMPARISONS[name].spec, name)


def lane_cards() -> None:
    """A card for each lane: its name, what is its own, and a menu."""
    edited = lanes()
    can_grow = len(edited) < MAX_LANES
    *columns, last = st.columns([*[1.0] * len(edited), 0.14 if can_grow else 0.001], gap="small")
    for place, (lane, column) in enumerate(zip(edited, columns, strict=True)):
        with column, st.container(border=True, height="stretch", key=f"compare.lane.{place}"):
            _card(place, lane)
    if can_grow:
        with last:
            st.button(
                "", icon=":material/add:", on_click=once, args=(add_lane,), key="compare.add",
                help=f"Add a lane: a copy of the last one to change; at most {MAX_LANES}.",
            )  # fmt: skip


def _card(place: int, lane: Document) -> None:
    path = f"lane.{lane['uid']}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(DOTS[place % len(DOTS)], width="content")
        lane["name"] = st.text_input(
            "Name of the lane",
            lane["name"],
            max_chars=NAME_LENGTH,
            label_visibility="collapsed",
            key=widget_key(f"{path}.name"),
        )
    with st.popover(own_settings(lane), type="tertiary", help="Its settings, copy, remove"):
        _settings(lane, path)


def own_settings(lane: Document) -> str:
    """A lane's overrides in one line."""
    told = [
        f"{plain(_label(own['path']))}: **{plain(_shown(own['value']))}**"
        for own in lane["overrides"]
    ]
    return " · ".join(told) or "as the base experiment"


def _settings(lane: Document, path: str) -> None:
    for own in list(lane["overrides"]):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            field = LANE_FIELDS.get(own["path"])
            if field is None:
                st.markdown(f"{plain(own['path'])}: **{plain(_shown(own['value']))}**")
            else:
                field.draw(own, field.label, f"{path}.{own['uid']}")
            st.button(
                "", icon=":material/close:", type="tertiary", help="As the base again",
                key=widget_key(f"{path}.{own['uid']}.remove"),
                on_click=once, args=(lane["overrides"].remove, own),
            )  # fmt: skip
    _add_setting(lane, path)
    with st.container(horizontal=True, gap="small"):
        full, few = len(lanes()) >= MAX_LANES, len(lanes()) <= MIN_LANES
        st.button(
            "Copy lane", icon=":material/content_copy:", disabled=full,
            key=widget_key(f"{path}.copy"), on_click=once, args=(copy_lane, lane),
        )  # fmt: skip
        st.button(
            "Remove lane", icon=":material/delete:", disabled=few,
            key=widget_key(f"{path}.remove"), on_click=once, args=(remove_lane, lane),
            help=f"A comparison has at least {MIN_LANES} lanes." if few else None,
        )  # fmt: skip


def _add_setting(lane: Document, path: str) -> None:
    taken = {own["path"] for own in lane["overrides"]}
    key = widget_key(f"{path}.add")

    def add() -> None:
        chosen = st.session_state[key]
        if chosen is not None:
            add_override(lane, chosen, start_value(chosen, document()))
        st.session_state[key] = None

    st.selectbox(
        "Give this lane a setting of its own",
        [name for name in LANE_FIELDS if name not in taken],
        index=None,
        format_func=lambda name: LANE_FIELDS[name].label,
        placeholder="choose a setting",
        key=key,
        on_change=add,
        disabled=len(taken) >= MAX_OVERRIDES,
    )


def _label(path: str) -> str:
    field = LANE_FIELDS.get(path)
    return field.label.lower() if field else path


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")
