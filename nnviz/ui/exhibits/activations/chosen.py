"""Several activations: as a setting, and as a widget."""

from __future__ import annotations

from typing import Annotated

import streamlit as st
from pydantic import AfterValidator, Field

from nnviz.blocks.learned import ActivationName
from nnviz.catalog.activations import ACTIVATIONS
from nnviz.ui.controls.fields import words
from nnviz.ui.document import Document, widget_key


def _some(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise ValueError("choose at least one activation")
    return tuple(dict.fromkeys(names))


Names = Annotated[tuple[ActivationName, ...], Field(max_length=17), AfterValidator(_some)]


def choose(document: Document, field: str, path: str) -> None:
    """Any of them."""
    document[field] = st.multiselect(
        "Activations", list(ACTIVATIONS), [n for n in document[field] if n in ACTIVATIONS],
        key=widget_key(f"{path}.{field}"), format_func=words, placeholder="Choose activations",
    )  # fmt: skip


def listed(names: list[str]) -> str:
    """Names in a sentence: a, b and c."""
    named = [name.replace("_", " ") for name in names]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
