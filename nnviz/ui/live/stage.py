"""The stage: the one component that owns everything live on a page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from nnviz.feed import Viewer
from nnviz.feed.panels import heads
from nnviz.feed.views import undrawn
from nnviz.figures.theme import TOKENS
from nnviz.ui.static_files import FEED, loader

_COMPONENT = st.components.v2.component("nnviz_stage", js=loader("stage"), isolate_styles=False)


def stage(
    viewer: Viewer,
    *,
    key: str,
    on_layer: Callable[[object], None] | None = None,
    is_bare: bool = False,
) -> None:
    """Buttons, numbers, scrubber and charts of the viewer's run; `is_bare` is without buttons.

    The script runs again when something else than the script took the run another way. `on_layer`
    is called before it with the name of a layer that the reader clicked in the network.
    """
    run = viewer.run
    repetition = viewer.repetition.sweep.id if viewer.repetition else ""
    _COMPONENT(
        key=key,
        data={
            "feed": f"{FEED}/{viewer.id}",
            "path": run.path.id,
            "heads": heads(undrawn(run.lanes, viewer.asked, viewer.names)),
            "tokens": {name: list(pair) for name, pair in TOKENS.items()},
            "bare": is_bare,
            "repetition": repetition,
        },
        on_path_change=_nothing,
        on_unit_change=partial(_clicked, key, on_layer) if on_layer else _nothing,
    )


def _clicked(key: str, on_layer: Callable[[object], None]) -> None:
    """What a browser sends may be anything."""
    unit = st.session_state[key].get("unit")
    if isinstance(unit, dict):
        on_layer(unit.get("layer"))


def _nothing() -> None:
    """Streamlit delivers an event only if it has a callback."""
