"""Repeat with N seeds: how many, up to which step, on which data; and the button."""

from __future__ import annotations

import math

import streamlit as st
from pydantic import Field, ValidationError

from nnviz.base import Spec
from nnviz.experiments.paired_intervals import least_seeds, level_of_pair
from nnviz.experiments.seed_bands import DataDraw, seed_chunk
from nnviz.feed import Repetition
from nnviz.runs import NoPlaceError, shelf
from nnviz.spec import ComparisonSpec, readable_errors
from nnviz.ui.compare.session import keep_repetition, repetition
from nnviz.ui.live.session import owner

N_SEEDS, MAX_SEEDS = 8, 64
MAX_STEPS, USUAL_STEPS = 20_000, 3000
SEEDS_A_CHUNK = 2
N_CHECKPOINTS = 12


class RepeatSpec(Spec):
    """How a comparison is repeated."""

    n_seeds: int = Field(default=N_SEEDS, ge=2, le=MAX_SEEDS)
    to_step: int = Field(default=1000, ge=1, le=MAX_STEPS)
    data: DataDraw = "fixed"


def repeat_controls(comparison: ComparisonSpec) -> None:
    """How many seeds, up to which step, on which data; and the button."""
    kept = repetition()
    sweep = kept.sweep if kept is not None else None
    steps = _last(comparison)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        n_seeds = st.number_input(
            "Seeds", 2, MAX_SEEDS, N_SEEDS, key="compare.n_seeds", width=110,
            help="Every lane is trained once with each seed: initial weights, order of batches,"
            " dropout masks.",
        )  # fmt: skip
        to_step = st.number_input(
            "Steps", 1, MAX_STEPS, steps, step=100, width=130,
            key=f"compare.to_step.{steps}", help="How far each training goes.",
        )  # fmt: skip
        data = st.segmented_control(
            "Data", ["fixed", "fresh"], default="fixed", required=True, key="compare.draw",
            help="The same points for every seed, or a new draw and split for each.",
        )  # fmt: skip
        live = sweep is not None and sweep.is_live
        st.button(
            f"Repeat with {n_seeds} seeds", icon=":material/repeat:", type="primary",
            key="compare.repeat", disabled=live,
            on_click=repeat, args=(comparison, n_seeds, to_step, data),
        )  # fmt: skip
        if sweep is not None and live:
            st.button("Cancel", icon=":material/close:", key="compare.cancel",
                      on_click=sweep.cancel)  # fmt: skip


def _last(comparison: ComparisonSpec) -> int:
    """How far the trainings go unless the reader says otherwise."""
    return min(max(spec.training.n_steps for spec in comparison.experiments), USUAL_STEPS)


def hint(comparison: ComparisonSpec) -> str:
    """What to do before anything was repeated, or why what is shown is not of these settings."""
    found = repetition()
    if found is None:
        needed = least_seeds(level_of_pair(math.comb(len(comparison.lanes), 2)))
        return (
            "One training says little: another seed may turn the order around. Repeat all lanes"
            f" with the same seeds, at least {needed} of them, and see whether the gap stays."
        )
    if found.comparison != comparison:
        return "The settings have changed since; what follows is of the earlier ones."
    return ""


def repeat(
    comparison: ComparisonSpec, n_seeds: int, to_step: int | None = None, data: DataDraw = "fixed"
) -> None:
    """Train all lanes with each seed to this step, or to the end of what was asked for.

    Pressed again while these lanes are being repeated it does nothing.
    """
    kept = repetition()
    if kept is not None and kept.sweep.is_live and kept.comparison == comparison:
        return
    try:
        asked = RepeatSpec(n_seeds=n_seeds, to_step=to_step or _last(comparison), data=data)
    except ValidationError as error:
        st.toast("; ".join(readable_errors(error)), icon=":material/warning:")
        return
    first = comparison.base.training.seed
    seeds = [(first + k) % 2**31 for k in range(asked.n_seeds)]
    calls = [
        (seed_chunk, (comparison.experiments, seeds[k : k + SEEDS_A_CHUNK],
                      checkpoints(asked.to_step), asked.data, "cpu", False))
        for k in range(0, len(seeds), SEEDS_A_CHUNK)
    ]  # fmt: skip
    try:
        keep_repetition(Repetition(shelf().new_sweep(calls, owner(), comparison.to_code())))
    except NoPlaceError as error:
        st.toast(str(error), icon=":material/warning:")


def checkpoints(to_step: int) -> tuple[int, ...]:
    """Where the trainings are measured: about evenly, the last step included."""
    return tuple(
        sorted({max(1, to_step * k // N_CHECKPOINTS) for k in range(1, 1 + N_CHECKPOINTS)})
    )
