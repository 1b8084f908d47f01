"""The experiment that this session is editing, and the widgets' hold on it.

The document is the source of truth: each widget starts from it and is read back into it on every
script run. Widgets forget their state when the page changes; the document does not.
"""

from __future__ import annotations

import copy
import secrets
from typing import Any

import streamlit as st
from pydantic import ValidationError

from nnviz.presets import preset_of
from nnviz.spec import ExperimentSpec, readable_errors

Document = dict[str, Any]

PAGES_WITH_THEIR_OWN = ("compare",)
"""Pages that edit an experiment of their own; all others open the Playground's."""
_PAGE = "nnviz.page"
START = ExperimentSpec.model_validate(
    {"data": {"name": "moons"}, "training": {"n_steps": 5000, "batch_size": 10}}
)


def document() -> Document:
    """The document being edited; changed in place by the controls."""
    if _key("document") not in st.session_state:
        open_spec(START)
    found: Document = st.session_state[_key("document")]
    return found


def open_spec(spec: ExperimentSpec, origin: str | None = None) -> None:
    """Start editing another experiment.

    `origin` is the preset or comparison that it came from. Without one, settings that are just
    those of a preset are known again, so that a refresh, a link and Undo keep its name.
    """
    if origin is None and st.session_state.get(_PAGE) not in PAGES_WITH_THEIR_OWN:
        origin = preset_of(spec)
    edited = spec.model_dump(mode="json")
    edited["network"]["blocks"] = [with_uids(block) for block in edited["network"]["blocks"]]
    st.session_state[_key("document")] = edited
    st.session_state[_key("valid_spec")] = spec
    st.session_state[_key("origin")] = origin
    st.session_state[_key("generation")] = st.session_state.get(_key("generation"), 0) + 1


def origin() -> str | None:
    """Name of the preset that the document was opened from, if it was one."""
    found: str | None = st.session_state.get(_key("origin"))
    return found


def forget_origin() -> None:
    """From now on the settings are the reader's own."""
    st.session_state[_key("origin")] = None


def widget_key(path: str) -> str:
    """Key of the widget for one field; another document gets other widgets."""
    return _key(f"{st.session_state.get(_key('generation'), 0)}.{path}")


def checked_spec() -> tuple[ExperimentSpec, list[str]]:
    """The spec of the document, and no sentence; or the last valid one and what is wrong."""
    asked = {**document(), "network": {**document()["network"]}}
    asked["network"]["blocks"] = [_without_uids(block) for block in asked["network"]["blocks"]]
    try:
        st.session_state[_key("valid_spec")] = ExperimentSpec.model_validate(asked)
    except ValidationError as error:
        return st.session_state[_key("valid_spec")], readable_errors(error)
    return st.session_state[_key("valid_spec")], []


def with_uids(block: Document) -> Document:
    """A copy of a block that is told from the first one, and so are the blocks in it."""
    copied = {**copy.deepcopy(block), "uid": secrets.token_hex(4)}
    if "blocks" in copied:
        copied["blocks"] = [with_uids(inner) for inner in copied["blocks"]]
    return copied


def _without_uids(block: Document) -> Document:
    asked = {name: value for name, value in block.items() if name != "uid"}
    if "blocks" in asked:
        asked["blocks"] = [_without_uids(inner) for inner in asked["blocks"]]
    return asked


def _key(name: str) -> str:
    page = st.session_state.get(_PAGE)
    return f"nnviz.{page}.{name}" if page in PAGES_WITH_THEIR_OWN else f"nnviz.{name}"
