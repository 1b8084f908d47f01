"""This reader's comparison as a run with lanes: found again, and changed with the settings."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import streamlit as st

from nnviz.feed import Repetition, Viewer
from nnviz.runs import Path, shelf
from nnviz.spec import ComparisonSpec, SpecError
from nnviz.ui.address import show_address
from nnviz.ui.compare.document import checked_comparison, open_comparison
from nnviz.ui.live.session import moved_run, owner, viewer_of
from nnviz.ui.notices import refused, told_if_run_is_gone

PAGE = "compare"
_OPENED, _REPETITION = "nnviz.compare.opened", "nnviz.compare.repetition"
_asked: WeakKeyDictionary[Path, ComparisonSpec] = WeakKeyDictionary()
"""What was asked for on each way: a run knows its lanes' settings, not their names."""


def open_from_address() -> None:
    """Once a session: the comparison whose code the address holds."""
    if _OPENED in st.session_state:
        return
    st.session_state[_OPENED] = True
    sweep_id = st.query_params.get("sweep")
    sweep = shelf().sweep(sweep_id, owner()) if sweep_id else None
    if sweep is not None:
        keep_repetition(Repetition(sweep))
    if code := st.query_params.get("compare"):
        try:
            open_comparison(ComparisonSpec.from_code(code))
            told_if_run_is_gone()
        except SpecError as error:
            refused(f"The comparison in the address can't be used: {error}")


def follow_run() -> None:
    """Edit what the run is now, if something else moved it: Undo, or another window."""
    run = moved_run(PAGE)
    if run is None:
        return
    comparison = _asked.get(run.path)
    if comparison is not None and comparison.experiments == run.lanes:
        open_comparison(comparison)


def current_viewer() -> tuple[ComparisonSpec, Viewer, list[str]]:
    """The comparison, its run, and what is wrong with what was asked (then nothing changed)."""
    comparison, mistakes = checked_comparison()
    viewer = viewer_of(PAGE, comparison.experiments, comparison.names, mistakes, "every lane")
    if viewer.run.lanes == comparison.experiments:
        _asked[viewer.run.path] = comparison
    address = {"compare": comparison.to_code(), "run": viewer.run.id}
    if (found := repetition()) is not None:
        address["sweep"] = found.sweep.id
    show_address(PAGE, **address)
    return comparison, viewer, mistakes


def repetition() -> Repetition | None:
    """The repetition that was started last, if there is one."""
    found: Repetition | None = st.session_state.get(_REPETITION)
    return found


def keep_repetition(found: Repetition) -> None:
    """Remember the repetition that was started."""
    st.session_state[_REPETITION] = found
