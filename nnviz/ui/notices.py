"""What the reader has to know before going on: it stays until it is put away."""

from __future__ import annotations

import streamlit as st

from nnviz.runs import shelf


def refused(sentence: str) -> None:
    """Something that was asked for can't be had."""
    st.toast(sentence, icon=":material/warning:", duration="infinite")


def told_if_run_is_gone() -> None:
    """Where the address names a run that nobody has: its settings are what is left of it."""
    run_id = st.query_params.get("run")
    if run_id is None or shelf().run(run_id) is not None:
        return
    st.toast(
        "The run of this address is gone: the server was started anew, or nobody had watched it"
        " for long. Its settings are open; **Train** begins them again from step 0.",
        icon=":material/info:",
        duration="infinite",
    )
