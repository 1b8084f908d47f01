"""A run with its views in `st.plotly_chart`, asked for by a fragment: the peer of the live page."""

from collections.abc import Sequence

import streamlit as st

from nnviz.data import load
from nnviz.feed import Asked, Panel
from nnviz.feed.looking import look
from nnviz.feed.view import Shown
from nnviz.feed.views import default_views, drawn
from nnviz.figures import Series, to_plotly
from nnviz.runs import shelf
from nnviz.spec import ExperimentSpec

TICK_SECONDS = 0.12


def plotly_charts(panels: Sequence[Panel]) -> None:
    """All figures but the network's, which is no Plotly figure, in a grid of three columns."""
    row, free = st.columns(3), 0
    for panel in panels:
        if panel.id == "network":
            continue
        if free + panel.span // 4 > 3:
            row, free = st.columns(3), 0
        with row[free]:
            figure = to_plotly(dict(panel.figure)).update_layout(height=panel.height)
            st.plotly_chart(figure, key=panel.id, width="stretch")
        free += max(1, panel.span // 4)


@st.fragment(run_every=TICK_SECONDS)
def live() -> None:
    """What a tick shows."""
    run, series = st.session_state.run, st.session_state.series
    shelf().touch(run.id)
    found = look(run, None)
    if found is None:
        return
    spec = run.lanes[0]
    taken = found.entry[0]
    series.update([entry[0] for entry in found.charted])
    st.metric("Step", f"{taken.step:,}")
    st.metric("Updates/s", f"{run.updates_per_second:,.0f}")
    asked, data = Asked(default_views((spec,))), load(spec.data).record
    plotly_charts(drawn(Shown([""], [spec], [series], [taken], [data], asked)))


st.set_page_config(layout="wide")
if "run" not in st.session_state:
    spec = ExperimentSpec.from_code(st.query_params["code"])
    st.session_state.run, st.session_state.series = shelf().new_run((spec,), "peer"), Series()
st.button("Train", on_click=st.session_state.run.train)
live()
