"""From a run to the question of its network's bias and variance."""

from __future__ import annotations

import streamlit as st
from pydantic import ValidationError

from nnviz.base import readable_errors
from nnviz.experiments.complexity.presets import about_network
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.showing import open_exhibit


def bias_variance_button(spec: ExperimentSpec) -> None:
    """Opens the page with the session's own network, if it answers once a point."""
    answers_once = spec.data.positions is None
    if st.button(
        "", icon=":material/scatter_plot:", key="playground.bias_variance",
        disabled=not answers_once,
        help="Bias and variance: train this network on many fresh training sets. What do all"
        " replicates miss, and how far do they scatter?" if answers_once else
        "Bias and variance are measured of one answer a point; here each position has one.",
    ):  # fmt: skip
        try:
            asked = about_network(spec)
        except ValidationError as error:
            st.toast(readable_errors(error)[0], icon=":material/warning:")
        else:
            open_exhibit("bias_variance", "network", asked)
