"""How a viewer's run stands: what the buttons, the scrubber and the notices of its page tell."""

from __future__ import annotations

import math

from nnviz.feed import by_hand
from nnviz.feed.looking import Look, note
from nnviz.feed.viewer import Viewer
from nnviz.feed.ways import described
from nnviz.feed.wire import Json
from nnviz.runs.place import n_steps_of


def standing(viewer: Viewer, found: Look | None) -> Json:
    """Plain values; what is words is for the reader."""
    run, rate = viewer.run, viewer.run.updates_per_second
    return {
        "path": run.path.id,
        "status": run.status,
        "until": _until(found),
        "target": run.target,
        "n_steps": n_steps_of(run.lanes),
        "position": found.position if found else None,
        "pace": viewer.pace,
        "can_undo": run.can_undo,
        "can_redo": run.can_redo,
        "may_steer": viewer.may_steer,
        "rate": None if math.isnan(rate) else round(rate),
        "line": run.place_in_line,
        "note": "" if found is None else note(run, found),
        "trouble": run.waiting or _message(viewer),
        "by_hand": by_hand.told(viewer, found),
        "ways": described(run, viewer.ghost),
        "repetition": viewer.repetition.progress() if viewer.repetition else None,
    }


def _until(found: Look | None) -> int:
    if found is None:
        return 0
    return found.step if found.position is None else found.current


def _message(viewer: Viewer) -> str:
    """Which lanes diverged, or why the run stands; a single lane's diagnosis says it better."""
    run = viewer.run
    if len(viewer.names) == 1:
        return run.message if run.status in ("failed", "stopped") else ""
    told = [
        f"{name}: {text}" for name, text in zip(viewer.names, run.divergences, strict=False) if text
    ]
    others = " The other lanes go on." if told and not all(run.divergences) else ""
    return " ".join(told) + others if told else run.message
