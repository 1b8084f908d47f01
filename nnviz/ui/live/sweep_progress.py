"""How far a sweep is, as its feed tells; the script runs again when something has arrived."""

from __future__ import annotations

import time

import streamlit as st

from nnviz.runs import Sweep
from nnviz.ui.static_files import SWEEP, loader

_COMPONENT = st.components.v2.component("nnviz_sweep", js=loader("sweep"), isolate_styles=False)


def sweep_progress(sweep: Sweep, *, key: str) -> None:
    """A bar with what is done and how long the rest takes; best inside a fragment."""
    data = {"feed": f"{SWEEP}/{sweep.id}", "n_done": sweep.n_done, "at": time.monotonic()}
    _COMPONENT(key=key, data=data, on_arrived_change=_nothing)


def _nothing() -> None:
    """Streamlit delivers an event only if it has a callback."""
