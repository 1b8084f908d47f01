"""The Playground with `st.plotly_chart` in place of the live charts, for comparison."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from nnviz.figures import to_plotly
from nnviz.ui import frame, playground
from nnviz.ui.live_charts import Panel


def plotly_charts(panels: Sequence[Panel], *, key: str) -> None:
    """The same figures in the same grid."""
    row, free = st.columns(3), 0
    for panel in panels:
        if free + panel.span // 4 > 3:
            row, free = st.columns(3), 0
        with row[free]:
            figure = to_plotly(dict(panel.figure)).update_layout(height=panel.height)
            st.plotly_chart(figure, key=f"{key}.{panel.id}", width="stretch")
        free += max(1, panel.span // 4)


playground.live_charts = plotly_charts
st.set_page_config(layout="wide")
st.session_state["nnviz.framed"] = True
frame._start_once()
page = Path(__file__).parents[2] / "pages" / "playground.py"
st.navigation([st.Page(page, title="Playground", default=True)], position="hidden").run()
