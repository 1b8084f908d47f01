"""Which exhibit the address names, with which settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
from pydantic import ValidationError

from nnviz.base import SpecError, readable_errors
from nnviz.spec.code import decoded
from nnviz.ui.document import Document
from nnviz.ui.exhibits.exhibit import Shown
from nnviz.ui.notices import refused


def from_address(by_name: Mapping[str, Shown], first: Shown) -> Document:
    """The chosen exhibit and its settings; without an address the first one."""
    code = st.query_params.get("lab")
    if code is None:
        return {"view": first.name}
    try:
        exhibit, asked = _named(by_name, decoded(code))
        own = exhibit.settings.model_validate(asked)
        return {"view": exhibit.name, exhibit.name: own.model_dump(mode="json")}
    except (SpecError, ValidationError) as error:
        why = str(error) if isinstance(error, SpecError) else "; ".join(readable_errors(error)[:3])
        refused(f"The settings in the address can't be used: {why}. These are the defaults.")
        return {"view": first.name}


def _named(by_name: Mapping[str, Shown], found: Any) -> tuple[Shown, Any]:
    """An exhibit and its settings; earlier links have the settings of all exhibits side by side."""
    if not isinstance(found, dict):
        raise SpecError("it names no exhibit of this page")
    named = by_name.get(str(found.get("view")))
    if isinstance(found.get("settings"), dict):
        if named is not None:
            return named, found["settings"]
    else:
        flat = {name: value for name, value in found.items() if name != "view"}
        fitting = [named] if named is not None else list(by_name.values())
        known = [{n: v for n, v in flat.items() if n in e.settings.model_fields} for e in fitting]
        most = max(range(len(fitting)), key=lambda place: len(known[place]))
        if known[most] or named is not None:
            return fitting[most], known[most]
    raise SpecError("it names no exhibit of this page")
