"""A page's measurement: sweeps of one question, kept while the reader looks elsewhere."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import streamlit as st

from nnviz.runs import NoPlaceError, Sweep, shelf
from nnviz.runs.sweep import MAX_CALLS, Call
from nnviz.ui.address import show_address
from nnviz.ui.live.session import owner
from nnviz.ui.live.sweep_progress import sweep_progress

KEPT_QUESTIONS = 4
_SEPARATOR = "~"
_MOST_IDS = 8


@dataclass
class Measurement:
    """All sweeps for one question: what is back is drawn, what is missing can still be asked."""

    question: str
    sweeps: list[Sweep] = field(default_factory=list)

    @property
    def results(self) -> list[Any]:
        """Everything that has arrived, in order."""
        return [result for sweep in self.sweeps for result in sweep.results]

    @property
    def live(self) -> Sweep | None:
        """The sweep that is under way."""
        return next((sweep for sweep in self.sweeps if sweep.is_live), None)

    @property
    def failures(self) -> list[str]:
        """What went wrong, each sentence once."""
        return list(dict.fromkeys(t for sweep in self.sweeps for t in sweep.failures.values()))

    def cancel(self) -> None:
        """Forget what is not back yet."""
        for sweep in self.sweeps:
            sweep.cancel()

    def touch(self) -> None:
        """Somebody is looking."""
        for sweep in self.sweeps:
            shelf().touch(sweep.id)


def question_key(*parts: str) -> str:
    """A short name for a question: equal settings, equal name."""
    return blake2b("\n".join(parts).encode(), digest_size=12).hexdigest()


def remember_address(page: str) -> None:
    """Once a session: the measurement that the address names, before settings overwrite it."""
    st.session_state.setdefault(f"nnviz.measured.{page}.address", st.query_params.get("sweep", ""))


def measurement(page: str, question: str) -> Measurement:
    """The measurement of this question; one under way for another question is cancelled."""
    known: OrderedDict[str, Measurement] = st.session_state.setdefault(
        f"nnviz.measured.{page}", OrderedDict()
    )
    for other in known.values():
        if other.question != question:
            other.cancel()
    if question not in known:
        known[question] = Measurement(question, _addressed(page, question))
    known.move_to_end(question)
    while len(known) > KEPT_QUESTIONS:
        _, oldest = known.popitem(last=False)
        for sweep in oldest.sweeps:
            shelf().drop(sweep.id)
    found = known[question]
    found.touch()
    if found.sweeps:
        show_address(page, sweep=_SEPARATOR.join(sweep.id for sweep in found.sweeps))
    return found


def start(found: Measurement, calls: Sequence[Call]) -> None:
    """Ask for more, as much as one sweep may hold; what can't be started is said."""
    if not calls or found.live is not None:
        return
    try:
        found.sweeps.append(shelf().new_sweep(calls[:MAX_CALLS], owner(), found.question))
    except NoPlaceError as error:
        st.toast(str(error), icon=":material/warning:")


def progress(found: Measurement) -> bool:
    """How far the sweep is and how long it will take; what failed. Whether one is under way."""
    sweep = found.live
    if sweep is not None:
        sweep_progress(sweep, key=f"measured.{sweep.id.encode().hex()}")
    for text in found.failures[:3]:
        st.error(f"A part of the measurement failed: {text}")
    return sweep is not None


def waiting_words(found: Measurement) -> str:
    """Why there is nothing to draw."""
    if found.live is not None:
        return "The first results are on their way."
    return "Nothing has been measured yet: press Measure."


def _addressed(page: str, question: str) -> list[Sweep]:
    named = str(st.session_state.get(f"nnviz.measured.{page}.address", ""))
    found = [shelf().sweep(part, owner()) for part in named.split(_SEPARATOR)[:_MOST_IDS] if part]
    return [sweep for sweep in found if sweep is not None and sweep.about == question]
