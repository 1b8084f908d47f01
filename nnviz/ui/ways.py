"""The ways that a run has gone: back to one of them, or one of them faintly under the present."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from nnviz.figures import Ghost, Series
from nnviz.records import QUALITY, Snapshot, has_classes
from nnviz.runs import Path, Run, RunStatus
from nnviz.ui.looking import point
from nnviz.ui.presses import once

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


def walk(run: Run, move: Callable[[], object], key: str) -> None:
    """Leave the present way by `move`; where it was gone to a ghost, the two change places."""
    left, ghost = run.path, ghost_path(run, key)
    move()
    point(run, key, None)
    if ghost is run.path:
        lay_under(run, key, left)


def lay_under(run: Run, key: str, path: Path | None) -> None:
    """Show this way faintly under the present one from now on (None: no way)."""
    st.session_state[f"{key}.ghost"] = (run.id, path)


def ghost_path(run: Run, key: str) -> Path | None:
    """The way that lies under the present one."""
    run_id, path = st.session_state.get(f"{key}.ghost", ("", None))
    found: Path | None = path if run_id == run.id and path is not run.path else None
    return found


def ghost_of(run: Run, key: str) -> Ghost | None:
    """Its curves, as far as they are still there; none where the present way went the same."""
    path = ghost_path(run, key)
    if path is None or _is_part(path, run.path):
        return None
    return Ghost([Series(lane) for lane in run.ghost(path)], told(path))


def other_ways(run: Run) -> list[Path]:
    """What was gone before, newest first; of equal ways the one that was left last."""
    found = {run.path.timelines: run.path}
    for path in reversed(run.recent):
        found.setdefault(path.timelines, path)
    return list(found.values())[1:]


def ways_menu(run: Run, key: str) -> None:
    """What was tried before: how far it went, how it ended, back to it or under the present."""
    ways = other_ways(run)
    with st.popover(
        "History", icon=":material/history:", key=f"{key}.ways", disabled=not ways,
        help="What was trained here before the last changes." if ways else
        "Nothing yet: change a setting after some steps, and the way until then is kept here.",
    ):  # fmt: skip
        ghost = ghost_path(run, key)
        for path in ways:
            with st.container(border=True, gap="xsmall"):
                _way(run, path, key, is_ghost=path is ghost)


def _way(run: Run, path: Path, key: str, is_ghost: bool) -> None:
    name = f"{key}.{id(path):x}"
    st.markdown(f"**{told(path)}**")
    st.caption(f"To step {path.step:,}, {_ENDED[path.status]}. {_numbers(path.latest or ())}")
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            "Go back to it", icon=":material/undo:", key=f"{name}.back",
            on_click=once, args=(walk, run, lambda: run.go_back_to(path), key),
        )  # fmt: skip
        is_part = _is_part(path, run.path)
        st.button(
            "Put away" if is_ghost else "Lay under",
            icon=":material/layers_clear:" if is_ghost else ":material/layers:",
            key=f"{name}.ghost",
            on_click=lay_under,
            args=(run, key, None if is_ghost else path),
            disabled=is_part and not is_ghost,
            help="The present way went the same until there."
            if is_part
            else "Its curves, faint and dashed, under the present ones.",
        )


def _is_part(path: Path, whole: Path) -> bool:
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
    quality = QUALITY[latest[0].task]
    losses = " / ".join(_number(taken.test_loss, ".4g") for taken in latest)
    accuracies = " / ".join(_number(taken.test_accuracy, form) for taken in latest)
    return f"Test loss {losses}, test {quality} {accuracies}."


def _number(value: float, form: str) -> str:
    return format(value, form) if np.isfinite(value) else "–"
