"""What an experiment or comparison is opened from: the choice, what to notice, the source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import streamlit as st

from nnviz.ui.document import forget_origin, origin


class StartingPoint(Protocol):
    """What a preset and a comparison to start from have in common."""

    @property
    def title(self) -> str:
        """As the box lists it."""

    @property
    def notice(self) -> str:
        """What to look at."""

    @property
    def source(self) -> str:
        """Where it is published."""


def start_choice(
    points: Mapping[str, StartingPoint],
    key: str,
    placeholder: str,
    help: str,
    open_point: Callable[[str], None],
) -> None:
    """A select box that always names what the document was opened from, and its words below.

    The document knows, not the widget: the name stays over a change of page and a refresh.
    """
    name = origin()
    st.session_state[key] = name if name in points else None
    st.selectbox(
        "Start from",
        list(points),
        placeholder=placeholder,
        format_func=lambda name: points[name].title,
        key=key,
        help=help,
        on_change=_open,
        args=(key, open_point),
    )
    if name is not None and name in points:
        st.caption(f"{points[name].notice} *{points[name].source}*")


def _open(key: str, open_point: Callable[[str], None]) -> None:
    chosen = st.session_state[key]
    if chosen is None:
        forget_origin()
    else:
        open_point(chosen)
