"""Eight figures that change at each tick: the page that the browser tests look at."""

import gc
import time

import numpy as np
import streamlit as st

from nnviz.feed import Panel
from nnviz.ui.charts import charts

POINTS = 1000
RNG = np.random.default_rng(0)
NOISE = RNG.standard_normal((6, POINTS)).cumsum(axis=1) / 30
DIVERGING = [
    [0, "var(--nnviz-negative)"],
    [0.5, "var(--nnviz-panel)"],
    [1, "var(--nnviz-positive)"],
]


def surface(tick: int, size: int) -> np.ndarray:
    grid = np.linspace(-3, 3, size)
    return np.sin(grid[:, None] * np.cos(tick / 20) + tick / 10) * np.cos(grid[None, :])


def lines(tick: int, n_lines: int) -> dict:
    x = np.arange(POINTS)
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": f"layer {place}",
            "x": x,
            "y": np.exp(-x / 400) + np.roll(NOISE[place], tick),
        }
        for place in range(n_lines)
    ]
    axes = {"xaxis": {"title": {"text": "step"}}, "yaxis": {"title": {"text": "loss"}}}
    return {"data": traces, "layout": {**axes, "legend": {"orientation": "h", "y": 1.1}}}


def map_of(tick: int) -> dict:
    heat = {"type": "heatmap", "z": surface(tick, 60), "zmin": -1, "zmax": 1}
    axes = {"xaxis": {"title": {"text": "x₁"}}, "yaxis": {"title": {"text": "x₂"}}}
    return {"data": [{**heat, "colorscale": DIVERGING}], "layout": axes}


def tiles(tick: int) -> dict:
    grid = np.vstack(
        [np.hstack([surface(tick + 3 * i + j, 20) for i in range(8)]) for j in range(4)]
    )
    trace = {"type": "heatmap", "z": grid, "colorscale": DIVERGING, "showscale": False}
    axes = {"xaxis": {"visible": False}, "yaxis": {"visible": False}}
    return {"data": [trace], "layout": axes}


def bars(tick: int) -> dict:
    heights = np.abs(surface(tick, 30)[4])
    trace = {"type": "bar", "y": heights, "marker": {"color": "var(--nnviz-train)"}}
    axes = {"yaxis": {"title": {"text": "share"}, "range": [0, 1]}}
    return {
        "data": [trace],
        "layout": {**axes, "title": {"text": f"step {tick}"}, "margin": {"t": 40}},
    }


def figures(tick: int) -> dict[str, dict]:
    return {
        "loss": lines(tick, 2),
        "map": map_of(tick),
        "norms": lines(tick + 5, 4),
        "tiles": tiles(tick),
        "bars": bars(tick),
        "ratio": lines(tick + 9, 3),
        "map-b": map_of(tick + 30),
        "bars-b": bars(tick + 7),
    }


HELP = "One sentence that says what this chart shows and where to look."
SPANS = {"loss": 8, "map": 4, "norms": 4, "tiles": 4, "bars": 4, "ratio": 4, "map-b": 4}


@st.fragment(run_every=float(st.query_params.get("every", "0.1")))
def live() -> None:
    tick = st.session_state.tick = st.session_state.get("tick", 0) + 1
    st.session_state.setdefault("since", time.monotonic())
    n_panels = int(st.query_params.get("panels", "8"))
    drawn = dict(list(figures(tick).items())[:n_panels])
    if st.session_state.get("hidden"):
        st.text("no charts")
    elif "native" in st.query_params:
        for name, figure in drawn.items():
            st.plotly_chart(figure, key=name)
    else:
        panels = [
            Panel(name, name.title(), figure, help=HELP, span=SPANS.get(name, 4))
            for name, figure in drawn.items()
        ]
        clicked = charts(panels, key="charts", on_click="click" in st.query_params)
        if clicked:
            st.session_state.clicked = clicked
    st.text(f"tick {tick} clicked {st.session_state.get('clicked')}")


st.set_page_config(layout="wide")
gc.freeze()
st.sidebar.title("Controls")
st.sidebar.slider("width", 1, 8)
st.sidebar.button("Train", type="primary")
st.sidebar.checkbox("Hide charts", key="hidden")
live()
