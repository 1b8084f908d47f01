"""What is compared: the base experiment in the sidebar, and a card for each lane."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nnviz.experiments.comparisons import COMPARISONS
from nnviz.figures.theme import N_LANE_COLOURS, TOKENS
from nnviz.spec.comparison import MAX_LANES, MAX_OVERRIDES, MIN_LANES
from nnviz.ui.compare.document import (
    add_lane,
    add_override,
    copy_lane,
    lanes,
    open_comparison,
    remove_lane,
)
from nnviz.ui.compare.fields import LANE_FIELDS, on_or_off, start_value
from nnviz.ui.compare.words import plain
from nnviz.ui.controls.experiment import experiment_controls
from nnviz.ui.controls.start import start_choice
from nnviz.ui.document import Document, document, widget_key

NAME_LENGTH = 32


def editor() -> DeltaGenerator:
    """The sidebar: comparisons to start from, the lanes, and what they share.

    Returns the place above the lanes, for words about them.
    """
    opened = lanes()
    with st.sidebar:
        start_choice(
            COMPARISONS,
            "compare.preset",
            "my own comparison",
            "Each comparison shows one difference.",
            lambda name: open_comparison(COMPARISONS[name].spec, name),
        )
        above = st.container()
        _lane_cards()
        st.caption(f"What follows is shared by all {len(opened)} lanes, except where a lane has"
                   " a setting of its own.")  # fmt: skip
        experiment_controls(document(), "compare", is_open=False)
    return above


def lane_dot(place: int) -> str:
    """A dot in the colour that the lane at this place has in every chart, as Markdown."""
    dark = st.context.theme.type == "dark"
    return f':color[●]{{foreground="{TOKENS[f"lane_{place % N_LANE_COLOURS}"][dark]}"}}'


def _lane_cards() -> None:
    """A card for each lane: its name, what is its own, and a menu."""
    edited = lanes()
    for place, lane in enumerate(edited):
        with st.container(border=True, gap="xsmall", key=f"compare.lane.{place}"):
            _card(place, lane)
    if len(edited) < MAX_LANES:
        st.button(
            "Add a lane", icon=":material/add:", on_click=add_lane, key="compare.add",
            type="tertiary",
            help=f"A copy of the last one to change; at most {MAX_LANES}.",
        )  # fmt: skip


def _card(place: int, lane: Document) -> None:
    path = f"lane.{lane['uid']}"
    lane["name"] = st.text_input(
        "Name of the lane",
        lane["name"],
        max_chars=NAME_LENGTH,
        label_visibility="collapsed",
        key=widget_key(f"{path}.name"),
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(lane_dot(place), width="content")
        with st.popover(
            own_settings(lane), type="tertiary", width="content", help="Its settings, copy, remove"
        ):
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
                field.draw(own, f"{path}.{own['uid']}")
            st.button(
                "", icon=":material/close:", type="tertiary", help="As the base again",
                key=widget_key(f"{path}.{own['uid']}.remove"),
                on_click=lane["overrides"].remove, args=(own,),
            )  # fmt: skip
    _add_setting(lane, path)
    with st.container(horizontal=True, gap="small"):
        full, few = len(lanes()) >= MAX_LANES, len(lanes()) <= MIN_LANES
        st.button(
            "Copy lane", icon=":material/content_copy:", disabled=full,
            key=widget_key(f"{path}.copy"), on_click=copy_lane, args=(lane,),
        )  # fmt: skip
        st.button(
            "Remove lane", icon=":material/delete:", disabled=few,
            key=widget_key(f"{path}.remove"), on_click=remove_lane, args=(lane,),
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
    if field is None:
        return path
    return field.label if field.label[:2].isupper() else field.label[0].lower() + field.label[1:]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return on_or_off(value)
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")
