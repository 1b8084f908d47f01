"""What a lab page shows of one measurement: numbers, notes, charts, and what to notice in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from nnviz.feed import Panel
from nnviz.ui.charts import charts


@dataclass(frozen=True)
class Shown:
    """`numbers`: label → value as text; `rows`: a table; `notes`: what limits what is shown."""

    panels: Sequence[Panel]
    noticing: str
    numbers: Mapping[str, str] = field(default_factory=dict)
    rows: Sequence[Mapping[str, Any]] = ()
    notes: Sequence[str] = ()


def show(shown: Shown, page: str) -> None:
    """Draw it: numbers, charts that are updated in place, table, notes, what to notice."""
    if shown.numbers:
        with st.container(horizontal=True, gap="small", key=f"lab.{page}.numbers"):
            for label, value in shown.numbers.items():
                st.metric(label, value)
    for note in shown.notes:
        st.info(note)
    if shown.panels:
        charts(shown.panels, key=f"lab.{page}.charts")
    if shown.rows:
        st.dataframe(list(shown.rows), hide_index=True, width="stretch")
    st.subheader("What to notice")
    st.markdown(shown.noticing)


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: a, b and c."""
    named = [name.replace("_", " ") for name in names]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
