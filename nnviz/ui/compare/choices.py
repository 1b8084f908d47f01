"""What the reader wants to see of the lanes, and the menu to take it home."""

from __future__ import annotations

import streamlit as st

from nnviz.runs import Run
from nnviz.spec import ComparisonSpec
from nnviz.ui.compare.live import SECTIONS, SIDE_BY_SIDE
from nnviz.ui.compare.report import report_downloads
from nnviz.ui.compare.session import SCRUBBER
from nnviz.ui.compare.views import LaneChoices, fitting_views
from nnviz.ui.ways import ways_menu


def section_choice() -> str:
    """Which part of the page is open."""
    chosen = st.segmented_control(
        "Part of the page", SECTIONS, default=SIDE_BY_SIDE, required=True,
        label_visibility="collapsed", key="compare.section",
    )  # fmt: skip
    return chosen or SIDE_BY_SIDE


def view_choices(comparison: ComparisonSpec, run: Run) -> LaneChoices:
    """The menu of views, what they show, and whether axes are frozen."""
    views = fitting_views(run.lanes, modes=False)
    titles = {view.name: view.title[0].upper() + view.title[1:] for view in views}
    layers = _layers(run)
    with st.popover("Views", icon=":material/dashboard:", key="compare.views_menu"):
        names = st.pills(
            "Shown views",
            list(titles),
            selection_mode="multi",
            default=[view.name for view in views if view.default],
            format_func=titles.__getitem__,
            key=f"compare.views.{'.'.join(titles)}",
        )
        layer = st.selectbox(
            "Layer of the batch statistics",
            layers or ["no hidden layer"],
            key=f"compare.layer.{'.'.join(layers)}",
        )
        log_loss = st.checkbox("Losses on a log axis", False, key="compare.log_loss")
        show_test = st.checkbox("Show test points", True, key="compare.show_test")
    frozen = st.toggle(
        "Freeze axes", False, key="compare.freeze",
        help="Axes are shared by all lanes. Frozen, they stay as they are now while the lanes go"
        " on; otherwise they follow the data.",
    )  # fmt: skip
    ways_menu(run, SCRUBBER)
    report_downloads(comparison, run)
    return LaneChoices(tuple(names), layer, log_loss, show_test, frozen)


def _layers(run: Run) -> list[str]:
    found = [layer.name for spec in run.lanes for layer in spec.layer_shapes[:-1] if layer.settings]
    return list(dict.fromkeys(found))
