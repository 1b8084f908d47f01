"""The normalization lab's editable table: its size, its numbers, torch's documented example."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nnviz.experiments.normalization.groups import TORCH_DOCUMENTATION
from nnviz.ui.controls.fields import whole
from nnviz.ui.document import Document
from nnviz.ui.labs.normalization import PAGE
from nnviz.ui.labs.segments import fresh_path, renew

LARGEST = 8
"""Most samples, channels, rows and columns of a block."""
_BASE = "nnviz.lab.normalization.base"


def own_table(document: Document) -> DeltaGenerator:
    """The editable table where the block is one; returns the place beside it."""
    if document["view"] != "cells" or document["shape"] != "table":
        return st.container()
    left, right = st.columns(2)
    with left:
        st.markdown("**Your numbers** (click into a cell to change it)")
        _edit_table(document)
    right.markdown("**torch's output**")
    return right


def _edit_table(document: Document) -> None:
    """The table of the reader's own numbers; an empty cell keeps the number it had."""
    table = document["table"]
    key = f"{fresh_path(PAGE)}.{len(table)}.{len(table[0])}.editor"
    kept = st.session_state.get(_BASE)
    if kept is None or kept[0] != key or key not in st.session_state:
        names = [f"feature {c}" for c in range(len(table[0]))]
        kept = (key, pd.DataFrame(table, columns=names, dtype=float))
        st.session_state[_BASE] = kept
    edited = st.data_editor(kept[1], key=key, hide_index=False, alt="The input table, editable")
    for n, row in enumerate(edited.itertuples(index=False)):
        for c, value in enumerate(row):
            if value is None or not math.isfinite(value):
                st.error(
                    f"Sample {n}, feature {c} needs a number; the one before it stays in force."
                )
            else:
                table[n][c] = float(value)


def table_size(document: Document) -> tuple[int, int]:
    """Rows and columns to choose; new cells hold 0."""
    table = document["table"]
    size = {"rows": len(table), "columns": len(table[0])}
    left, right = st.columns(2)
    with left:
        n_rows = whole(size, "rows", "Samples N", 1, LARGEST, fresh_path(PAGE))
    with right:
        n_columns = whole(size, "columns", "Features C", 1, LARGEST, fresh_path(PAGE))
    wide = [[*row, *[0.0] * n_columns][:n_columns] for row in table]
    wide += [[0.0] * n_columns for _ in range(n_rows - len(wide))]
    document["table"] = wide[:n_rows]
    st.button(
        "torch's documented example",
        key=f"{fresh_path(PAGE)}.reset",
        on_click=_reset,
        args=(document,),
    )
    return n_rows, n_columns


def _reset(document: Document) -> None:
    document.update(
        table=[list(row) for row in TORCH_DOCUMENTATION], kind="batch", groups=1, gamma=1.0,
        beta=0.0, epsilon=1e-5,
    )  # fmt: skip
    renew(PAGE)
