"""The overfitting page's sidebar: whose network, how often, when to stop."""

from __future__ import annotations

import streamlit as st

from nnviz.experiments.overfitting.settings import N_EVALUATIONS, ROUNDS, START
from nnviz.ui.controls import data_controls, network_controls, training_controls
from nnviz.ui.controls.fields import choice, magnitude, whole
from nnviz.ui.document import Document, checked_spec, document, widget_key
from nnviz.ui.questions.overfitting import PAGE, own_network

WHOSE = ("an example", "my own network")


def controls(asked: Document) -> None:
    """The sidebar."""
    with st.sidebar:
        own = st.segmented_control(
            "Train", WHOSE, default=WHOSE[asked["experiment"] is not None], required=True,
            key=f"{PAGE}.whose", help="Your own network is the one of the Playground.",
        )  # fmt: skip
        if own == WHOSE[1]:
            _network()
            asked["experiment"] = own_network()
        else:
            asked["experiment"] = None
            st.caption(
                f"{START.data.n_train} noisy points of two moons, a fifth of their labels wrong,"
                " and two layers of 64 ReLU units: more than 4,000 weights."
            )
        choice(
            asked, "n_seeds", "Seeds", list(ROUNDS), PAGE, show=str,
            help="Each seed has its own training set, initial weights and batch order; all"
            " comparisons are made seed by seed.",
        )  # fmt: skip
        st.markdown("**Early stopping**")
        whole(
            asked, "patience", "Patience (evaluations)", 1, 24, PAGE,
            help="How many evaluations in a row may fail to improve before training stops. There"
            f" are {N_EVALUATIONS} in a training, evenly spread.",
        )  # fmt: skip
        magnitude(
            asked, "min_delta", "Minimum difference", (0.0, 0.001, 0.01, 0.05), PAGE,
            "How much the validation loss must fall to count as an improvement.",
        )  # fmt: skip
        asked["log_loss"] = st.toggle(
            "Losses on a log axis", asked["log_loss"], key=widget_key(f"{PAGE}.log_loss")
        )


def _network() -> None:
    edited = document()
    with st.expander("Data", key=f"{PAGE}.data"):
        data_controls(edited)
    with st.expander("Network", key=f"{PAGE}.network"):
        network_controls(edited)
    with st.expander("Training", key=f"{PAGE}.training"):
        training_controls(edited)
    for mistake in checked_spec()[1]:
        st.error(mistake)
