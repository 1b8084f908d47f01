"""Where the reader looks in a run: at the newest step, or at one that was passed."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import streamlit as st

from nnviz.records import Snapshot
from nnviz.runs import Run
from nnviz.runs.history import Entry
from nnviz.ui.scrubber import moved, scrubber

FROM_STORE = "computed before: shown at your pace"


@dataclass(frozen=True)
class Look:
    """What is shown: `entry`, of step `position` (None: the newest) or of the last kept before it.

    `until` is all that was kept up to there, `entry` its last.
    """

    position: int | None
    asked: int
    entry: Entry
    is_exact: bool
    until: tuple[Entry, ...]

    @property
    def step(self) -> int:
        """The step that is really shown."""
        return _step(self.entry)

    def lane(self, lane: int) -> tuple[Snapshot, ...]:
        """One lane's snapshots up to what is shown."""
        return tuple(entry[lane] for entry in self.until)


def pointed(run: Run, key: str) -> int | None:
    """The step that the scrubber `key` points at; None while it follows the newest."""
    path, kept = st.session_state.get(_place(key), (None, None))
    position = moved(key, kept if path is run.path else None)
    if position is not None and position > run.current_step:
        position = None
    point(run, key, position)
    return position


def point(run: Run, key: str, step: int | None) -> None:
    """Look at this step of the run's present way (None: follow the newest)."""
    st.session_state[_place(key)] = (run.path, step)


def look(run: Run, key: str) -> Look | None:
    """What the page is to show now; None before the first snapshot."""
    position = pointed(run, key)
    current = run.current_step
    asked = current if position is None else position
    entry, is_exact = run.look(asked)
    if entry is None:
        return None
    history = run.history
    n_before = bisect_left(history.steps, _step(entry))
    return Look(position, asked, entry, is_exact, (*history.entries[:n_before], entry))


def scrub(run: Run, found: Look, key: str) -> None:
    """Draw the scrubber, and say where what is shown is not quite what was asked for."""
    latest = run.history.latest or found.entry
    broken = [taken.divergence.step for taken in latest if taken.divergence]
    scrubber(
        run.history.steps,
        found.position,
        key=key,
        until=run.current_step,
        note=note(run, found),
        divergence_step=min(broken, default=None),
    )


def note(run: Run, found: Look) -> str:
    """What is to be said of what is shown, in a few words, or nothing."""
    if not found.is_exact:
        coming = ", which is being computed" if run.is_live and not run.waiting else ""
        return f"step {found.step:,} stands in for {found.asked:,}{coming}"
    return FROM_STORE if run.is_from_store else ""


def _step(entry: Entry) -> int:
    return max(snapshot.step for snapshot in entry)


def _place(key: str) -> str:
    return f"{key}.pointed"
