"""A measurement in pieces on the workers: joined, shared, gone on with, drawn while it arrives."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import streamlit as st

from nnviz.base import Spec
from nnviz.runs import NoPlaceError, Sweep, shelf
from nnviz.runs.sweep import MAX_CALLS
from nnviz.ui.exhibits.pieces import Pieces
from nnviz.ui.live.session import owner
from nnviz.ui.live.sweep_progress import sweep_progress

MOST_WISHES = 16


@dataclass(frozen=True)
class Measurement:
    """What the workers have found about a question, for everybody who asks it, and what is left.

    `key` names the exhibit. A reader's wish to measure a question outlives his looking elsewhere.
    """

    key: str
    pieces: Pieces[Any, Any]
    settings: Spec

    @property
    def question(self) -> str:
        """Equal questions of an exhibit have equal names."""
        asked = self.pieces.question(self.settings)
        text = f"{self.key}\n{asked.model_dump_json()}"
        return blake2b(text.encode(), digest_size=12).hexdigest()

    @property
    def sweeps(self) -> list[Sweep]:
        """All that were started about it."""
        return shelf().sweeps_about(self.question)

    @property
    def live(self) -> Sweep | None:
        """The one that this reader waits for."""
        me = owner()
        return next((s for s in self.sweeps if s.is_live and me in s.watchers), None)

    @property
    def results(self) -> list[Any]:
        """Everything that has arrived, in order."""
        return [result for sweep in self.sweeps for result in sweep.results]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.pieces.calls(self.settings, self.results)

    def collected(self) -> Any:
        """What can be shown of what is back, or None."""
        results = self.results
        return self.pieces.collect(self.settings, results) if results else None

    def enter(self) -> None:
        """The reader looks at this question now, and no longer at another one of the exhibit."""
        before = st.session_state.get(f"{self.key}.question")
        if before not in (None, self.question):
            for sweep in shelf().sweeps_about(before):
                sweep.leave(owner())
        st.session_state[f"{self.key}.question"] = self.question
        for sweep in self.sweeps:
            shelf().touch(sweep.id)

    def go_on(self) -> None:
        """Measure what is missing, if it is wished for and nothing has failed."""
        starts = self.pieces.starts(self.settings)
        if not self._wishes.get(self.question, starts) or self.live is not None:
            return
        calls = self.pieces.calls(self.settings, self.results)
        if not calls or any(sweep.failures for sweep in self.sweeps):
            return
        self._start()

    def ask(self) -> None:
        """The reader wants it."""
        self._wish(True)
        self._start()

    def cancel(self) -> None:
        """The reader does not want the rest; what has arrived stays."""
        self._wish(False)
        for sweep in self.sweeps:
            sweep.leave(owner())

    def progress(self) -> None:
        """How far it is and how long it will take; what failed."""
        if (sweep := self.live) is not None:
            sweep_progress(sweep, key=f"{self.key}.{sweep.id.encode().hex()}")
        failures = (text for sweep in self.sweeps for text in sweep.failures.values())
        for text in list(dict.fromkeys(failures))[:3]:
            st.error(f"A part of the measurement failed: {text}")

    def _start(self) -> None:
        calls = self.pieces.calls(self.settings, self.results)
        if not calls:
            return
        try:
            shelf().shared_sweep(calls[:MAX_CALLS], owner(), self.question)
        except NoPlaceError as error:
            st.toast(str(error), icon=":material/warning:")

    @property
    def _wishes(self) -> dict[str, bool]:
        found: dict[str, bool] = st.session_state.setdefault(f"{self.key}.wishes", {})
        return found

    def _wish(self, wish: bool) -> None:
        wishes = self._wishes
        wishes.pop(self.question, None)
        wishes[self.question] = wish
        while len(wishes) > MOST_WISHES:
            del wishes[next(iter(wishes))]
