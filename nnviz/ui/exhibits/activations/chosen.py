"""Several activations: as a setting, a widget, words and code, and an experiment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import streamlit as st
from pydantic import AfterValidator, Field

from nnviz.blocks.learned import ActivationName
from nnviz.catalog.activations import ACTIVATIONS
from nnviz.spec import ExperimentSpec
from nnviz.ui.controls.fields import words
from nnviz.ui.document import Document, widget_key
from nnviz.ui.exhibits.signal_code import module_code


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


def modules_code(names: Sequence[str]) -> str:
    """A dictionary of their modules, as code."""
    return "{" + ", ".join(f"{name!r}: {module_code(name)}" for name in names) + "}"


def on(data: str, widths: Sequence[int], activation: str, **network: Any) -> ExperimentSpec:
    """Dense layers of these widths with the activation, on these data."""
    blocks = [{"kind": "dense", "width": width} for width in widths]
    network = {"blocks": blocks, "activation": activation, **network}
    return ExperimentSpec.model_validate({"data": {"name": data}, "network": network})
