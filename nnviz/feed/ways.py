"""The ways that a run has gone: what they are called, how they ended, which may lie beneath."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnviz.feed.wire import Json
from nnviz.figures import Ghost, Series
from nnviz.records import QUALITY, Snapshot, has_classes
from nnviz.runs import Path, Run, RunStatus

AT_FIRST = "As it was opened"
_ENDED: dict[RunStatus, str] = {
    "paused": "paused",
    "running": "left while it trained",
    "finished": "trained to its end",
    "diverged": "diverged",
    "stopped": "stopped",
    "failed": "failed",
}


def told(path: Path) -> str:
    """What made this way."""
    return path.told or AT_FIRST


def ghost_of(run: Run, present: Path, path: Path | None) -> Ghost | None:
    """The curves of another way, as far as they are there; none where the present went the same."""
    if path is None or path is present or is_part(path, present):
        return None
    return Ghost([Series(lane) for lane in run.ghost(path)], told(path))


def other_ways(run: Run) -> list[Path]:
    """What was gone before, newest first; of equal ways the one that was left last."""
    found = {run.path.timelines: run.path}
    for path in reversed(run.recent):
        found.setdefault(path.timelines, path)
    return list(found.values())[1:]


def described(run: Run, ghost: Path | None) -> list[Json]:
    """Every other way as the browser lists it."""
    return [
        {
            "id": path.id,
            "told": told(path),
            "ended": f"To step {path.step:,}, {_ENDED[path.status]}. {_numbers(path.latest or ())}",
            "is_ghost": path is ghost,
            "is_part": is_part(path, run.path),
        }
        for path in other_ways(run)
    ]


def is_part(path: Path, whole: Path) -> bool:
    """Whether `whole` went the same up to where `path` ends."""
    if len(path.timelines) != len(whole.timelines):
        return False
    pairs = zip(path.timelines, whole.timelines, strict=True)
    return all(
        mine.spec == other.spec
        and mine.where == other.where
        and [change for change in mine.changes if change[0] < path.step]
        == [change for change in other.changes if change[0] < path.step]
        for mine, other in pairs
    )


def _numbers(latest: Sequence[Snapshot]) -> str:
    """The last test losses and accuracies, one a lane."""
    if not latest:
        return ""
    form = ".1%" if has_classes(latest[0].task) else ".3f"
    losses = " / ".join(finite(taken.test_loss, ".4g") for taken in latest)
    scores = " / ".join(finite(taken.test_accuracy, form) for taken in latest)
    return f"Test loss {losses}, test {QUALITY[latest[0].task]} {scores}."


def finite(value: float, form: str) -> str:
    """A number in words, "–" where there is none."""
    return format(value, form) if np.isfinite(value) else "–"
