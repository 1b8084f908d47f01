"""The home page's parts: a small training to watch, and starting points to open."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import streamlit as st

from nnviz import figures
from nnviz.data import load
from nnviz.presets import PRESETS
from nnviz.records import Snapshot
from nnviz.runs import NoPlaceError, Run, shelf
from nnviz.spec import ExperimentSpec
from nnviz.ui import frame
from nnviz.ui.document import open_spec
from nnviz.ui.live_charts import Panel, live_charts

FRAME_SECONDS = 0.3
IDLE_SECONDS = 60.0
N_FRAMES = 40
_FRAME = "home.frame"
DEMONSTRATION = ExperimentSpec.model_validate(
    {
        "data": {"name": "spirals", "n_samples": 300, "noise": 0.05},
        "network": {
            "blocks": [{"kind": "dense", "width": 8}, {"kind": "dense", "width": 8}],
            "activation": "tanh",
        },
        "training": {"optimizer": {"learning_rate": 0.02}, "n_steps": 4000},
    }
)


def demonstration() -> None:
    """A real training on spirals, played once from its first step."""
    try:
        run = _demonstrated.run()
    except NoPlaceError:
        st.caption("All places for runs are taken, this picture's too.")
        return
    playing = st.session_state.get(_FRAME, 0) < N_FRAMES
    st.fragment(_play, run_every=FRAME_SECONDS if playing else IDLE_SECONDS)(run, playing)


class _Demonstrated:
    """One run for all readers, made again when it has been dropped."""

    def __init__(self) -> None:
        self._lock, self._id = threading.Lock(), ""

    def run(self) -> Run:
        with self._lock:
            run = shelf().run(self._id)
            if run is None:
                run = shelf().new_run((DEMONSTRATION,), "home")
                run.train()
                self._id = run.id
            shelf().touch(run.id)
            return run


_demonstrated = _Demonstrated()


def _play(run: Run, playing: bool) -> None:
    history = run.history.lane(0)
    if len(history) < 2:
        st.caption(run.waiting or "The untrained network is being measured.")
        return
    number = st.session_state.get(_FRAME, 0)
    st.session_state[_FRAME] = number + 1
    if playing and number >= N_FRAMES:
        st.rerun()
    _pictures(history[: _place(history, number) + 1])


def _place(history: Sequence[Snapshot], number: int) -> int:
    """Which snapshot a frame shows: evenly spread, the newest at the end."""
    return min(len(history) - 1, number * len(history) // N_FRAMES)


def _pictures(history: Sequence[Snapshot]) -> None:
    latest, data = history[-1], load(DEMONSTRATION.data).record
    live_charts(
        [
            Panel(
                "network",
                f"Spirals, step {latest.step:,}: {latest.test_accuracy:.0%} of the test points",
                figures.network_diagram(latest, data),
                "Each tile is what one hidden unit computes over the plane.",
                height=300,
                span=8,
            ),
            Panel(
                "answer",
                "The network's answer",
                figures.decision_surface(latest, data),
                "Blue and orange are the two classes; points are the data.",
                height=300,
                span=4,
            ),
        ],
        key="home.charts",
    )


def starting_points() -> None:
    """One card a preset; each opens the Playground ready to press Train."""
    st.header("Start from a phenomenon")
    names = list(PRESETS)
    for first in range(0, len(names), 3):
        for name, column in zip(names[first : first + 3], st.columns(3), strict=False):
            with column, st.container(border=True, height="stretch"):
                _card(name)


def _card(name: str) -> None:
    preset = PRESETS[name]
    st.markdown(f"**{preset.title}**")
    st.caption(preset.notice)
    if st.button("Open", icon=":material/play_arrow:", key=f"home.open.{name}"):
        open_spec(preset.spec, name)
        st.session_state["playground.preset"] = name
        st.switch_page(str(frame.ROOT / "pages" / "playground.py"), query_params={})
