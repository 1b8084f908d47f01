"""A small live training inside a page that is about something else."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nnviz.feed import LESSON, Asked, Viewer, viewers
from nnviz.runs import NoPlaceError, shelf
from nnviz.spec import ExperimentSpec
from nnviz.ui.live.session import address, owner
from nnviz.ui.live.stage import stage


def watched(
    key: str,
    specs: Sequence[ExperimentSpec],
    names: Sequence[str] = ("",),
    asked: Asked | None = None,
    *,
    is_bare: bool = False,
    starts: bool = False,
    opens: str = "",
) -> Viewer | None:
    """A training of these lanes, kept while they stay the same, on a stage of its own.

    With `starts` it plays by itself, once, in 20 seconds; `is_bare` is without buttons; `opens`
    as a stage has it. None where there is no place for another run, which the page then says.
    """
    kept, lanes = f"nnviz.watched.{key}", tuple(specs)
    viewer: Viewer | None = st.session_state.get(kept)
    if viewer is None or shelf().run(viewer.run.id) is None or viewer.run.lanes != lanes:
        try:
            run = shelf().new_run(lanes, owner(), address())
        except NoPlaceError as error:
            st.caption(str(error))
            return None
        viewer = st.session_state[kept] = Viewer(run, owner(), tuple(names), asked or Asked())
        viewer.set_pace(LESSON)
        if starts:
            run.train()
    if asked is not None:
        viewer.show(asked, names)
    stage(viewers().add(viewer), key=f"{key}.stage", is_bare=is_bare, opens=opens)
    return viewer
