"""One field of a document as one widget, its value read back into the document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from nnviz.base import Spec
from nnviz.spec.fields import Described, described
from nnviz.spec.network import NetworkSpec
from nnviz.ui.document import Document, widget_key

INHERIT = "as the network"


def words(name: object) -> str:
    """A catalog name as the reader sees it."""
    return "default" if name is None else str(name).replace("_", " ")


LONGEST = 26
"""Letters that a select box of the sidebar shows in full."""


def brief(name: object, told: str) -> str:
    """A catalog name and a few words on it where the box holds both, else the name alone."""
    both = f"{words(name)}: {told}"
    return both if told and len(both) <= LONGEST else words(name)


def setting(
    part: Document,
    model: type[Spec],
    name: str,
    path: str,
    *,
    field: str | None = None,
    show: Callable[[Any], str] = words,
    **changes: Any,
) -> Any:
    """The widget of a spec's own field, labelled and bounded by what the field says of itself.

    `changes` replaces some of that; `field` is where the document has it, if not under `name`.
    """
    told = replace(described(model, name), **changes)
    place = field or name
    if told.offered:
        return magnitude(part, place, told.label, told.offered, path, told.help or "")
    if told.choices:
        return choice(part, place, told.label, told.choices, path, told.help, show)
    return _number(part, place, told, path)


def switch(part: Document, model: type[Spec], name: str, path: str) -> None:
    """A checkbox for a field that is on or off."""
    told = described(model, name)
    key = widget_key(f"{path}.{name}")
    part[name] = st.checkbox(told.label, bool(part[name]), key=key, help=told.help)


def _number(part: Document, field: str, told: Described, path: str) -> float:
    step: dict[str, Any] = {} if told.step is None else {"step": told.step}
    if told.step is None or told.step >= 1:
        bounds = int(told.low), int(told.high)
        return whole(part, field, told.label, *bounds, path, help=told.help, **step)
    return share(part, field, told.label, told.high, path, low=told.low, help=told.help, **step)


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


def inherited(
    part: Document,
    name: str,
    path: str,
    network: Document,
    choices: Sequence[Any] = (),
    field: str | None = None,
) -> None:
    """A select box whose first option leaves the field to the network's default."""
    told = described(NetworkSpec, name)
    place = field or name
    choice(
        part,
        place,
        told.label,
        [None, *(choices or told.choices)],
        path,
        show=lambda own: f"{words(network[place])} ({INHERIT})" if own is None else words(own),
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
