"""A choice in one row of buttons, kept in a document; and widgets that start over from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from nnviz.ui.controls.fields import words
from nnviz.ui.document import Document, widget_key


def segments(
    part: Document,
    field: str,
    label: str,
    options: Sequence[Any],
    path: str,
    help: str | None = None,
    show: Callable[[Any], str] = words,
    hide_label: bool = False,
) -> Any:
    """Buttons of which exactly one is chosen; the document's value is where they start."""
    current = part.get(field)
    part[field] = st.segmented_control(
        label,
        options,
        default=current if current in options else options[0],
        required=True,
        format_func=show,
        key=widget_key(f"{path}.{field}"),
        help=help,
        label_visibility="collapsed" if hide_label else "visible",
    )
    return part[field]


def fresh_path(page: str) -> str:
    """Path for widgets that must start from the document again after `renew`."""
    return f"{page}.{st.session_state.get(_generation(page), 0)}"


def renew(page: str) -> None:
    """Make those widgets start over: the document was changed from elsewhere, by a click say."""
    key = _generation(page)
    st.session_state[key] = st.session_state.get(key, 0) + 1


def _generation(page: str) -> str:
    return f"nnviz.lab.{page}.generation"
