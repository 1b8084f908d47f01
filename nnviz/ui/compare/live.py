"""The parts of the Compare page, and what is live in them."""

from __future__ import annotations

from functools import partial

import streamlit as st

from nnviz.feed import Viewer
from nnviz.feed.view import Part
from nnviz.spec import ComparisonSpec
from nnviz.ui.compare.repeat import hint, repeat_controls
from nnviz.ui.compare.report import report_downloads
from nnviz.ui.compare.session import PAGE, repetition
from nnviz.ui.live.choices import choose_layer, view_choices
from nnviz.ui.live.stage import stage

PARTS: dict[Part, str] = {
    "views": "Side by side",
    "modes": "train() against eval()",
    "seeds": "Verdict over seeds",
}


def live_view(comparison: ComparisonSpec, viewer: Viewer) -> None:
    """Which part is open, its menus, and the stage."""
    lanes = viewer.run.lanes
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="live.head"):
        part: Part = st.segmented_control(
            "Part of the page", list(PARTS), default="views", required=True,
            format_func=PARTS.__getitem__, label_visibility="collapsed", key="compare.part",
        )  # fmt: skip
        asked = view_choices(PAGE, lanes, part)
        report_downloads(comparison, viewer.run)
    if part == "seeds":
        repeat_controls(comparison)
        if told := hint(comparison):
            st.info(told)
    viewer.show(asked, comparison.names, repetition() if part == "seeds" else None)
    stage(viewer, key="compare.stage", on_layer=partial(choose_layer, PAGE, lanes))
