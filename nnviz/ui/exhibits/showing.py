"""The one place that shows exhibits: choice, form, measurement, code, and the ways on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from pydantic import ValidationError

from nnviz.base import Spec, readable_errors
from nnviz.spec.code import encoded
from nnviz.ui import frame
from nnviz.ui.address import show_address
from nnviz.ui.compare.document import open_comparison
from nnviz.ui.controls.segments import fresh_path, renew, segments
from nnviz.ui.document import Document, open_spec
from nnviz.ui.exhibits.addressed import from_address
from nnviz.ui.exhibits.drawing import FULL, draw, was_set
from nnviz.ui.exhibits.exhibit import Shown
from nnviz.ui.exhibits.form import form
from nnviz.ui.exhibits.measuring import Measurement
from nnviz.ui.exhibits.pieces import Pieces


def show_exhibits(page: str, question: str, exhibits: Sequence[Shown]) -> None:
    """A page: its question, the choice of exhibits, and the chosen one."""
    frame.enter(page)
    by_name = {exhibit.name: exhibit for exhibit in exhibits}
    chosen: Document = st.session_state.setdefault(_document(page), {})
    if "view" not in chosen:
        chosen.update(from_address(by_name, exhibits[0]))
    with st.container(key="exhibit"):
        with st.container(horizontal=True, vertical_alignment="center", key="exhibit-head"):
            st.title(question, width="content")
            _full_switch()
        if len(exhibits) > 1:
            segments(
                chosen, "view", "Look at", list(by_name), fresh_path(page),
                show=lambda name: by_name[name].title, hide_label=True,
            )  # fmt: skip
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
    st.session_state[was_set(page)] = False
    if isinstance(exhibit.measure, Pieces):
        st.fragment(_in_pieces)(page, exhibit, document, settings)
    else:
        measured = _kept(_identity(exhibit), settings.model_dump_json(), exhibit)
        draw(page, exhibit, document, settings, measured)
    _ways_on(page, exhibit, settings)


def _in_pieces(page: str, exhibit: Shown, document: Document, settings: Spec) -> None:
    """Drawn anew when something has arrived; what was set meanwhile runs the whole script."""
    if st.session_state[was_set(page)]:
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
        draw(page, exhibit, document, *shown)


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


def _identity(exhibit: Shown) -> str:
    return f"{exhibit.settings.__module__}.{exhibit.name}"


@st.cache_resource(max_entries=256, show_spinner="Measuring…")
def _kept(name: str, settings: str, _exhibit: Shown) -> Any:
    return _exhibit.measure(_exhibit.settings.model_validate_json(settings))  # type: ignore[operator]
