"""The buttons that steer a run, and their keys."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from nnviz.runs import Run
from nnviz.runs.place import n_steps_of
from nnviz.ui.looking import point, pointed
from nnviz.ui.presses import once
from nnviz.ui.ways import walk

SPEEDS: dict[str, float | None] = {
    "1/s": 1.0,
    "10/s": 10.0,
    "100/s": 100.0,
    "max": None,
}


def transport(run: Run, on_new_seed: Callable[[], None], key: str) -> None:
    """Train or pause, steps forth and back, reset, new seed, undo and speed.

    `key` is the scrubber's, which follows the newest again when the run moves.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        _train_or_pause(run, key)
        _steps(run, key)
        st.button(
            "Reset", icon=":material/replay:", shortcut="0",
            on_click=once, args=(_move, run, run.reset, key),
            key="transport.reset", help="Back to step 0 with the same initial weights (0).",
        )  # fmt: skip
        st.button(
            "New seed", icon=":material/casino:", shortcut="N", key="transport.reseed",
            on_click=once, args=(on_new_seed,),
            help="Other initial weights and another order of the batches (N).",
        )  # fmt: skip
        _undo_and_redo(run, key)
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


def _train_or_pause(run: Run, key: str) -> None:
    """Two buttons of different names: a late press on one must not be taken for the other."""
    if run.status == "running":
        st.button(
            "Pause", icon=":material/pause:", type="primary", shortcut="Space",
            on_click=run.pause, key="transport.pause", help="Rest at this step (space).",
        )  # fmt: skip
        return
    is_at_end = 0 < run.target <= run.current_step
    more = f"Train for another {n_steps_of(run.lanes):,} steps (space)."
    st.button(
        "Train on" if is_at_end else "Train",
        icon=":material/play_arrow:",
        type="primary",
        shortcut="Space",
        on_click=once,
        args=(_move, run, run.train, key),
        disabled=run.status == "diverged",
        key="transport.train",
        help=more if is_at_end else f"Train to step {max(run.target, 1):,} (space).",
    )


def _steps(run: Run, key: str) -> None:
    over = run.status == "diverged"
    st.button(
        "", icon=":material/skip_previous:", shortcut="B", on_click=once, args=(_back, run, key),
        disabled=run.status == "running" or not run.current_step,
        key="transport.back", help="Back one step (B).",
    )  # fmt: skip
    st.button(
        "Step", icon=":material/skip_next:", shortcut="S",
        on_click=once, args=(_move, run, run.step, key),
        disabled=over, key="transport.step", help="One update, then rest (S).",
    )  # fmt: skip
    st.button(
        "Epoch", icon=":material/fast_forward:", shortcut="E",
        on_click=once, args=(_move, run, run.epochs, key),
        disabled=over, key="transport.epoch",
        help="To the end of this pass over the training set (E).",
    )  # fmt: skip


def _undo_and_redo(run: Run, key: str) -> None:
    st.button(
        "", icon=":material/undo:", shortcut="Ctrl+Z", disabled=not run.can_undo,
        on_click=once, args=(walk, run, run.undo, key), key="transport.undo",
        help="Undo the last change: its settings and the run as it was (Ctrl+Z).",
    )  # fmt: skip
    st.button(
        "", icon=":material/redo:", shortcut="Ctrl+Shift+Z", disabled=not run.can_redo,
        on_click=once, args=(walk, run, run.redo, key), key="transport.redo",
        help="Redo what was undone (Ctrl+Shift+Z).",
    )  # fmt: skip


def _move(run: Run, move: Callable[[], None], key: str) -> None:
    point(run, key, None)
    move()


def _back(run: Run, key: str) -> None:
    """One step before what is shown; the run itself goes back where its newest step is."""
    position = pointed(run, key)
    if position is None:
        run.seek(run.current_step - 1)
    else:
        point(run, key, max(0, position - 1))
