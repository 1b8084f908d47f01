"""Charts that keep up with a running network: one component that redraws figures in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from nnviz.figures.theme import TOKENS
from nnviz.ui.chart_wire import ChartChannel, WirePanel, encode_figure
from nnviz.ui.static_files import loader

_COMPONENT = st.components.v2.component(
    "nnviz_live_charts", js=loader("live_charts"), isolate_styles=False
)
_CHANNELS = "nnviz.live_charts"


@dataclass(frozen=True, eq=False)
class Panel:
    """One chart with its title.

    `figure` is a `go.Figure` or a plain `{"data": [...], "layout": {...}}`, which costs less. A
    colour may be a token, `var(--nnviz-train)`, which follows the light or dark theme. `span` is
    the width in columns of twelve; on a narrow page panels take half of it or all.
    """

    id: str
    title: str
    figure: go.Figure | Mapping[str, Any]
    help: str = ""
    """One sentence on what the chart shows, behind the ⓘ beside the title."""
    height: int = 260
    """Height of the drawing in pixels, without the title."""
    span: int = 6

    def __post_init__(self) -> None:
        if not 1 <= self.span <= 12:
            raise ValueError(f"span must be from 1 to 12; got {self.span}")


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


def live_charts(
    panels: Sequence[Panel],
    *,
    key: str,
    on_click: bool = False,
    tokens: Mapping[str, tuple[str, str]] = TOKENS,
) -> ChartClick | None:
    """Draw the panels, or redraw those that changed; zoom and hover survive.

    Call it again under the same `key`, best inside a fragment with `run_every`. Only what changed
    since the first call is sent. With `on_click` a click on a point reruns the script and is
    returned once. `tokens` gives each colour token its light and dark colour.
    """
    channel = _channel(key)
    wired = [_wire(panel) for panel in panels]
    constants = {"tokens": {name: list(pair) for name, pair in tokens.items()}, "click": on_click}
    result = _COMPONENT(
        key=key,
        data=channel.message(wired, constants),
        on_resync_change=partial(_resend, key),
        on_click_change=_nothing,
    )
    return _clicked(result.get("click"))


def _wire(panel: Panel) -> WirePanel:
    traces, layout = encode_figure(panel.figure)
    meta = {
        "title": panel.title,
        "help": panel.help,
        "height": panel.height,
        "span": panel.span,
    }
    return WirePanel(panel.id, meta, layout, traces)


def _clicked(event: object) -> ChartClick | None:
    """Only the fields we know: what a browser sends may be anything."""
    if not isinstance(event, dict):
        return None
    known: dict[str, Any] = {field.name: event.get(field.name) for field in fields(ChartClick)}
    return ChartClick(**known)


def _channel(key: str) -> ChartChannel:
    channels: dict[str, ChartChannel] = st.session_state.setdefault(_CHANNELS, {})
    return channels.setdefault(key, ChartChannel())


def _resend(key: str) -> None:
    """The browser lacks the keyframe: it was reloaded, or messages were merged on the way."""
    _channel(key).forget()


def _nothing() -> None:
    """Streamlit delivers an event only if it has a callback."""
