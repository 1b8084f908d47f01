"""This reader's comparison as a run with lanes: found again, and changed with the settings."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import streamlit as st

from nnviz.experiments.comparisons import COMPARISONS
from nnviz.runs import Path, Run, shelf
from nnviz.spec import ComparisonSpec, SpecError
from nnviz.ui.address import show_address
from nnviz.ui.compare.document import checked_comparison, open_comparison
from nnviz.ui.notices import refused, told_if_run_is_gone
from nnviz.ui.session import addressed_run, changed, new_run, owner, watch

SCRUBBER = "compare.scrubber"
_OPENED, _RUN, _NEWS = "nnviz.compare.opened", "nnviz.compare.run", "nnviz.compare.news"
_SWEEP, _SEEN = "nnviz.compare.sweep", "nnviz.compare.seen"
_asked: WeakKeyDictionary[Path, ComparisonSpec] = WeakKeyDictionary()
"""What was asked for on each way: a run knows its lanes' settings, not their names."""


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


def follow_run() -> None:
    """Edit what the run is now, if something else moved it: Undo, or another window."""
    run = shelf().run(st.session_state.get(_RUN) or "")
    if run is None or st.session_state.get(_SEEN) == (run.path, run.lanes):
        return
    comparison = _asked.get(run.path)
    if comparison is not None and comparison.experiments == run.lanes:
        names = [name for name, known in COMPARISONS.items() if known.spec == comparison]
        open_comparison(comparison, origin := next(iter(names), None))
        st.session_state["compare.preset"] = origin
    st.session_state[_SEEN] = run.path, run.lanes


def current_run() -> tuple[ComparisonSpec, Run, list[str]]:
    """The comparison, its run, and what is wrong with what was asked (then nothing changed)."""
    comparison, mistakes = checked_comparison()
    run, experiments = _known_run(), comparison.experiments
    if run is None:
        run = new_run(experiments)
    elif run.lanes != experiments and not mistakes:
        st.session_state[_NEWS] = changed(run, experiments, SCRUBBER, "every lane")
    if run.lanes == experiments:
        _asked[run.path] = comparison
    st.session_state[_RUN] = run.id
    st.session_state[_SEEN] = run.path, run.lanes
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
    kept = shelf().run(st.session_state.get(_RUN) or "")
    if kept is not None and kept.owner == owner():
        return kept
    return addressed_run(of_lanes=True)
