"""The stage: the one component that owns everything live on a page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from nnviz.feed import Viewer
from nnviz.feed.panels import heads
from nnviz.feed.views import undrawn
from nnviz.figures.theme import TOKENS
from nnviz.ui.static_files import ASK, FEED, loader

_COMPONENT = st.components.v2.component("nnviz_stage", js=loader("stage"), isolate_styles=False)


def stage(
    viewer: Viewer,
    *,
    key: str,
    on_layer: Callable[[object], None] | None = None,
    on_choose: Callable[[object], None] | None = None,
    on_press: Callable[[], None] | None = None,
    is_bare: bool = False,
    opens: str = "",
) -> None:
    """Buttons, numbers, scrubber and charts of the viewer's run; `is_bare` is without buttons.

    `opens` "inside" takes one update after the other apart, over and over, in place of the charts.
    The script runs again when something else than the script took the run another way. `on_layer`
    is called before it with the name of a layer that the reader clicked in the network, `on_choose`
    with what he chose beside a title, `on_press` where he pressed the button of a note.
    """
    run = viewer.run
    repetition = viewer.repetition.sweep.id if viewer.repetition else ""
    _COMPONENT(
        key=key,
        data={
            "feed": f"{FEED}/{viewer.id}",
            "ask": f"{ASK}/{viewer.id}",
            "lanes": len(run.lanes),
            "path": run.path.id,
            "heads": heads(undrawn(run.lanes, viewer.asked, viewer.names)),
            "tokens": {name: list(pair) for name, pair in TOKENS.items()},
            "bare": is_bare,
            "opens": opens,
            "repetition": repetition,
        },
        on_path_change=_nothing,
        on_choose_change=partial(_chosen, key, on_choose) if on_choose else _nothing,
        on_press_change=on_press or _nothing,
        on_unit_change=partial(_clicked, key, on_layer) if on_layer else _nothing,
    )


def _clicked(key: str, on_layer: Callable[[object], None]) -> None:
    """What a browser sends may be anything."""
    unit = st.session_state[key].get("unit")
    if isinstance(unit, dict):
        on_layer(unit.get("layer"))


def _chosen(key: str, on_choose: Callable[[object], None]) -> None:
    on_choose(st.session_state[key].get("choose"))


def _nothing() -> None:
    """Streamlit delivers an event only if it has a callback."""
