"""The home page's parts: two moving pictures, and starting points to open."""

from __future__ import annotations

import streamlit as st

from nnviz.experiments.comparisons import COMPARISONS, DEFAULT_COMPARISON
from nnviz.feed import Asked
from nnviz.presets import PRESETS
from nnviz.spec import ExperimentSpec
from nnviz.ui import frame
from nnviz.ui.compare.document import open_comparison
from nnviz.ui.document import open_spec
from nnviz.ui.live.watched import watched

UPDATED = ExperimentSpec.model_validate(
    {
        "data": {"name": "moons", "n_samples": 200},
        "network": {"blocks": [{"kind": "dense", "width": 4}], "activation": "tanh"},
        "training": {"optimizer": {"name": "sgd", "learning_rate": 0.5}, "batch_size": 16},
    }
)
"""Small enough to read every number of an update."""


def pipelines() -> None:
    """BatchNorm before against after the activation, trained once from its first step."""
    comparison = COMPARISONS[DEFAULT_COMPARISON].spec
    if _headed("BatchNorm before or after the activation?", "compare"):
        frame.enter("compare")  # whose document is its own
        open_comparison(comparison, DEFAULT_COMPARISON)
        _go("compare")
    asked = Asked(("pipeline",), layer="dense3")
    watched(
        "home.pipelines", comparison.experiments, comparison.names, asked, is_bare=True, starts=True
    )


def one_update() -> None:
    """One training step taken apart, over and over."""
    if _headed("What does one update do?", "inside"):
        open_spec(UPDATED)
        _go("playground")
    watched("home.update", (UPDATED,), asked=Asked(("network",)), is_bare=True, opens="inside")


def starting_points() -> None:
    """One card a preset; each opens the Playground ready to press Train."""
    st.header("Start from a phenomenon")
    names = list(PRESETS)
    for first in range(0, len(names), 3):
        for name, column in zip(names[first : first + 3], st.columns(3), strict=False):
            with column, st.container(border=True, height="stretch"):
                _card(name)


def _headed(question: str, key: str) -> bool:
    """A question with its button; whether that was pressed."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(question, width="content")
        return st.button("Open this", icon=":material/open_in_full:", key=f"home.open.{key}")


def _card(name: str) -> None:
    preset = PRESETS[name]
    st.markdown(f"**{preset.title}**")
    st.caption(preset.notice)
    if st.button("Open", icon=":material/play_arrow:", key=f"home.open.{name}"):
        open_spec(preset.spec, name)
        _go("playground")


def _go(page: str) -> None:
    st.switch_page(str(frame.ROOT / "pages" / f"{page}.py"), query_params={})
