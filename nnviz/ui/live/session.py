"""This reader's run: found again after a refresh, and changed with the settings."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from textwrap import shorten

import streamlit as st

from nnviz.feed import COOKIE, LESSON, Viewer, owner_of, viewers
from nnviz.runs import NoPlaceError, Run, shelf
from nnviz.spec import ExperimentSpec
from nnviz.training import resolve_device


def owner() -> str:
    """Who may steer a run: this browser; without a cookie, all browsers of one address."""
    if st.context.headers:
        return owner_of({COOKIE: st.context.cookies.get(COOKIE) or ""}, address())
    found: str = st.session_state.setdefault("nnviz.owner", secrets.token_urlsafe(16))
    return found


def address() -> str:
    """The reader's network address; "" for this machine."""
    return st.context.ip_address or ""


def viewer_of(
    page: str,
    lanes: Sequence[ExperimentSpec],
    names: Sequence[str],
    mistakes: Sequence[str],
    it: str = "it",
) -> Viewer:
    """This page's look at the run of these lanes; with `mistakes` the run stays as it is."""
    viewer = kept_viewer(page)
    if viewer is None:
        run = addressed_run(of_lanes=page == "compare") or _new_run(lanes)
        viewer = viewers().add(Viewer(run, owner(), tuple(names)))
        st.session_state[_key(page)] = viewer
    seen = st.session_state.get(f"nnviz.{page}.seen")
    if viewer.run.lanes != tuple(lanes) and not mistakes:
        if seen is not None and seen != (viewer.run.path, viewer.run.lanes):
            st.rerun()  # a button of the stage took it another way while the script ran
        before = viewer.run.lanes[0]
        words = change(viewer, lanes, it) + _absent_device(before, lanes[0])
        st.session_state[f"nnviz.{page}.news"] = words
    st.session_state[f"nnviz.{page}.seen"] = viewer.run.path, viewer.run.lanes
    return viewer


def kept_viewer(page: str) -> Viewer | None:
    """The look that this session has had, while its run is on the shelf."""
    viewer: Viewer | None = st.session_state.get(_key(page))
    is_there = viewer is not None and shelf().run(viewer.run.id) is viewer.run
    return viewers().add(viewer) if viewer is not None and is_there else None


def moved_run(page: str) -> Run | None:
    """The run, if something else than this page's script took it another way: Undo, a new seed."""
    viewer = kept_viewer(page)
    if viewer is None:
        return None
    run = viewer.run
    seen, st.session_state[f"nnviz.{page}.seen"] = (
        st.session_state.get(f"nnviz.{page}.seen"), (run.path, run.lanes),
    )  # fmt: skip
    return run if seen is not None and seen != (run.path, run.lanes) else None


def news(page: str) -> str | None:
    """What the last change of settings did to the run, once."""
    found: str | None = st.session_state.pop(f"nnviz.{page}.news", None)
    return found


def addressed_run(of_lanes: bool = False) -> Run | None:
    """The run that the address names, if it is this reader's; one `of_lanes` or a single one."""
    run_id = st.query_params.get("run")
    run = shelf().run(run_id) if run_id else None
    if run is None or run.owner != owner() or (len(run.lanes) > 1) != of_lanes:
        return None
    return run


def change(viewer: Viewer, lanes: Sequence[ExperimentSpec], it: str) -> str:
    """Go on with other settings from what the viewer shows, and say so; undo brings back."""
    run, left, position, pace = viewer.run, viewer.run.path, viewer.position, viewer.pace
    path = run.change(lanes, position)
    viewer.point(None)
    if pace == LESSON:
        viewer.set_pace(LESSON)
    if run.path is left:
        return f"{path.told}."
    told = shorten(path.told, 160, placeholder=" and more")
    viewer.lay_under_what_was(left)
    back = "Undo brings back how it was." if left.step else ""
    if path.is_fork:
        return f"{told}; {it} goes on from step {path.step:,}. {back}"
    return f"{told}; {it} starts at step 0. {back}"


def _new_run(lanes: Sequence[ExperimentSpec]) -> Run:
    """A run of this reader at step 0; where there is no room the page says so and ends."""
    try:
        run = shelf().new_run(lanes, owner(), address())
    except NoPlaceError as error:
        st.error(str(error))
        st.stop()
    Viewer(run, "", ()).set_pace(LESSON)
    return run


def _absent_device(before: ExperimentSpec, after: ExperimentSpec) -> str:
    """A sentence where a device was just asked for that is not there."""
    asked = after.training.device
    _, sentence = resolve_device(asked)
    return f" {sentence}" if sentence and asked != before.training.device else ""


def _key(page: str) -> str:
    return f"nnviz.{page}.viewer"
