"""The comparison that this session is editing: the base as on the Playground, and its lanes."""

from __future__ import annotations

import secrets
from typing import Any

import streamlit as st
from pydantic import ValidationError

from nnviz.experiments.comparisons import COMPARISONS, DEFAULT_COMPARISON, comparison_of
from nnviz.spec import ComparisonSpec, readable_errors
from nnviz.spec.comparison import MAX_LANES, MIN_LANES
from nnviz.ui.document import Document, checked_spec, open_spec

_LANES, _VALID = "nnviz.compare.lanes", "nnviz.compare.valid"


def open_comparison(comparison: ComparisonSpec, origin: str | None = None) -> None:
    """Start editing another comparison; without an `origin` it is known again by its settings."""
    open_spec(comparison.base, origin or comparison_of(comparison))
    st.session_state[_VALID] = comparison
    st.session_state[_LANES] = [
        _with_ids(lane.model_dump(mode="json")) for lane in comparison.lanes
    ]


def lanes() -> list[Document]:
    """The lanes being edited, in order; changed in place by the controls."""
    if _LANES not in st.session_state:
        open_comparison(COMPARISONS[DEFAULT_COMPARISON].spec, DEFAULT_COMPARISON)
    found: list[Document] = st.session_state[_LANES]
    return found


def checked_comparison() -> tuple[ComparisonSpec, list[str]]:
    """The comparison as edited, and no sentence; or the last valid one and what is wrong."""
    edited = lanes()
    base, mistakes = checked_spec()
    if not mistakes:
        try:
            st.session_state[_VALID] = ComparisonSpec.model_validate(
                {"base": base, "lanes": [_plain(lane) for lane in edited]}
            )
        except ValidationError as error:
            mistakes = readable_errors(error)
    found: ComparisonSpec = st.session_state[_VALID]
    return found, mistakes


def add_lane() -> None:
    """A lane like the last one."""
    copy_lane(lanes()[-1])


def copy_lane(lane: Document) -> None:
    """The same lane once more behind it, under another name."""
    edited = lanes()
    if len(edited) < MAX_LANES:
        copied = _with_ids({**_plain(lane), "name": _free_name(lane["name"])})
        edited.insert(edited.index(lane) + 1, copied)


def remove_lane(lane: Document) -> None:
    """Without this lane; at least two stay."""
    if len(lanes()) > MIN_LANES:
        lanes().remove(lane)


def add_override(lane: Document, path: str, value: Any) -> None:
    """The lane gets a setting of its own."""
    lane["overrides"].append({"uid": secrets.token_hex(4), "path": path, "value": value})


def value_in_base(path: str, base: Document) -> Any:
    """What the base has at a dotted path."""
    found: Any = base
    for name in path.split("."):
        found = found[name]
    return found


def _free_name(name: str) -> str:
    taken = {lane["name"] for lane in lanes()}
    return next(
        candidate
        for number in range(2, len(taken) + 3)
        if (candidate := f"{name[:28]} {number}") not in taken
    )


def _with_ids(lane: Document) -> Document:
    overrides = [{**override, "uid": secrets.token_hex(4)} for override in lane["overrides"]]
    return {**lane, "overrides": overrides, "uid": secrets.token_hex(4)}


def _plain(lane: Document) -> Document:
    overrides = [{"path": own["path"], "value": own["value"]} for own in lane["overrides"]]
    return {"name": lane["name"], "overrides": overrides}
