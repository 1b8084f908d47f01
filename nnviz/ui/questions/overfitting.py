"""The overfitting page's settings and its measurement."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from nnviz.experiments.overfitting.collecting import missing_pieces
from nnviz.experiments.overfitting.records import LaneRecord
from nnviz.experiments.overfitting.settings import START, OverfittingSettings
from nnviz.experiments.overfitting.training import train_lane
from nnviz.ui.document import Document, checked_spec, open_spec
from nnviz.ui.lab import checked, open_lab
from nnviz.ui.questions.measuring import (
    Measurement,
    measurement,
    question_key,
    remember_address,
    start,
)

PAGE = "overfitting"
_ADOPTED = "nnviz.overfitting.adopted"
_WISH = "nnviz.overfitting.wish"
VIEWS = {
    "training": "While it trains",
    "sizes": "With more data",
    "remedies": "With a remedy",
}


@dataclass(frozen=True)
class Asked:
    """The comparison on the page and what is back of it."""

    settings: OverfittingSettings
    found: Measurement

    @property
    def known(self) -> list[LaneRecord]:
        """Every lane's seeds so far."""
        return self.found.results

    @property
    def is_complete(self) -> bool:
        """Whether everything asked for is there."""
        return not missing_pieces(self.settings, self.known)

    def measure(self) -> None:
        """Train what is missing."""
        self.found.cancel()
        missing = missing_pieces(self.settings, self.known)
        start(self.found, [(train_lane, (self.settings, piece)) for piece in missing])


def open_page(question: str, lead: str) -> Document:
    """Title, lead and the settings as a document."""
    remember_address(PAGE)
    document = open_lab(PAGE, question, lead, OverfittingSettings)
    if _ADOPTED not in st.session_state and document["experiment"] is not None:
        open_spec(OverfittingSettings.model_validate(document).experiment or START)
    st.session_state[_ADOPTED] = True
    return document


def ask(document: Document) -> Asked:
    """The valid settings with their measurement; a wish to measure is fulfilled."""
    settings = checked(PAGE, OverfittingSettings, document)
    found = measurement(PAGE, question_key(settings.question.model_dump_json()))
    asked = Asked(settings, found)
    if st.session_state.pop(_WISH, False):
        asked.measure()
    return asked


def wish_to_measure() -> None:
    """Measure with the settings as they will be in the next script run."""
    st.session_state[_WISH] = True


def own_network() -> Document:
    """The session's own network, the one of the Playground, as a document."""
    return dict(checked_spec()[0].model_dump(mode="json"))
