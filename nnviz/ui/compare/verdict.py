"""Repeat with N seeds: a sweep in the background, its bands and differences, and one sentence."""

from __future__ import annotations

import math

import streamlit as st
from pydantic import Field, ValidationError

from nnviz.experiments.paired_intervals import least_seeds, level_of_pair
from nnviz.experiments.seed_bands import DataDraw, SeedBandsRecord, collect, seed_chunk
from nnviz.experiments.verdict import verdict
from nnviz.experiments.verdict_records import VerdictRecord
from nnviz.records import QUALITY
from nnviz.runs import NoPlaceError, Sweep, engine, shelf
from nnviz.spec import ComparisonSpec, readable_errors
from nnviz.spec.base import Spec
from nnviz.ui.compare.seed_panels import seed_panels
from nnviz.ui.compare.session import keep_sweep, sweep_id
from nnviz.ui.compare.words import plain
from nnviz.ui.live_charts import Panel
from nnviz.ui.session import owner

N_SEEDS, MAX_SEEDS = 8, 64
MAX_STEPS = 20_000
SEEDS_A_CHUNK = 2
N_CHECKPOINTS = 12
_STOPPED = {
    "cancelled": "Cancelled; what had arrived is shown.",
    "failed": "Every part of the repetition failed.",
}


class RepeatSpec(Spec):
    """How a comparison is repeated."""

    n_seeds: int = Field(default=N_SEEDS, ge=2, le=MAX_SEEDS)
    to_step: int = Field(default=1000, ge=1, le=MAX_STEPS)
    data: DataDraw = "fixed"


def repeat_controls(comparison: ComparisonSpec) -> None:
    """How many seeds, up to which step, on which data; and the button."""
    sweep = current_sweep()
    steps = max(spec.training.n_steps for spec in comparison.experiments)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        n_seeds = st.number_input(
            "Seeds", 2, MAX_SEEDS, N_SEEDS, key="compare.n_seeds", width=110,
            help="Every lane is trained once with each seed: initial weights, order of batches,"
            " dropout masks.",
        )  # fmt: skip
        to_step = st.number_input(
            "Steps", 1, MAX_STEPS, min(steps, 3000), step=100, width=130,
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
            on_click=_start, args=(comparison, n_seeds, to_step, data),
        )  # fmt: skip
        if sweep is not None and live:
            st.button("Cancel", icon=":material/close:", key="compare.cancel",
                      on_click=sweep.cancel)  # fmt: skip


def current_sweep() -> Sweep | None:
    """The repetition that this reader started last."""
    found = sweep_id()
    return shelf().sweep(found, owner()) if found else None


def verdict_view(comparison: ComparisonSpec, sweep: Sweep | None) -> list[Panel]:
    """Progress and words; the charts are returned, to be drawn with all others."""
    if sweep is None:
        n_pairs = math.comb(len(comparison.lanes), 2)
        needed = least_seeds(level_of_pair(n_pairs))
        st.info(
            "One training says little: another seed may turn the order around. Repeat all lanes"
            f" with the same seeds, at least {needed} of them, and see whether the gap stays."
        )
        return []
    shelf().touch(sweep.id)
    told = ComparisonSpec.from_code(sweep.about)
    _progress(sweep)
    if told != comparison:
        st.warning("The settings have changed since; what follows is of the earlier ones.")
    if not sweep.results:
        return []
    bands = collect(sweep.results)
    found = verdict(bands, told.names)
    if not sweep.is_live:
        _sentences(found, bands)
    return seed_panels(bands, found, told.names, told.base)


def _start(comparison: ComparisonSpec, n_seeds: int, to_step: int, data: DataDraw) -> None:
    try:
        asked = RepeatSpec(n_seeds=n_seeds, to_step=to_step, data=data)
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
        keep_sweep(shelf().new_sweep(calls, owner(), comparison.to_code()).id)
    except NoPlaceError as error:
        st.toast(str(error), icon=":material/warning:")


def checkpoints(to_step: int) -> tuple[int, ...]:
    """Where the trainings are measured: about evenly, the last step included."""
    return tuple(
        sorted({max(1, to_step * k // N_CHECKPOINTS) for k in range(1, 1 + N_CHECKPOINTS)})
    )


def _progress(sweep: Sweep) -> None:
    if sweep.is_live:
        left = sweep.seconds_left
        soon = "starting" if left is None else f"about {max(1, round(left))} s left"
        st.progress(sweep.fraction, f"{sweep.n_done} of {sweep.n_calls} parts done, {soon}")
        if waiting := engine().waiting:
            st.warning(waiting)
    elif sweep.status in _STOPPED:
        st.warning(_STOPPED[sweep.status])
    for number, text in sweep.failures.items():
        st.error(f"Part {number + 1} of {sweep.n_calls} failed: {plain(text)}")


def _sentences(found: VerdictRecord, bands: SeedBandsRecord) -> None:
    for pair in found.pairs:
        st.markdown(f"⚖️ **{plain(pair.sentence)}**")
    st.caption(plain(found.assumption))
    seeds = f"{len(bands.seeds)} seeds: {', '.join(map(str, bands.seeds))}"
    with st.expander("How this was decided", key="compare.method"):
        compared = f"Test {QUALITY[bands.task]} and test loss, {seeds}; data: {bands.data}."
        st.markdown(plain(f"{found.method} {compared}"))
