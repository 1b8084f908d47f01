"""Finished charts: one component that redraws in place what has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def charts(
    panels: Sequence[Panel],
    *,
    key: str,
    on_click: bool = False,
    tokens: Mapping[str, tuple[str, str]] = TOKENS,
) -> ChartClick | None:
    """Draw the panels, or redraw them; zoom and hover survive.

    With `on_click` a click on a point reruns the script and is returned once. `tokens` gives each
    colour token its light and dark colour.
    """
    message = {
        "heads": heads(panels),
        "panels": [panel.wired().whole for panel in panels],
        "tokens": tokens,
        "click": on_click,
    }
    result = _COMPONENT(key=key, data=pack(message), on_click_change=_nothing)
    return _clicked(result.get("click"))


def _clicked(event: object) -> ChartClick | None:
    """Only the fields we know: what a browser sends may be anything."""
    if not isinstance(event, dict):
        return None
    known: dict[str, Any] = {field.name: event.get(field.name) for field in fields(ChartClick)}
    return ChartClick(**known)


def _nothing() -> None:
    """Streamlit delivers an event only if it has a callback."""
