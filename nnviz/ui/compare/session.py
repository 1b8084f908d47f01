"""This reader's comparison as a run with lanes: found again, changed, or begun anew."""

from __future__ import annotations

import streamlit as st

from nnviz.runs import Run, difference, needs_new_network, registry
from nnviz.spec import ComparisonSpec, ExperimentSpec, SpecError
from nnviz.ui.address import show_address
from nnviz.ui.compare.document import checked_comparison, open_comparison
from nnviz.ui.notices import refused, told_if_run_is_gone
from nnviz.ui.session import addressed_run, new_run, owner, watch

_OPENED, _RUN, _NEWS = "nnviz.compare.opened", "nnviz.compare.run", "nnviz.compare.news"
_SWEEP = "nnviz.compare.sweep"


def open_from_address() -> None:
    """Once a session: the comparison whose code the address holds."""
    if _OPENED in st.session_state:
        return
    st.session_state[_OPENED] = True
    st.session_state[_SWEEP] = st.query_params.get("sweep")
    if code := st.query_params.get("compare"):
        try:
            open_comparison(ComparisonSpec.from_code(code))
            told_if_run_is_gone()
        except SpecError as error:
            refused(f"The comparison in the address can't be used: {error}")


def current_run() -> tuple[ComparisonSpec, Run, list[str]]:
    """The comparison, its run, and what is wrong with what was asked (then nothing changed)."""
    comparison, mistakes = checked_comparison()
    run, experiments = _known_run(), comparison.experiments
    if run is None:
        run = new_run(experiments)
    elif run.lanes != experiments and not mistakes:
        run = _changed(run, experiments)
    st.session_state[_RUN] = run.id
    watch(run)
    address = {"compare": comparison.to_code(), "run": run.id}
    if sweep := st.session_state.get(_SWEEP):
        address["sweep"] = sweep
    show_address("compare", **address)
    return comparison, run, mistakes


def sweep_id() -> str | None:
    """Id of the repetition that was started last, if there was one."""
    found: str | None = st.session_state.get(_SWEEP)
    return found


def keep_sweep(found: str) -> None:
    """Remember the repetition that was started."""
    st.session_state[_SWEEP] = found


def news() -> str | None:
    """What the last change of settings did to the run, once."""
    found: str | None = st.session_state.pop(_NEWS, None)
    return found


def _known_run() -> Run | None:
    kept = registry().get(st.session_state.get(_RUN) or "")
    if kept is not None and kept.owner == owner():
        return kept
    return addressed_run(of_lanes=True)


def _changed(run: Run, experiments: tuple[ExperimentSpec, ...]) -> Run:
    same_number = len(run.lanes) == len(experiments)
    words = "the lanes"
    if same_number:
        pairs = zip(run.lanes, experiments, strict=True)
        told = [text for before, after in pairs for text in difference(before, after)]
        words = ", ".join(dict.fromkeys(told))
    if same_number and not any(map(needs_new_network, run.lanes, experiments)):
        run.change_training([lane.training for lane in experiments])
        st.session_state[_NEWS] = f"Changed {words}; all lanes go on from where they are."
        return run
    st.session_state[_NEWS] = f"Changed {words}; all lanes start at step 0."
    registry().drop(run.id)
    return new_run(experiments)
