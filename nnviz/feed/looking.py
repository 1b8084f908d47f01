"""What there is to see of a run now: at the newest step, or at one that was passed."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from nnviz.runs import Path, Run
from nnviz.runs.history import Entry

FROM_STORE = "computed before: shown at your pace"


@dataclass(frozen=True)
class Look:
    """What is shown is of the step `asked`, or of the last kept before it.

    `until` is all that was kept up to there; `charted` is what curves are drawn of, at `steps`: the
    same while the newest is followed, the whole way where the reader looks back. All of it is of
    one `path`; `position` is None while the newest is followed.
    """

    path: Path
    position: int | None
    current: int
    """Where the run is."""
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
    """At `position`, or at the newest step (None); None before the first snapshot.

    None, too, where the run takes another way meanwhile: it tells its listeners so.
    """
    path = run.path
    found = _look(run, path, position)
    return found if run.path is path else None


def _look(run: Run, path: Path, position: int | None) -> Look | None:
    current = run.current_step
    steps, entries = run.passed
    if position is None and run.status == "running" and entries:
        return Look(path, None, current, steps[-1], steps[-1], True, entries, entries, steps)
    asked = current if position is None else position
    entry, is_exact = run.look(asked)
    if entry is None:
        return None
    steps, entries = run.passed
    step = asked if is_exact else max(snapshot.step for snapshot in entry)
    n_before = bisect_left(steps, step)
    until = (*entries[:n_before], entry)
    if position is None:
        return Look(
            path, None, current, asked, step, is_exact, until, until, (*steps[:n_before], step)
        )
    return Look(path, position, current, asked, step, is_exact, until, entries, steps)


def note(run: Run, found: Look) -> str:
    """What is to be said of what is shown, in a few words, or nothing."""
    if not found.is_exact:
        coming = ", which is being computed" if run.is_live and not run.waiting else ""
        return f"step {found.step:,} stands in for {found.asked:,}{coming}"
    return FROM_STORE if run.is_from_store else ""
