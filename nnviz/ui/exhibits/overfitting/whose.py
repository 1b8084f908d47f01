"""Whose network is trained: the page's example, or the reader's own of the Playground."""

from __future__ import annotations

import streamlit as st

from nnviz.experiments.overfitting.settings import START, OverfittingSettings
from nnviz.ui.controls import data_controls, network_controls, training_controls
from nnviz.ui.document import Document, checked_spec, document, open_spec, widget_key

EXAMPLE, OWN = "an example", "my own network"
_ADOPTED = "nnviz.overfitting.adopted"


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
    _form(path)
    asked["experiment"] = checked_spec()[0].model_dump(mode="json")


def _form(path: str) -> None:
    edited = document()
    with st.expander("Data", key=f"{path}.data"):
        data_controls(edited)
    with st.expander("Network", key=f"{path}.network"):
        network_controls(edited)
    with st.expander("Training", key=f"{path}.training"):
        training_controls(edited)
    for mistake in checked_spec()[1]:
        st.error(mistake)
