"""A scene: a picture that the reader takes hold of, drawn by a script of our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import streamlit as st

from nnviz.figures.theme import TOKENS
from nnviz.ui.static_files import loader


@dataclass(frozen=True)
class Scene:
    """`assets/<script>.js` draws `facts`, plain JSON; what the reader sets comes back by name."""

    script: str
    facts: Mapping[str, Any]


def show_scene(scene: Scene, key: str, on_set: Callable[[Mapping[str, Any]], None]) -> None:
    """Draw it. `on_set` gets what the reader set with his hand, before the script runs again.

    What a browser sends may be anything: `on_set` must check it.
    """

    def tell() -> None:
        sent = st.session_state[key].get("set")
        if isinstance(sent, dict):
            on_set(sent)

    data = {"facts": scene.facts, "tokens": {name: list(pair) for name, pair in TOKENS.items()}}
    _component(scene.script)(key=key, data=data, on_set_change=tell)


@cache
def _component(script: str) -> Any:
    return st.components.v2.component(f"nnviz_{script}", js=loader(script), isolate_styles=False)
