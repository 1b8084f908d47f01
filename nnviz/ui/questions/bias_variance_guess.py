"""Predict first: the reader's guess, and whether what was measured may be seen beside it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from nnviz.figures.complexity_curves import part_name
from nnviz.figures.expected_shapes import EXPECTED_SHAPES
from nnviz.ui.questions.bias_variance import PAGE, Asked

GUESSED = ("bias", "variance", "risk")
_REVEALED = "nnviz.bias_variance.revealed"


def ask_guess(asked: Asked) -> Mapping[str, str]:
    """Shapes for the parts that the reader expects; those not chosen are left out."""
    record, chosen = asked.record(), {}
    with st.container(border=True):
        st.markdown("**What do you expect, from left to right?**")
        for part, column in zip(GUESSED, st.columns(len(GUESSED)), strict=True):
            with column:
                chosen[part] = st.selectbox(
                    part_name(record, part), list(EXPECTED_SHAPES), index=None,
                    placeholder="choose a shape", key=f"{PAGE}.guess.{part}",
                    format_func=lambda name: EXPECTED_SHAPES[name][0],
                )  # fmt: skip
        revealed = st.session_state.get(_REVEALED) == asked.found.question
        st.button(
            "Hide what was measured" if revealed else "Show what was measured",
            on_click=_reveal, args=(None if revealed else asked.found.question,),
            disabled=not any(chosen.values()), key=f"{PAGE}.reveal",
        )  # fmt: skip
    return {part: name for part, name in chosen.items() if name}


def _reveal(question: str | None) -> None:
    st.session_state[_REVEALED] = question


def is_hidden(asked: Asked, guess: Mapping[str, str] | None) -> bool:
    """Whether what was measured is kept from a reader who has yet to say what to expect."""
    return guess is not None and st.session_state.get(_REVEALED) != asked.found.question
