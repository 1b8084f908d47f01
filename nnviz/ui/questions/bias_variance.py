"""The bias-variance page's settings and its measurement."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from nnviz.experiments.complexity.axes import AXES
from nnviz.experiments.complexity.collecting import Collector
from nnviz.experiments.complexity.measured import measure_piece
from nnviz.experiments.complexity.pieces import missing_pieces, seconds_of
from nnviz.experiments.complexity.records import ComplexityRecord
from nnviz.experiments.complexity.settings import ROUNDS, ComplexitySettings
from nnviz.ui.document import Document, checked_spec, open_spec
from nnviz.ui.lab import checked, open_lab
from nnviz.ui.questions.measuring import (
    Measurement,
    measurement,
    question_key,
    remember_address,
    start,
)

PAGE = "bias_variance"
WISH = "nnviz.bias_variance.wish"
"""Set by the Playground's button: open with the session's own network."""
_ADOPTED = "nnviz.bias_variance.adopted"
_COLLECTOR = "nnviz.bias_variance.collector"
_PLACE = "nnviz.bias_variance.place"
_GENERATION = "nnviz.bias_variance.generation"
_GO_ON = "nnviz.bias_variance.go_on"


@dataclass(frozen=True)
class Asked:
    """The question on the page and what is back of it."""

    settings: ComplexitySettings
    found: Measurement

    @property
    def seconds_left(self) -> float:
        """Roughly how long one core would take for what is missing."""
        return seconds_of(self.settings, missing_pieces(self.settings, self.found.results))

    @property
    def is_complete(self) -> bool:
        """Whether everything asked for is there."""
        return not missing_pieces(self.settings, self.found.results)

    def measure(self) -> None:
        """Start what is missing."""
        missing = missing_pieces(self.settings, self.found.results)
        question = self.settings.question
        start(self.found, [(measure_piece, (question, piece)) for piece in missing])

    def record(self) -> ComplexityRecord:
        """The curves of what is back."""
        kept: tuple[str, Collector] | None = st.session_state.get(_COLLECTOR)
        if kept is None or kept[0] != self.found.question:
            kept = (self.found.question, Collector(self.settings))
            st.session_state[_COLLECTOR] = kept
        return kept[1].record(self.settings, self.found.results)


def open_page(question: str, lead: str) -> Document:
    """Title, lead and the settings as a document."""
    remember_address(PAGE)
    document = open_lab(PAGE, question, lead, ComplexitySettings)
    if st.session_state.pop(WISH, False):
        use_network(document)
    elif document["experiment"] is not None and _ADOPTED not in st.session_state:
        open_spec(ComplexitySettings.model_validate(document).experiment or checked_spec()[0])
    st.session_state[_ADOPTED] = True
    if document["model"] == "network":
        document["experiment"] = checked_spec()[0].model_dump(mode="json")
    return document


def use_network(document: Document) -> None:
    """Ask about the session's own network, along an axis that it has."""
    spec, _ = checked_spec()
    has_width = any(block.kind in ("dense", "convolution") for block in spec.network.blocks)
    axis = "width" if has_width else "n_samples"
    start_document(document, "network", axis)
    document["experiment"] = spec.model_dump(mode="json")


def start_document(document: Document, model: str, axis: str) -> None:
    """Another model or axis, with a range and defaults that fit it."""
    low, high = AXES[axis].start
    fresh = ComplexitySettings().model_dump(mode="json")
    changed = model != document["model"]
    kept = {} if changed else dict(document)
    document.update({**fresh, **kept})
    starts = STARTS[model]
    document.update(model=model, axis=axis, low=low, high=high)
    document["n_values"] = starts.get("n_values", 13)
    if model != "network":
        document["experiment"] = None
    if changed:
        document.update(starts)


_LINEAR = {"log_risk": False, "robust": False}
STARTS: dict[str, Document] = {
    "polynomial": {},
    "random_features": {"n_samples": 40, "n_inputs": 5, "n_values": 16},
    "neighbors": {"n_samples": 50, "n_values": 12, **_LINEAR},
    "tree": {"n_samples": 50, "n_values": 10, **_LINEAR},
    "network": {"n_replicates": 16, "n_values": 8, **_LINEAR},
}


def ask(document: Document) -> Asked:
    """The valid settings with their measurement; quick models are measured unasked."""
    settings = checked(PAGE, ComplexitySettings, document)
    question = settings.question.model_dump_json()
    asked = Asked(settings, measurement(PAGE, question_key(question)))
    is_new = settings.model != "network" and not asked.found.sweeps
    if st.session_state.pop(_GO_ON, False) or is_new:
        asked.measure()
    return asked


def go_on(document: Document, n_replicates: int) -> None:
    """Measure with more replicates."""
    document["n_replicates"] = n_replicates
    st.session_state[_GO_ON] = True
    renew()


def path() -> str:
    """Keys of this page's widgets begin so; after `renew` they are other widgets."""
    return f"{PAGE}.{st.session_state.get(_GENERATION, 0)}"


def renew() -> None:
    """Make the widgets start from the document again, which was changed from elsewhere."""
    st.session_state[_GENERATION] = st.session_state.get(_GENERATION, 0) + 1


def more_replicates(settings: ComplexitySettings) -> int | None:
    """The next number of replicates, or None at the most."""
    return next((n for n in ROUNDS if n > settings.n_replicates), None)


def shown_place(record: ComplexityRecord) -> int:
    """The value of the axis whose fits are shown: chosen, else where the risk is lowest."""
    chosen = st.session_state.get(_PLACE)
    if isinstance(chosen, float):
        return record.nearest(chosen)
    best = record.best
    return len(record.values) // 2 if best is None else best


def choose_place(value: float | None) -> None:
    """Show the fits at this value of the axis; None follows the lowest risk."""
    st.session_state[_PLACE] = value
