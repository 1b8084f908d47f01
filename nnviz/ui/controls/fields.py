"""One field of a document as one widget, its value read back into the document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from nnviz.ui.document import Document, widget_key

INHERIT = "as the network"


def words(name: object) -> str:
    """A catalog name as the reader sees it."""
    return str(name).replace("_", " ")


def choice(
    part: Document,
    field: str,
    label: str,
    options: Sequence[Any],
    path: str,
    help: str | None = None,
    show: Callable[[Any], str] = words,
) -> Any:
    """A select box over `options`."""
    current = part.get(field)
    part[field] = st.selectbox(
        label,
        options,
        index=options.index(current) if current in options else 0,
        key=widget_key(f"{path}.{field}"),
        help=help,
        format_func=show,
    )
    return part[field]


def inherited_choice(
    part: Document, field: str, label: str, options: Sequence[Any], path: str, network: Document
) -> None:
    """A select box whose first option leaves the field to the network's default."""
    choice(
        part,
        field,
        label,
        [None, *options],
        path,
        show=lambda name: f"{words(network[field])} ({INHERIT})" if name is None else words(name),
    )


def whole(
    part: Document, field: str, label: str, low: int, high: int, path: str, **options: Any
) -> int:
    """A whole number from `low` to `high`, typed or stepped."""
    value = int(min(max(part.get(field) or low, low), high))
    key = widget_key(f"{path}.{field}")
    part[field] = int(st.number_input(label, low, high, value, key=key, **options))
    return int(part[field])


def share(
    part: Document,
    field: str,
    label: str,
    high: float,
    path: str,
    step: float = 0.05,
    **options: Any,
) -> float:
    """A slider from 0 (or `low`) to `high`."""
    low = float(options.pop("low", 0.0))
    value = float(min(max(part.get(field) or 0.0, low), high))
    key = widget_key(f"{path}.{field}")
    part[field] = float(st.slider(label, low, high, value, step, key=key, **options))
    return float(part[field])


def magnitude(
    part: Document, field: str, label: str, offered: Sequence[float], path: str, help: str
) -> None:
    """A number over many powers of ten: offered ones, or one that the reader types.

    What is no number is shown as a mistake, and the value before it stays in force.
    """
    current = float(part[field])
    options = sorted({*offered, current})
    chosen = st.selectbox(
        label,
        [f"{value:g}" for value in options],
        index=options.index(current),
        key=widget_key(f"{path}.{field}"),
        help=help + " Choose, or type a number of your own.",
        accept_new_options=True,
    )
    try:
        part[field] = float(str(chosen).replace(",", "."))
    except ValueError:
        st.error(f"{label} must be a number such as 0.03; got {str(chosen)[:20]!r}.")
