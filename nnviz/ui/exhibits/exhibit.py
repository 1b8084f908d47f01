"""An exhibit: one thing to see, with all that its page needs to show it; and the showing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

import streamlit as st
from pydantic import ValidationError

from nnviz.base import Spec, SpecError, readable_errors
from nnviz.feed import Panel
from nnviz.spec import ExperimentSpec
from nnviz.spec.code import decoded, encoded
from nnviz.ui import frame
from nnviz.ui.address import show_address
from nnviz.ui.charts import charts
from nnviz.ui.document import Document, open_spec
from nnviz.ui.exhibits.form import form
from nnviz.ui.exhibits.scene import Scene, show_scene
from nnviz.ui.labs.segments import fresh_path, renew, segments
from nnviz.ui.notices import refused

S = TypeVar("S", bound=Spec)
M = TypeVar("M")


def _no_panels(settings: Any, measured: Any) -> Sequence[Panel]:
    return ()


def _no_numbers(settings: Any, measured: Any) -> Mapping[str, str]:
    return {}


def _every_field(settings: Any) -> Sequence[str]:
    return tuple(type(settings).model_fields)


@dataclass(frozen=True)
class Exhibit(Generic[S, M]):
    """One thing to see. `measure` computes it, once for equal settings of all readers.

    `lead` says in a sentence what the picture shows and where to look; `picture` is the one large
    picture: a scene, or panels. `fields` are the settings that have a widget, in order, as they
    apply; all others are set by hand in the picture. `watch` draws, after the picture, what is
    live. `experiment` is what to try in training.
    """

    name: str
    title: str
    lead: str
    settings: type[S]
    measure: Callable[[S], M]
    picture: Callable[[S, M], Scene | Sequence[Panel]]
    notice: Callable[[S, M], str]
    code: Callable[[S], str]
    source: str
    experiment: Callable[[S], ExperimentSpec]
    panels: Callable[[S, M], Sequence[Panel]] = _no_panels
    numbers: Callable[[S, M], Mapping[str, str]] = _no_numbers
    fields: Callable[[S], Sequence[str]] = _every_field
    watch: Callable[[S, M], None] | None = None


Shown = Exhibit[Any, Any]


def show_exhibits(page: str, question: str, exhibits: Sequence[Shown]) -> None:
    """A page: its question, the choice of exhibits, and the chosen one."""
    frame.enter(page)
    st.title(question)
    by_name = {exhibit.name: exhibit for exhibit in exhibits}
    chosen: Document = st.session_state.setdefault(f"nnviz.exhibits.{page}", {})
    if not chosen:
        chosen.update(_from_address(by_name, exhibits[0]))
    segments(
        chosen, "view", "Look at", list(by_name), fresh_path(page),
        show=lambda name: by_name[name].title, hide_label=True,
    )  # fmt: skip
    exhibit = by_name[chosen["view"]]
    document = chosen.setdefault(exhibit.name, exhibit.settings().model_dump(mode="json"))
    _show(page, exhibit, document)


def _show(page: str, exhibit: Shown, document: Document) -> None:
    path = f"{fresh_path(page)}.{exhibit.name}"
    st.markdown(exhibit.lead)
    settings = _checked(page, exhibit, document)
    with st.sidebar:
        form(document, exhibit.settings, exhibit.fields(settings), path)
    settings = _checked(page, exhibit, document, tell=True)
    code = {"view": exhibit.name, "settings": settings.model_dump(mode="json")}
    show_address(page, lab=encoded(code, {"settings": exhibit.settings().model_dump(mode="json")}))
    measured = _measured(exhibit, settings)
    if (picture := exhibit.picture(settings, measured)) and isinstance(picture, Scene):
        on_set = partial(_set, page, exhibit, document)
        show_scene(picture, f"exhibit.{page}.{exhibit.name}.scene", on_set)
    elif not isinstance(picture, Scene):
        charts(picture, key=f"exhibit.{page}.{exhibit.name}.picture")
    if exhibit.watch is not None:
        exhibit.watch(settings, measured)
    if numbers := exhibit.numbers(settings, measured):
        with st.container(horizontal=True, gap="small", key=f"exhibit.{page}.numbers"):
            for label, value in numbers.items():
                st.metric(label, value)
    st.markdown(f"**What to notice.** {exhibit.notice(settings, measured)}")
    if panels := exhibit.panels(settings, measured):
        charts(panels, key=f"exhibit.{page}.{exhibit.name}.panels")
    with st.expander("The torch code for exactly this", key=f"exhibit.{page}.code"):
        st.code(exhibit.code(settings), language="python")
    st.caption(f"Source: {exhibit.source}")
    if st.button(
        "Try it in training", icon=":material/play_arrow:", type="primary",
        key=f"exhibit.{page}.try",
    ):  # fmt: skip
        open_spec(exhibit.experiment(settings))
        st.switch_page(str(frame.ROOT / "pages" / "playground.py"), query_params={})


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


def _set(page: str, exhibit: Shown, document: Document, sent: Mapping[str, Any]) -> None:
    """What was set by hand in the picture, if it is a valid setting; else nothing happens."""
    try:
        asked = exhibit.settings.model_validate({**document, **sent})
    except ValidationError:
        return
    document.update(asked.model_dump(mode="json"))
    renew(page)


def _measured(exhibit: Shown, settings: Spec) -> Any:
    name = f"{type(settings).__module__}.{exhibit.name}"
    return _kept(name, settings.model_dump_json(), exhibit)


@st.cache_resource(max_entries=256, show_spinner="Measuring…")
def _kept(name: str, settings: str, _exhibit: Shown) -> Any:
    return _exhibit.measure(_exhibit.settings.model_validate_json(settings))


def _from_address(by_name: Mapping[str, Shown], first: Shown) -> Document:
    code = st.query_params.get("lab")
    if code is None:
        return {"view": first.name}
    try:
        found = decoded(code)
        if not isinstance(found, dict) or found.get("view") not in by_name:
            raise SpecError("it names no exhibit of this page")
        exhibit = by_name[found["view"]]
        own = exhibit.settings.model_validate(found.get("settings", {}))
        return {"view": exhibit.name, exhibit.name: own.model_dump(mode="json")}
    except (SpecError, ValidationError) as error:
        why = str(error) if isinstance(error, SpecError) else "; ".join(readable_errors(error)[:3])
        refused(f"The settings in the address can't be used: {why}. These are the defaults.")
        return {"view": first.name}
