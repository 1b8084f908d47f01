"""How fast a reader goes, how fast the workers really are, and how long a burst may take."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable

FIRST_SECONDS = (0.03, 0.06)
BURST_SECONDS = 0.09
LEAST_SECONDS = 0.04
"""Shorter ones would spend a third of the time on the way to the worker and back."""
TURN_SECONDS = 0.85
"""In a crowd each training gets a burst about so often."""
TRIP_SECONDS = 0.015
"""What the way to a worker and back takes, in a crowd."""
LOOKAHEAD_SECONDS = 1.0
SMOOTHING_SECONDS = 1.0
MIN_SPEED = 0.1

Clock = Callable[[], float]


def burst_seconds(n_trainings: int, n_workers: int, n_before: int = len(FIRST_SECONDS)) -> float:
    """How long a burst may take: the first ones after a rest are short, and all are in a crowd.

    `n_trainings` take turns now; of this one there were `n_before` bursts since its rest.
    """
    alone = (*FIRST_SECONDS, BURST_SECONDS)[min(n_before, len(FIRST_SECONDS))]
    share = TURN_SECONDS * n_workers / n_trainings - TRIP_SECONDS
    return min(alone, max(LEAST_SECONDS, share))


class Pace:
    """The wished speed in steps a second (None: as fast as it goes), kept without drift."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._start, self._since = 0, clock()
        self.speed: float | None = None

    def set(self, steps_per_second: float | None, step: int) -> None:
        """Another speed, from `step` and now on. Raises ValueError below 0.1 steps/s."""
        if steps_per_second is not None and not steps_per_second >= MIN_SPEED:
            raise ValueError(f"the speed must be at least {MIN_SPEED}; got {steps_per_second}")
        self.speed = steps_per_second
        self.restart(step)

    def restart(self, step: int) -> None:
        """`step` is due now: what was missed is not made up for."""
        self._start, self._since = step, self._clock()

    @property
    def due(self) -> float:
        """The step that is due now, in fractions."""
        if self.speed is None:
            return math.inf
        return self._start + self.speed * (self._clock() - self._since)

    @property
    def lookahead(self) -> float:
        """How many steps are computed before they are due."""
        return math.inf if self.speed is None else max(1.0, self.speed * LOOKAHEAD_SECONDS)


class Meter:
    """Steps a second over about the last second."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def restart(self, step: int) -> None:
        """Measure anew from here."""
        self._seen = deque([(self._clock(), step)])

    def reached(self, step: int) -> None:
        """The training is at `step` now."""
        now = self._clock()
        self._seen.append((now, step))
        while len(self._seen) > 2 and now - self._seen[1][0] >= SMOOTHING_SECONDS:
            self._seen.popleft()

    @property
    def rate(self) -> float:
        """Steps a second; NaN before the first measurement. It falls while nothing comes."""
        if len(self._seen) < 2:
            return math.nan
        (start, first), (end, last) = self._seen[0], self._seen[-1]
        usual = max(SMOOTHING_SECONDS, end - self._seen[-2][0])
        end = max(end, self._clock() - usual)
        return (last - first) / max(end - start, 1e-3)
