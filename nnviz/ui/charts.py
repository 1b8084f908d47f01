"""Finished charts: one component that redraws in place what has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import streamlit as st

from nnviz.feed.panels import Panel, heads
from nnviz.feed.wire import pack
from nnviz.figures.theme import TOKENS
from nnviz.ui.static_files import loader

_COMPONENT = st.components.v2.component("nnviz_charts", js=loader("charts"), isolate_styles=False)


@dataclass(frozen=True)
class ChartClick:
    """The point that the reader clicked."""

    panel: str
    curve: int
    """Place of the trace in the figure."""
    point: int | list[int]
    """Place of the point in the trace; (row, column) in a heat map."""
    x: Any
    y: Any
    customdata: Any = None


@dataclass(frozen=True)
class Frame:
    """One moment of a picture that plays: its words, and the panels that are others."""

    words: str
    panels: Sequence[Panel]


@dataclass(frozen=True)
class Reel:
    """What plays in `seconds` when the reader presses Play; `frames` makes it then.

    Another `name` is another reel.
    """

    name: str
    frames: Callable[[], Sequence[Frame]]
    label: str = "Play"
    seconds: float = 6.0


def charts(
    panels: Sequence[Panel],
    *,
    key: str,
    on_click: bool = False,
    on_set: Callable[[Mapping[str, Any]], None] | None = None,
    tokens: Mapping[str, tuple[str, str]] = TOKENS,
    is_large: bool = False,
    reel: Reel | None = None,
) -> ChartClick | None:
    """Draw the panels, or redraw them; zoom and hover survive.

    With `on_click` a click on a point reruns the script and is returned once. `on_set` gets what
    the reader set by a grip, before the script runs again, and must check it: a browser may send
    anything. `tokens` gives each colour token its light and dark colour; `is_large` draws text
    that is read from afar.
    """

    def tell() -> None:
        sent = st.session_state[key].get("set")
        if on_set is not None and isinstance(sent, dict):
            on_set(sent)

    def play() -> None:
        if reel is not None and st.session_state[key].get("play"):
            st.session_state[f"{key}.reel"] = reel.name

    plays = reel is not None and st.session_state.get(f"{key}.reel") == reel.name
    message = {
        "heads": [{**head, "large": is_large} for head in heads(panels)],
        "panels": [panel.wired().whole for panel in panels],
        "tokens": tokens,
        "click": on_click,
        "reel": reel and _reel(reel, plays),
    }
    result = _COMPONENT(
        key=key, data=pack(message), on_click_change=_nothing, on_set_change=tell,
        on_play_change=play,
    )  # fmt: skip
    return _clicked(result.get("click"))


def _reel(reel: Reel, plays: bool) -> Mapping[str, Any]:
    frames = [
        {"words": frame.words, "panels": [panel.wired().whole for panel in frame.panels]}
        for frame in (reel.frames() if plays else ())
    ]
    return {"name": reel.name, "label": reel.label, "seconds": reel.seconds, "frames": frames}


def _clicked(event: object) -> ChartClick | None:
    """Only the fields we know: what a browser sends may be anything."""
    if not isinstance(event, dict):
        return None
    known: dict[str, Any] = {field.name: event.get(field.name) for field in fields(ChartClick)}
    return ChartClick(**known)


def _nothing() -> None:
    """Streamlit delivers an event only if it has a callback."""
