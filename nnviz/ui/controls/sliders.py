"""A slider over whole numbers, kept in a document."""

from __future__ import annotations

import streamlit as st

from nnviz.ui.document import Document, widget_key


def whole_slider(
    part: Document,
    field: str,
    label: str,
    low: int,
    high: int,
    path: str,
    step: int = 1,
    help: str | None = None,
) -> int:
    """A slider from `low` to `high`; the document's value is where it starts."""
    value = int(min(max(part[field], low), high))
    key = widget_key(f"{path}.{field}")
    part[field] = int(st.slider(label, low, high, value, step, key=key, help=help))
    return int(part[field])
