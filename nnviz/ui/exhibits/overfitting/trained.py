"""What three exhibits train over seeds: in which pieces, and whose network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from nnviz.experiments.overfitting.collecting import missing_pieces
from nnviz.experiments.overfitting.settings import START, OverfittingSettings
from nnviz.experiments.overfitting.training import train_lane
from nnviz.runs.sweep import Call
from nnviz.ui.controls import data_controls, network_controls, training_controls
from nnviz.ui.document import Document, checked_spec, document, open_spec, widget_key
from nnviz.ui.exhibits.pieces import Pieces, when_asked

EXAMPLE, OWN = "an example", "my own network"
_ADOPTED = "nnviz.overfitting.adopted"


def trained(
    collect: Callable[[Any, Sequence[Any]], Any], starts: Callable[[Any], bool] = when_asked
) -> Pieces[Any, Any]:
    """The seeds of all lanes of the settings, a few at once."""
    return Pieces(_calls, collect, lambda settings: settings.question, starts, _about)


def _calls(settings: OverfittingSettings, known: Sequence[Any]) -> Sequence[Call]:
    return [(train_lane, (settings, piece)) for piece in missing_pieces(settings, known)]


def _about(settings: OverfittingSettings) -> str:
    n, steps = len(settings.lanes), settings.asked.training.n_steps
    seconds = max(3, round(n * settings.seconds_of_one * (1 + settings.n_seeds / 24)))
    return (
        f"{n} training{'' if n == 1 else 's'} × {settings.n_seeds} seeds, {steps:,} steps each:"
        f" about {seconds:,} s"
    )


def whose(asked: Document, path: str) -> None:
    """The choice, and the own network's form; `asked["experiment"]` is None for the example."""
    if _ADOPTED not in st.session_state and asked["experiment"] is not None:
        open_spec(OverfittingSettings(experiment=asked["experiment"]).asked)
    st.session_state[_ADOPTED] = True
    chosen = st.segmented_control(
        "Train", (EXAMPLE, OWN), default=EXAMPLE if asked["experiment"] is None else OWN,
        required=True, key=widget_key(f"{path}.whose"),
        help="Your own network is the one of the Playground.",
    )  # fmt: skip
    if chosen == EXAMPLE:
        asked["experiment"] = None
        st.caption(
            f"{START.data.n_train} noisy points of two moons, a fifth of their labels wrong, and"
            " two layers of 64 ReLU units: more than 4,000 weights."
        )
        return
    edited = document()
    for title, part in (
        ("Data", data_controls), ("Network", network_controls), ("Training", training_controls),
    ):  # fmt: skip
        with st.expander(title, key=f"{path}.{title.lower()}"):
            part(edited)
    spec, mistakes = checked_spec()
    for mistake in mistakes:
        st.error(mistake)
    asked["experiment"] = spec.model_dump(mode="json")
