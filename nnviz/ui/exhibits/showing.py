"""The one place that shows exhibits: choice, form, picture, words, code, and the ways on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st
from pydantic import ValidationError

from nnviz.base import Spec, readable_errors
from nnviz.spec.code import encoded
from nnviz.ui import frame
from nnviz.ui.address import show_address
from nnviz.ui.charts import Reel, charts
from nnviz.ui.compare.document import open_comparison
from nnviz.ui.controls.segments import fresh_path, renew, segments
from nnviz.ui.document import Document, open_spec
from nnviz.ui.exhibits.addressed import from_address
from nnviz.ui.exhibits.exhibit import Shown
from nnviz.ui.exhibits.form import form
from nnviz.ui.exhibits.measuring import Measurement
from nnviz.ui.exhibits.pieces import Pieces
from nnviz.ui.exhibits.scene import Scene, show_scene
from nnviz.ui.exhibits.words import told

FULL = "nnviz.full_numbers"


def show_exhibits(page: str, question: str, exhibits: Sequence[Shown]) -> None:
    """A page: its question, the choice of exhibits, and the chosen one."""
    frame.enter(page)
    by_name = {exhibit.name: exhibit for exhibit in exhibits}
    chosen: Document = st.session_state.setdefault(_document(page), {})
    if "view" not in chosen:
        chosen.update(from_address(by_name, exhibits[0]))
    with st.container(key="exhibit"):
        st.title(question)
        with st.container(horizontal=True, vertical_alignment="center", key="exhibit-choice"):
            if len(exhibits) > 1:
                segments(
                    chosen, "view", "Look at", list(by_name), fresh_path(page),
                    show=lambda name: by_name[name].title, hide_label=True,
                )  # fmt: skip
            _full_switch()
        exhibit = by_name[chosen["view"]]
        own = chosen.setdefault(exhibit.name, exhibit.settings().model_dump(mode="json"))
        _show(page, exhibit, own)


def open_exhibit(page: str, name: str, settings: Spec) -> None:
    """Go to an exhibit with these settings."""
    chosen: Document = st.session_state.setdefault(_document(page), {})
    chosen.update({"view": name, name: settings.model_dump(mode="json")})
    renew(page)
    st.switch_page(str(frame.ROOT / "pages" / f"{page}.py"), query_params={})


def _document(page: str) -> str:
    return f"nnviz.exhibits.{page}"


def _full_switch() -> None:
    """One switch for all pages, which forget their widgets when they are left."""
    st.session_state[FULL] = st.toggle(
        "Full numbers", st.session_state.get(FULL, False), key="exhibit-full",
        help="With standard errors, intervals and the distance from theory.",
    )  # fmt: skip


def _show(page: str, exhibit: Shown, document: Document) -> None:
    st.markdown(exhibit.lead)
    path = f"{fresh_path(page)}.{exhibit.name}"
    settings = _checked(page, exhibit, document)
    with st.sidebar:
        names = list(exhibit.fields(settings))
        form(document, exhibit.settings, [name for name in names if name not in exhibit.more], path)
        if folded := [name for name in names if name in exhibit.more]:
            with st.expander("More settings", key=f"{page}.more"):
                form(document, exhibit.settings, folded, path)
        if exhibit.controls is not None:
            exhibit.controls(document, path)
    settings = _checked(page, exhibit, document, tell=True)
    if list(exhibit.fields(settings)) != names:
        st.rerun()  # another choice has other settings
    code = {"view": exhibit.name, "settings": settings.model_dump(mode="json")}
    show_address(page, lab=encoded(code, {"settings": exhibit.settings().model_dump(mode="json")}))
    if isinstance(exhibit.measure, Pieces):
        st.fragment(_in_pieces)(page, exhibit, document, settings)
    else:
        measured = _kept(_identity(exhibit), settings.model_dump_json(), exhibit)
        _draw(page, exhibit, document, settings, measured)
    _ways_on(page, exhibit, settings)


def _in_pieces(page: str, exhibit: Shown, document: Document, settings: Spec) -> None:
    """Drawn anew when something has arrived; what was set meanwhile runs the whole script."""
    if st.session_state.pop(f"nnviz.exhibits.{page}.set", False):
        st.rerun()
    key = f"nnviz.exhibits.{page}.{exhibit.name}.measured"
    found = Measurement(key, exhibit.measure, settings)  # type: ignore[arg-type]
    found.enter()
    found.go_on()
    _transport(page, found)
    shown = settings, found.collected()
    if shown[1] is None:
        waits = "The first results are on their way." if found.live else "Press Measure."
        shown = st.session_state.get(f"{key}.shown", shown)
        before = "" if shown[1] is None else " Until then this is what was measured before."
        st.info(waits + before, icon=":material/hourglass_empty:")
    if shown[1] is not None:
        st.session_state[f"{key}.shown"] = shown
        _draw(page, exhibit, document, *shown)


def _transport(page: str, found: Measurement) -> None:
    if found.is_complete and found.live is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="exhibit-measuring"):
        if found.live is not None:
            st.button(
                "Cancel", icon=":material/stop:", on_click=found.cancel, key=f"{page}.cancel",
                help="What has arrived stays.",
            )  # fmt: skip
            found.progress()
        else:
            st.button(
                "Continue" if found.results else "Measure", icon=":material/play_arrow:",
                type="primary", on_click=found.ask, key=f"{page}.measure",
            )  # fmt: skip
            found.progress()
        if about := found.pieces.about(found.settings):
            st.caption(about)


def _draw(page: str, exhibit: Shown, document: Document, settings: Spec, measured: Any) -> None:
    is_full = st.session_state[FULL]
    key, on_set = f"exhibit.{page}.{exhibit.name}", partial(_set, page, exhibit, document)
    if refusal := exhibit.refusal(settings, measured):
        st.error(refusal)
    _actions(exhibit, settings, measured, on_set)
    picture = exhibit.picture(settings, measured)
    if isinstance(picture, Scene):
        show_scene(picture, f"{key}.scene", on_set)
    elif picture:
        click = charts(
            picture, key=f"{key}.picture", on_click=exhibit.click is not None, is_large=True,
            on_set=on_set, reel=_reel(exhibit, settings, measured),
        )  # fmt: skip
        if click is not None and exhibit.click is not None:
            _set(page, exhibit, document, exhibit.click(settings, click), is_made=True)
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


def _actions(exhibit: Shown, settings: Spec, measured: Any, on_set: Any) -> None:
    actions = exhibit.actions(settings, measured)
    if not actions:
        return
    with st.container(horizontal=True, key="exhibit-actions"):
        for place, action in enumerate(actions):
            st.button(
                action.label, icon=action.icon, help=action.help or None, disabled=action.disabled,
                type="primary" if action.primary else "secondary", shortcut=action.shortcut,
                key=f"exhibit.{exhibit.name}.action.{place}",
                on_click=partial(on_set, action.changes, is_made=True),
            )  # fmt: skip


def _ways_on(page: str, exhibit: Shown, settings: Spec) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="exhibit-ways"):
        if st.button(
            "Try it in training", icon=":material/play_arrow:", type="primary",
            key=f"exhibit.{page}.try",
        ):  # fmt: skip
            open_spec(exhibit.experiment(settings))
            st.switch_page(str(frame.ROOT / "pages" / "playground.py"), query_params={})
        if exhibit.lanes is not None and st.button(
            "Compare them live", icon=":material/compare:", key=f"exhibit.{page}.compare"
        ):
            frame.enter("compare")  # whose document is its own
            open_comparison(exhibit.lanes(settings))
            st.switch_page(str(frame.ROOT / "pages" / "compare.py"), query_params={})
        st.caption(f"Source: {exhibit.source}")
    with st.expander("The torch code for exactly this", key=f"exhibit.{page}.code"):
        st.code(exhibit.code(settings), language="python")


def _checked(page: str, exhibit: Shown, document: Document, tell: bool = False) -> Any:
    """The settings, valid; else what is wrong is said and the last valid ones hold."""
    key = f"nnviz.exhibits.{page}.{exhibit.name}.valid"
    try:
        st.session_state[key] = exhibit.settings.model_validate(document)
    except ValidationError as error:
        for sentence in readable_errors(error) if tell else ():
            st.error(sentence)
        st.session_state.setdefault(key, exhibit.settings())
    return st.session_state[key]


def _set(
    page: str,
    exhibit: Shown,
    document: Document,
    sent: Mapping[str, Any],
    is_made: bool = False,
) -> None:
    """What was set in the picture, if it makes valid settings; else nothing happens.

    What is not made by the exhibit itself came from a browser, and may be anything.
    """
    try:
        if not is_made:
            sent = exhibit.grasp(exhibit.settings.model_validate(document), sent)
        asked = exhibit.settings.model_validate({**document, **sent})
    except (ValidationError, ValueError, TypeError, KeyError, IndexError):
        return
    document.update(asked.model_dump(mode="json"))
    st.session_state[f"nnviz.exhibits.{page}.set"] = isinstance(exhibit.measure, Pieces)
    renew(page)


def _identity(exhibit: Shown) -> str:
    return f"{exhibit.settings.__module__}.{exhibit.name}"


@st.cache_resource(max_entries=256, show_spinner="Measuring…")
def _kept(name: str, settings: str, _exhibit: Shown) -> Any:
    return _exhibit.measure(_exhibit.settings.model_validate_json(settings))  # type: ignore[operator]
