"""What there is to see of a run now: at the newest step, or at one that was passed."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from nnviz.runs import Run
from nnviz.runs.history import Entry

FROM_STORE = "computed before: shown at your pace"


@dataclass(frozen=True)
class Look:
    """What is shown is of the step `asked`, or of the last kept before it.

    `until` is all that was kept up to there; `charted` is what curves are drawn of, at `steps`: the
    same while the newest is followed, the whole way where the reader looks back.
    """

    asked: int
    step: int
    is_exact: bool
    until: tuple[Entry, ...]
    charted: tuple[Entry, ...]
    steps: tuple[int, ...]

    @property
    def entry(self) -> Entry:
        """What is shown, a snapshot a lane."""
        return self.until[-1]


def look(run: Run, position: int | None) -> Look | None:
    """At `position`, or at the newest step (None); None before the first snapshot."""
    current = run.current_step
    steps, entries = run.history.kept
    if position is None and run.status == "running" and entries:
        return Look(steps[-1], steps[-1], True, entries, entries, steps)
    asked = current if position is None else position
    entry, is_exact = run.look(asked)
    if entry is None:
        return None
    steps, entries = run.history.kept
    step = asked if is_exact else max(snapshot.step for snapshot in entry)
    n_before = bisect_left(steps, step)
    until = (*entries[:n_before], entry)
    if position is None:
        return Look(asked, step, is_exact, until, until, (*steps[:n_before], step))
    return Look(asked, step, is_exact, until, entries, steps)


def note(run: Run, found: Look) -> str:
    """What is to be said of what is shown, in a few words, or nothing."""
    if not found.is_exact:
        coming = ", which is being computed" if run.is_live and not run.waiting else ""
        return f"step {found.step:,} stands in for {found.asked:,}{coming}"
    return FROM_STORE if run.is_from_store else ""
