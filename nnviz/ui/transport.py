"""The buttons that steer a run, and their keys."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from nnviz.runs import Run

SPEEDS: dict[str, float | None] = {
    "1/s": 1.0,
    "10/s": 10.0,
    "100/s": 100.0,
    "max": None,
}


def transport(run: Run, on_new_seed: Callable[[], None]) -> None:
    """Train or pause, single step, one epoch, reset, new seed and speed."""
    running = run.status == "running"
    over = run.status == "diverged"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        st.button(
            "Pause" if running else "Train",
            icon=":material/pause:" if running else ":material/play_arrow:",
            type="primary",
            shortcut="Space",
            on_click=run.pause if running else run.train,
            disabled=over,
            key="transport.train",
            help="Start or stop the training (space).",
        )
        st.button(
            "Step", icon=":material/skip_next:", shortcut="S", on_click=run.step,
            disabled=running or over, key="transport.step", help="One update (S).",
        )  # fmt: skip
        st.button(
            "Epoch", icon=":material/fast_forward:", shortcut="E", on_click=run.epochs, args=(1,),
            disabled=running or over, key="transport.epoch",
            help="One pass over the training set (E).",
        )  # fmt: skip
        st.button(
            "Reset", icon=":material/replay:", shortcut="0", on_click=run.reset,
            key="transport.reset", help="Back to step 0 with the same initial weights (0).",
        )  # fmt: skip
        st.button(
            "New seed", icon=":material/casino:", shortcut="N", key="transport.reseed",
            on_click=on_new_seed,
            help="Other initial weights and another order of the batches (N).",
        )  # fmt: skip
        speed = st.segmented_control(
            "Speed",
            list(SPEEDS),
            default="max",
            required=True,
            help="Updates a second; max is as fast as the worker goes.",
            key="transport.speed",
            label_visibility="collapsed",
        )
    run.set_speed(SPEEDS[speed])
