"""What an exhibit shows of a measurement: buttons, picture, numbers, words; what is set in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st
from pydantic import ValidationError

from nnviz.base import Spec
from nnviz.ui.charts import Reel, charts
from nnviz.ui.controls.segments import renew
from nnviz.ui.document import Document
from nnviz.ui.exhibits.exhibit import Shown
from nnviz.ui.exhibits.scene import Scene, show_scene
from nnviz.ui.exhibits.words import told

FULL = "nnviz.full_numbers"
Change = Callable[[Callable[[], Mapping[str, Any]]], None]


def draw(page: str, exhibit: Shown, document: Document, settings: Spec, measured: Any) -> None:
    """The page of these settings; what is set there goes into the document."""
    is_full = st.session_state[FULL]
    key, change = f"exhibit.{page}.{exhibit.name}", partial(_change, page, exhibit, document)

    def on_set(sent: Mapping[str, Any]) -> None:
        change(lambda: exhibit.grasp(exhibit.settings.model_validate(document), sent))

    if refusal := exhibit.refusal(settings, measured):
        st.error(refusal)
    _actions(exhibit, settings, measured, change)
    picture = exhibit.picture(settings, measured)
    if isinstance(picture, Scene):
        show_scene(picture, f"{key}.scene", on_set)
    elif picture:
        click = charts(
            picture, key=f"{key}.picture", on_click=exhibit.click is not None, is_large=True,
            on_set=on_set, reel=_reel(exhibit, settings, measured),
        )  # fmt: skip
        if click is not None and exhibit.click is not None:
            change(partial(exhibit.click, settings, click))
            st.rerun()
    if exhibit.watch is not None:
        exhibit.watch(settings, measured)
    if numbers := exhibit.numbers(settings, measured):
        with st.container(horizontal=True, gap="small", key=f"exhibit.{page}.numbers"):
            for label, value in numbers.items():
                st.metric(label, told(value, is_full))
    if rows := exhibit.table(settings, measured):
        shown = [{name: _cell(value, is_full) for name, value in row.items()} for row in rows]
        st.table(shown)
    st.markdown(f"**What to notice.** {told(exhibit.notice(settings, measured), is_full)}")
    if panels := exhibit.panels(settings, measured):
        with st.expander("More pictures", key=f"exhibit.{page}.panels"):
            charts(panels, key=f"{key}.panels")


def _reel(exhibit: Shown, settings: Spec, measured: Any) -> Reel | None:
    if exhibit.play is None:
        return None
    frames = partial(exhibit.play.frames, settings, measured)
    name = f"{exhibit.name} {settings.model_dump_json()}"
    return Reel(name, frames, exhibit.play.label, exhibit.play.seconds)


def _cell(value: Any, is_full: bool) -> Any:
    return told(value, is_full) if isinstance(value, str) else value


def _actions(exhibit: Shown, settings: Spec, measured: Any, change: Change) -> None:
    actions = exhibit.actions(settings, measured)
    if not actions:
        return
    with st.container(horizontal=True, key="exhibit-actions"):
        for place, action in enumerate(actions):
            st.button(
                action.label, icon=action.icon, help=action.help or None, disabled=action.disabled,
                type="primary" if action.primary else "secondary", shortcut=action.shortcut,
                key=f"exhibit.{exhibit.name}.action.{place}",
                on_click=change, args=(partial(dict, action.changes),),
            )  # fmt: skip


def was_set(page: str) -> str:
    """Where it is told that something was set in the picture of a measurement in pieces."""
    return f"nnviz.exhibits.{page}.set"


def _change(
    page: str, exhibit: Shown, document: Document, changes: Callable[[], Mapping[str, Any]]
) -> None:
    """Make these changes if they make valid settings; else nothing happens.

    They come from what a browser sent, which may be anything.
    """
    try:
        asked = exhibit.settings.model_validate({**document, **changes()})
    except (ValidationError, ValueError, TypeError, KeyError, IndexError, OverflowError):
        return
    document.update(asked.model_dump(mode="json"))
    st.session_state[was_set(page)] = True
    renew(page)
