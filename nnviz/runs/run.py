"""A run: a reader's place and the controls that move it.

All controls return at once. What nobody has computed yet is asked of the store; the rest is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nnviz.runs.bursts import steps_to_epoch_end
from nnviz.runs.changes import needs_new_network
from nnviz.runs.engine import Engine
from nnviz.runs.path import Path
from nnviz.runs.place import Kind, n_steps_of
from nnviz.runs.view import View
from nnviz.spec import ExperimentSpec, TrainingSpec

MAX_RECENT, MAX_UNDO = 12, 50


class Run(View):
    """One to four lanes shown in lockstep; called from any thread.

    `recent` are the ways that were gone before, the newest last.
    """

    def __init__(
        self, lanes: Sequence[ExperimentSpec], owner: str = "", on: Engine | None = None
    ) -> None:
        self.recent: tuple[Path, ...] = ()
        self._undo: list[Path] = []
        self._redo: list[Path] = []
        super().__init__(lanes, owner, on)

    def train(self) -> None:
        """Train until `target`; once there, for another `n_steps`."""
        with self._lock:
            self._advance()
            while self.target <= self._position:
                self.target += n_steps_of(self.lanes)
            self._go("train", self.target)
        self._follow()

    def step(self, n: int = 1) -> None:
        """Take `n` more steps and rest; pressed again meanwhile, they add up."""
        if n < 1:
            raise ValueError(f"the number of steps must be at least 1; got {n}")
        with self._lock:
            self._advance()
            self._go("steps", self._before("steps") + n)
        self._follow()

    def epochs(self, n: int = 1) -> None:
        """Train to the end of this epoch and `n` - 1 more."""
        if n < 1:
            raise ValueError(f"the number of epochs must be at least 1; got {n}")
        with self._lock:
            self._advance()
            step = self._before("epochs")
            going = [lane for lane in self._trajectories() if lane.end is None]
            if going:
                self._go("epochs", step + steps_to_epoch_end(going[0].timeline, step, n))
        self._follow()

    def pause(self) -> None:
        """Rest where it stands."""
        with self._lock:
            self._advance()
            if self.status == "running":
                self._rest("paused")
                self._advance()
        self._follow()

    def stop(self, message: str = "") -> None:
        """Rest and ask for nothing."""
        with self._lock:
            self._rest("stopped", message)
            self._advance()
        self._follow()

    def attend(self, is_watched: bool) -> None:
        """Whether somebody looks: without a reader a run stands still and asks for nothing."""
        if is_watched == self._is_watched:
            return
        with self._lock:
            self._is_watched = is_watched
            self._pace.restart(self._position)
            self._advance()
        self._follow()

    def set_speed(self, steps_per_second: float | None) -> None:
        """Pace the training; None is as fast as it goes. Raises ValueError below 0.1."""
        with self._lock:
            if steps_per_second == self._pace.speed:
                return
            self._pace.set(steps_per_second, self._position + 1)
            self._set_stride()
            self._until = self._position
            self._advance()
        self._follow()

    def seek(self, step: int) -> None:
        """Stand at a step that was passed, and rest there; what comes after is kept in store."""
        with self._lock:
            self._advance()
            self._path.step = self._position = max(0, min(step, self._position))
            self._rest("paused")
            self._history.cut(self._position)
            self._advance()
        self._follow()

    def reset(self) -> None:
        """Back to step 0 and the same initial weights."""
        with self._lock:
            if self._path.is_fork:
                self._take(Path.begin(self.lanes, self._path.where, "Reset"))
            else:
                self._path.step = 0
                self._enter(self._path)
            self._advance()
        self._follow()

    def reseed(self, seed: int) -> None:
        """Back to step 0 with the new weights of another training seed. Raises SpecError."""
        self.change([_with(lane, lane.training, seed=seed) for lane in self.lanes])

    def change(self, lanes: Sequence[ExperimentSpec], step: int | None = None) -> Path:
        """Go on with other settings: from the present step where the weights can stay, else from 0.

        `step` is an earlier step to go on from. The way gone so far is kept: `undo` goes back to
        it.
        """
        with self._lock:
            self._advance()
            at = self._position if step is None else max(0, min(step, self._position))
            path = self._path.changed(lanes, at)
            if path.timelines == self._path.timelines:
                self._path.lanes = path.lanes
                self._aim_anew()
            else:
                self._take(path, goes_on=path.is_fork)
            self._advance()
        self._follow()
        return path

    def change_training(self, training: TrainingSpec | Sequence[TrainingSpec]) -> None:
        """Go on with other settings of the training, the same for all lanes or one a lane.

        Raises ValueError where they don't fit or would need new weights.
        """
        each = [training] * len(self.lanes) if isinstance(training, TrainingSpec) else training
        lanes = tuple(_with(lane, own) for lane, own in zip(self.lanes, each, strict=True))
        if any(map(needs_new_network, self.lanes, lanes)):
            raise ValueError("another seed needs new weights: reseed the run instead")
        self.change(lanes)

    @property
    def can_undo(self) -> bool:
        """Whether there is a way to go back to."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether a change was taken back."""
        return bool(self._redo)

    def undo(self) -> None:
        """Back to the way before the last change, as far as it was gone."""
        self._walk(self._undo, self._redo)

    def redo(self) -> None:
        """Forward again to the way that `undo` left."""
        self._walk(self._redo, self._undo)

    def go_back_to(self, path: Path) -> None:
        """Back to one of the recent ways, as far as it was gone."""
        with self._lock:
            if path in self.recent:
                self._take(path)
                self._advance()
        self._follow()

    def _walk(self, back: list[Path], forth: list[Path]) -> None:
        with self._lock:
            if back:
                forth.append(self._path)
                self._remember()
                self._enter(back.pop())
            self._advance()
        self._follow()

    def _take(self, path: Path, goes_on: bool = False) -> None:
        """Begin another way; the present one can be come back to."""
        was_running, goal, kind = self.status == "running", self._goal, self._kind
        self._undo = [*self._undo, self._path][-MAX_UNDO:]
        self._redo.clear()
        self._remember()
        is_here = goes_on and path.step == self._position
        self._enter(path, self._history if is_here else None)
        if was_running and goes_on:
            self._go(kind, max(goal, self._position + 1) if kind != "train" else self.target)

    def _remember(self) -> None:
        path = self._path
        path.step, path.status, path.latest = self._position, self.status, self._history.latest
        if path.step:
            others = [one for one in self.recent if one is not path]
            self.recent = (*others, path)[-MAX_RECENT:]

    def _before(self, kind: Kind) -> int:
        """Where more of the same begin."""
        return self._goal if self.status == "running" and self._kind == kind else self._position


def _with(lane: ExperimentSpec, training: TrainingSpec, **changes: Any) -> ExperimentSpec:
    """The lane with another training, checked as a whole."""
    document = training.model_dump() | changes
    return ExperimentSpec.model_validate(
        {"data": lane.data, "network": lane.network, "training": document}
    )
