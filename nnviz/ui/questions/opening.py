"""From a run to the questions that can be asked about its network."""

from __future__ import annotations

import streamlit as st

from nnviz.ui import frame
from nnviz.ui.questions.bias_variance import WISH


def bias_variance_button() -> None:
    """Opens the bias-variance page with the session's own network."""
    if st.button(
        "", icon=":material/scatter_plot:", key="playground.bias_variance",
        help="Bias and variance: train this network on many fresh training sets. What do all"
        " replicates miss, and how far do they scatter?",
    ):  # fmt: skip
        st.session_state[WISH] = True
        st.switch_page(str(frame.ROOT / "pages" / "bias_variance.py"), query_params={})
