"""A live run and its controls, all of which return at once and act between bursts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nnviz.runs.chain import Chain
from nnviz.runs.changes import needs_new_network
from nnviz.spec import ExperimentSpec, TrainingSpec


class Run(Chain):
    """One to four lanes trained side by side, live; called from any thread."""

    def train(self) -> None:
        """Train until `target`; once there, for another `n_steps`."""
        with self._lock:
            self._aim.train(self._place.step, self.lanes)
            self._go()
        self._kick()

    def step(self, n: int = 1) -> None:
        """Take `n` more steps and rest; pressed again meanwhile, they add up."""
        with self._lock:
            self._aim.add("steps", n)
            self._go()
        self._kick()

    def epochs(self, n: int = 1) -> None:
        """Train to the end of this epoch and `n` - 1 more."""
        with self._lock:
            self._aim.add("epochs", n)
            self._go()
        self._kick()

    def pause(self) -> None:
        """Rest after the burst that is under way."""
        with self._lock:
            if self.status == "running":
                self._rest("paused")
                if self._is_waiting or self._is_queued:
                    self._forget_burst()

    def stop(self, message: str = "") -> None:
        """Rest at once; what the burst under way brings is thrown away."""
        with self._lock:
            self._rest("stopped", message)
            self._forget_burst()

    def set_speed(self, steps_per_second: float | None) -> None:
        """Pace the training; None is as fast as it goes. Raises ValueError below 0.1."""
        with self._lock:
            if steps_per_second == self._pace.speed:
                return
            self._pace.set(steps_per_second)
            if self._is_waiting:
                self._forget_burst()
        self._kick()

    def reset(self) -> None:
        """Back to step 0 and the same initial weights."""
        with self._lock:
            self._begin_anew()
        self._kick()

    def reseed(self, seed: int) -> None:
        """Back to step 0 with the new weights of another training seed. Raises SpecError."""
        lanes = tuple(_with(lane, lane.training, seed=seed) for lane in self.lanes)
        with self._lock:
            self.lanes = lanes
            self._begin_anew()
        self._kick()

    def change_training(self, training: TrainingSpec | Sequence[TrainingSpec]) -> None:
        """Continue with other settings, the same for all lanes or one a lane.

        They take effect with the next burst and are noted in `events` then. Raises ValueError
        where they don't fit or would need new weights.
        """
        each = [training] * len(self.lanes) if isinstance(training, TrainingSpec) else training
        lanes = tuple(_with(lane, own) for lane, own in zip(self.lanes, each, strict=True))
        if any(map(needs_new_network, self.lanes, lanes)):
            raise ValueError("another seed needs new weights: reseed the run instead")
        with self._lock:
            n_steps_before = [lane.training.n_steps for lane in self.lanes]
            self.lanes = lanes
            if n_steps_before != [lane.training.n_steps for lane in lanes]:
                self._aim.change_n_steps(self._place.step, lanes)
            self.version += 1


def _with(lane: ExperimentSpec, training: TrainingSpec, **changes: Any) -> ExperimentSpec:
    """The lane with another training, checked as a whole."""
    document = training.model_dump() | changes
    return ExperimentSpec.model_validate(
        {"data": lane.data, "network": lane.network, "training": document}
    )
