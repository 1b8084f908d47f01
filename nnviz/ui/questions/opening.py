"""From a run to the questions that can be asked about its network."""

from __future__ import annotations

import streamlit as st

from nnviz.spec import ExperimentSpec
from nnviz.ui import frame
from nnviz.ui.questions.bias_variance import WISH


def bias_variance_button(spec: ExperimentSpec) -> None:
    """Opens the bias-variance page with the session's own network, if it answers once a point."""
    answers_once = spec.data.positions is None
    if st.button(
        "", icon=":material/scatter_plot:", key="playground.bias_variance",
        disabled=not answers_once,
        help="Bias and variance: train this network on many fresh training sets. What do all"
        " replicates miss, and how far do they scatter?" if answers_once else
        "Bias and variance are measured of one answer a point; here each position has one.",
    ):  # fmt: skip
        st.session_state[WISH] = True
        st.switch_page(str(frame.ROOT / "pages" / "bias_variance.py"), query_params={})
