"""Moving through a run: one slider over every step that was passed, and a Live button."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from nnviz.ui.static_files import loader

_COMPONENT = st.components.v2.component(
    "nnviz_scrubber", js=loader("scrubber"), isolate_styles=False
)
_MOVES = "nnviz.scrubber"


def moved(key: str, position: int | None) -> int | None:
    """Where the reader has moved this scrubber, else `position`."""
    moves: dict[str, int | None] = st.session_state.setdefault(_MOVES, {})
    return moves.pop(key, position)


def scrubber(
    steps: Sequence[int],
    position: int | None,
    *,
    key: str,
    until: int | None = None,
    note: str = "",
    divergence_step: int | None = None,
) -> int | None:
    """The step the reader wants to see; None follows the newest.

    `position` is what is shown now: keep the answer and pass it in again. Any step from 0 to
    `until` (by default the last of `steps`) can be chosen; `steps` rise, and are those at which
    dragging and the page keys stop. `note` is a few words below. `divergence_step` marks where
    the numbers stopped being finite.
    """
    shown = moved(key, position)
    recorded = [int(step) for step in steps]
    _COMPONENT(
        key=key,
        data={
            "steps": recorded,
            "until": max(recorded, default=None) if until is None else until,
            "position": shown,
            "note": note,
            "broken": divergence_step,
        },
        on_move_change=partial(_move, key),
    )
    return shown


def _move(key: str) -> None:
    """Kept until the scrubber is next drawn, so an interrupted run does not lose it."""
    found = st.session_state[key].get("move")
    if not isinstance(found, dict):
        return
    step = found.get("step")
    if step is None or type(step) is int:
        st.session_state.setdefault(_MOVES, {})[key] = step
