"""The parts of the Compare page, and what is live in them."""

from __future__ import annotations

from functools import partial

import streamlit as st

from nnviz.feed import Viewer
from nnviz.feed.seed_note import N_SEEDS
from nnviz.feed.view import Part
from nnviz.figures.pipeline_columns import FLOWS, Flow
from nnviz.spec import ComparisonSpec
from nnviz.ui.compare.repeat import hint, repeat, repeat_controls
from nnviz.ui.compare.report import report_downloads
from nnviz.ui.compare.session import PAGE, repetition
from nnviz.ui.live.choices import choose_layer, view_choices
from nnviz.ui.live.stage import stage

PARTS: dict[Part, str] = {
    "views": "Side by side",
    "modes": "Both modes",
    "seeds": "Over seeds",
}
_FLOW = "nnviz.compare.flow"


def live_view(comparison: ComparisonSpec, viewer: Viewer) -> None:
    """The question, which part is open, its menus, and the stage."""
    lanes = viewer.run.lanes
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="live.head"):
        st.markdown("##### What does one difference change?", width="stretch")
        part: Part = st.segmented_control(
            "Part of the page", list(PARTS), default="views", required=True,
            format_func=PARTS.__getitem__, label_visibility="collapsed", key="compare.part",
        )  # fmt: skip
        more = part == "views" and st.toggle("More views", key="compare.more", width="content")
        flow: Flow = st.session_state.get(_FLOW, "train")
        asked = view_choices(PAGE, lanes, part, flow, more)
        report_downloads(comparison, viewer.run)
    if part == "seeds":
        repeat_controls(comparison)
        if told := hint(comparison):
            st.info(told)
    viewer.show(asked, comparison.names, repetition())
    stage(
        viewer,
        key="compare.stage",
        on_layer=partial(choose_layer, PAGE, lanes),
        on_choose=_choose,
        on_press=lambda: repeat(comparison, N_SEEDS),
    )


def _choose(chosen: object) -> None:
    """What a browser sends may be anything."""
    if isinstance(chosen, dict) and chosen.get("flow") in FLOWS:
        st.session_state[_FLOW] = chosen["flow"]
