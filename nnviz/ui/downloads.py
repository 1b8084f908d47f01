"""Taking a run home: its history as tables, everything as one file, its settings as code."""

from __future__ import annotations

import streamlit as st

from nnviz.export import to_pytorch
from nnviz.runs import Run, history_frame, layers_frame, save_run


def downloads(run: Run) -> None:
    """A menu; nothing is made before its button is pressed."""
    with st.popover("Save", icon=":material/download:", key="downloads.menu"):
        st.download_button(
            "Losses and accuracies (CSV)",
            lambda: history_frame(run.history).to_csv(index=False).encode(),
            "nnviz-history.csv",
            "text/csv",
            on_click="ignore",
            key="downloads.history",
        )
        st.download_button(
            "Every layer's numbers (CSV)",
            lambda: layers_frame(run.history).to_csv(index=False).encode(),
            "nnviz-layers.csv",
            "text/csv",
            on_click="ignore",
            key="downloads.layers",
        )
        st.download_button(
            "Settings, weights and history (zip)",
            lambda: save_run(run),
            "nnviz-run.zip",
            "application/zip",
            on_click="ignore",
            disabled=run.standing is None,
            key="downloads.run",
        )
        st.download_button(
            "The same training in plain PyTorch",
            lambda: to_pytorch(run.lanes[0]).encode(),
            "nnviz_training.py",
            "text/x-python",
            on_click="ignore",
            key="downloads.code",
            help="A script with the same data, initial weights and batches: on a CPU it prints the"
            " losses of this training, update for update. Settings changed on the way count from"
            " its start.",
        )
        st.caption("The address of this page holds the settings: copy it to share them.")
