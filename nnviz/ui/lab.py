"""What every lab page shares: its question, settings in the address, code and next step."""

from __future__ import annotations

from typing import TypeVar

import streamlit as st
from pydantic import ValidationError

from nnviz.base import Spec
from nnviz.spec import ExperimentSpec, SpecError, readable_errors
from nnviz.spec.code import decoded, encoded
from nnviz.ui import frame
from nnviz.ui.address import show_address
from nnviz.ui.document import Document, open_spec
from nnviz.ui.notices import refused

Settings = TypeVar("Settings", bound=Spec)


def open_lab(page: str, question: str, lead: str, model: type[Settings]) -> Document:
    """Title and lead; the page's settings as a document that its controls edit in place.

    The settings come from the address the first time, and stay for the session.
    """
    frame.enter(page)
    st.title(question)
    st.markdown(lead)
    key = f"nnviz.lab.{page}"
    if key not in st.session_state:
        st.session_state[key] = _from_address(model).model_dump(mode="json")
    found: Document = st.session_state[key]
    return found


def checked(page: str, model: type[Settings], document: Document) -> Settings:
    """The settings, valid; else what is wrong is said and the last valid ones hold."""
    key = f"nnviz.lab.{page}.valid"
    try:
        st.session_state[key] = model.model_validate(document)
    except ValidationError as error:
        for sentence in readable_errors(error):
            st.error(sentence)
        st.session_state.setdefault(key, model())
    found: Settings = st.session_state[key]
    code = encoded(found.model_dump(mode="json"), model().model_dump(mode="json"))
    show_address(page, lab=code)
    return found


def close_lab(page: str, code: str, source: str, experiment: ExperimentSpec) -> None:
    """The torch code of what is shown, its source, and the way on into a training."""
    with st.expander("The torch code for exactly this", key=f"lab.{page}.code"):
        st.code(code, language="python")
    st.caption(f"Source: {source}")
    if st.button(
        "Try it in training", icon=":material/play_arrow:", type="primary", key=f"lab.{page}.try"
    ):
        open_spec(experiment)
        st.switch_page(str(frame.ROOT / "pages" / "playground.py"), query_params={})


def _from_address(model: type[Settings]) -> Settings:
    code = st.query_params.get("lab")
    if code is None:
        return model()
    try:
        return model.model_validate(decoded(code))
    except (SpecError, ValidationError) as error:
        why = str(error) if isinstance(error, SpecError) else "; ".join(readable_errors(error)[:3])
        refused(f"The settings in the address can't be used: {why}. These are the defaults.")
        return model()
