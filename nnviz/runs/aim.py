"""What a run is heading for: the training's end, more steps, more epochs, or nothing."""

from __future__ import annotations

from typing import Literal

from nnviz.runs.bursts import Place, steps_to_epoch_end
from nnviz.spec import ExperimentSpec

AimKind = Literal["train", "steps", "epochs", "rest"]


class Aim:
    """A wish becomes a goal, a step to reach, once it is known where the run stands."""

    def __init__(self, lanes: tuple[ExperimentSpec, ...]) -> None:
        self.kind: AimKind = "rest"
        self.target = _n_steps(lanes)
        self._goal: int | None = None
        self._wish = 0

    def train(self, step: int, lanes: tuple[ExperimentSpec, ...]) -> None:
        """Until `target`, which grows by the training's number of steps once it was reached."""
        while self.target <= step:
            self.target += _n_steps(lanes)
        self.kind, self._goal, self._wish = "train", self.target, 0

    def add(self, kind: Literal["steps", "epochs"], n: int) -> None:
        """`n` more steps or epochs from wherever the run stands; the same wish adds up."""
        if n < 1:
            raise ValueError(f"the number of {kind} must be at least 1; got {n}")
        if self.kind != kind:
            self.rest()
            self.kind = kind
        self._wish += n

    def rest(self) -> None:
        """Nothing more."""
        self.kind, self._goal, self._wish = "rest", None, 0

    def change_n_steps(self, step: int, lanes: tuple[ExperimentSpec, ...]) -> None:
        """The training's number of steps is another one now."""
        self.target = n_steps = _n_steps(lanes)
        while self.target < step:
            self.target += n_steps
        if self.kind == "train":
            self._goal = self.target

    def n_left(self, place: Place, lanes: tuple[ExperimentSpec, ...]) -> int:
        """Steps to the goal; 0 when there is nothing to do."""
        left = 0 if self._goal is None else self._goal - place.step
        if left <= 0 and self._wish:
            left, self._wish = self._resolved(place, lanes), 0
            self._goal = place.step + left
        return max(0, left)

    def _resolved(self, place: Place, lanes: tuple[ExperimentSpec, ...]) -> int:
        if self.kind == "steps":
            return self._wish
        return steps_to_epoch_end(lanes[place.lane], place.position, self._wish)


def _n_steps(lanes: tuple[ExperimentSpec, ...]) -> int:
    return max(lane.training.n_steps for lane in lanes)
