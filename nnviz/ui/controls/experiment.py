"""The whole experiment in the sidebar: data, network, training, each in its own fold."""

from __future__ import annotations

import streamlit as st

from nnviz.ui.controls.data import data_controls
from nnviz.ui.controls.network import network_controls
from nnviz.ui.controls.training import training_controls
from nnviz.ui.document import Document


def experiment_controls(edited: Document, page: str, is_open: bool = True) -> None:
    """Edit all three parts of a document."""
    with st.expander("Data", expanded=is_open, key=f"{page}.data"):
        data_controls(edited)
    with st.expander("Network", expanded=is_open, key=f"{page}.network"):
        network_controls(edited)
    with st.expander("Training", expanded=is_open, key=f"{page}.training"):
        training_controls(edited)
