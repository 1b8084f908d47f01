"""Moving through a run's history: one slider over the steps that were kept, and a Live button."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from nnviz.ui.static_files import loader

_COMPONENT = st.components.v2.component(
    "nnviz_scrubber", js=loader("scrubber"), isolate_styles=False
)
_MOVES = "nnviz.scrubber"


def scrubber(
    steps: Sequence[int],
    position: int | None,
    *,
    key: str,
    divergence_step: int | None = None,
) -> int | None:
    """The step the reader wants to see; None follows the newest.

    `position` is what is shown now: keep the answer and pass it in again. It is a step, so it
    stays the same when the history is thinned and its place among `steps` changes. `steps` rise.
    `divergence_step` marks where the numbers stopped being finite.
    """
    moves: dict[str, int | None] = st.session_state.setdefault(_MOVES, {})
    shown = moves.pop(key, position)
    _COMPONENT(
        key=key,
        data={"steps": [int(step) for step in steps], "position": shown, "broken": divergence_step},
        on_move_change=partial(_move, key),
    )
    return shown


def _move(key: str) -> None:
    """Kept until the scrubber is next drawn, so an interrupted run does not lose it."""
    moved = st.session_state[key].get("move")
    if not isinstance(moved, dict):
        return
    step = moved.get("step")
    if step is None or type(step) is int:
        st.session_state.setdefault(_MOVES, {})[key] = step
