"""The home page's parts: a small training to watch, and starting points to open."""

from __future__ import annotations

import streamlit as st

from nnviz.feed import Asked
from nnviz.presets import PRESETS
from nnviz.spec import ExperimentSpec
from nnviz.ui import frame
from nnviz.ui.document import open_spec
from nnviz.ui.live.watched import watched

SHOWN = ("network", "answer")
DEMONSTRATION = ExperimentSpec.model_validate(
    {
        "data": {"name": "spirals", "n_samples": 300, "noise": 0.05},
        "network": {
            "blocks": [{"kind": "dense", "width": 8}, {"kind": "dense", "width": 8}],
            "activation": "tanh",
        },
        "training": {"optimizer": {"learning_rate": 0.02}, "n_steps": 4000},
    }
)


def demonstration() -> None:
    """A real training on spirals, played once from its first step in 20 seconds."""
    watched("home", (DEMONSTRATION,), asked=Asked(SHOWN), is_bare=True, starts=True)


def starting_points() -> None:
    """One card a preset; each opens the Playground ready to press Train."""
    st.header("Start from a phenomenon")
    names = list(PRESETS)
    for first in range(0, len(names), 3):
        for name, column in zip(names[first : first + 3], st.columns(3), strict=False):
            with column, st.container(border=True, height="stretch"):
                _card(name)


def _card(name: str) -> None:
    preset = PRESETS[name]
    st.markdown(f"**{preset.title}**")
    st.caption(preset.notice)
    if st.button("Open", icon=":material/play_arrow:", key=f"home.open.{name}"):
        open_spec(preset.spec, name)
        st.switch_page(str(frame.ROOT / "pages" / "playground.py"), query_params={})
