"""The experiment that this session is editing, and the widgets' hold on it.

The document is the source of truth: each widget starts from it and is read back into it on every
script run. Widgets forget their state when the page changes; the document does not.
"""

from __future__ import annotations

import secrets
from typing import Any

import streamlit as st
from pydantic import ValidationError

from nnviz.spec import ExperimentSpec, readable_errors

Document = dict[str, Any]

_DOCUMENT = "nnviz.document"
_GENERATION = "nnviz.generation"
_VALID = "nnviz.valid_spec"
_ORIGIN = "nnviz.origin"
START = ExperimentSpec.model_validate(
    {"data": {"name": "moons"}, "training": {"n_steps": 5000, "batch_size": 10}}
)


def document() -> Document:
    """The document being edited; changed in place by the controls."""
    if _DOCUMENT not in st.session_state:
        open_spec(START)
    found: Document = st.session_state[_DOCUMENT]
    return found


def open_spec(spec: ExperimentSpec, origin: str | None = None) -> None:
    """Start editing another experiment; `origin` is the preset or link it came from."""
    edited = spec.model_dump(mode="json")
    for block in edited["network"]["blocks"]:
        block["uid"] = secrets.token_hex(4)
    st.session_state[_DOCUMENT] = edited
    st.session_state[_VALID] = spec
    st.session_state[_ORIGIN] = origin
    st.session_state[_GENERATION] = st.session_state.get(_GENERATION, 0) + 1


def origin() -> str | None:
    """Name of the preset that the document was opened from, if it was one."""
    found: str | None = st.session_state.get(_ORIGIN)
    return found


def widget_key(path: str) -> str:
    """Key of the widget for one field; another document gets other widgets."""
    return f"nnviz.{st.session_state.get(_GENERATION, 0)}.{path}"


def checked_spec() -> tuple[ExperimentSpec, list[str]]:
    """The spec of the document, and no sentence; or the last valid one and what is wrong."""
    asked = {**document(), "network": {**document()["network"]}}
    asked["network"]["blocks"] = [
        {name: value for name, value in block.items() if name != "uid"}
        for block in asked["network"]["blocks"]
    ]
    try:
        st.session_state[_VALID] = ExperimentSpec.model_validate(asked)
    except ValidationError as error:
        return st.session_state[_VALID], readable_errors(error)
    return st.session_state[_VALID], []
