"""How fast a run goes: the steps of its next burst and when, and what it really reached."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable

FIRST_SECONDS = (0.03, 0.06)
BURST_SECONDS = 0.12
PACED_SECONDS = 0.1
MAX_LAG_SECONDS = 0.5
SMOOTHING_SECONDS = 1.0
MIN_SPEED = 0.1

Clock = Callable[[], float]


class Pace:
    """The wished speed in steps a second (None: as fast as it goes), kept without drift."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._due = self._started = clock()
        self._n_bursts = 0
        self.speed: float | None = None

    def set(self, steps_per_second: float | None) -> None:
        """Change the speed from the next burst on. Raises ValueError below 0.1 steps/s."""
        if steps_per_second is not None and not steps_per_second >= MIN_SPEED:
            raise ValueError(f"the speed must be at least {MIN_SPEED}; got {steps_per_second}")
        self.speed = steps_per_second
        self._due = self._clock()

    def restart(self) -> None:
        """Training goes on after a rest: the next bursts are short, so that it shows at once."""
        self._n_bursts, self._due = 0, self._clock()

    @property
    def is_first(self) -> bool:
        """Whether no burst has started since the rest."""
        return self._n_bursts == 0

    @property
    def wait(self) -> float:
        """Seconds until the next burst is due."""
        return 0.0 if self.speed is None else max(0.0, self._due - self._clock())

    def start(self, n_left: int) -> tuple[int, float]:
        """Steps and seconds of a burst that starts now."""
        now = self._clock()
        self._started = self._due if 0 <= now - self._due < MAX_LAG_SECONDS else now
        number, self._n_bursts = self._n_bursts, self._n_bursts + 1
        seconds = FIRST_SECONDS[number] if number < len(FIRST_SECONDS) else BURST_SECONDS
        if self.speed is None:
            return n_left, seconds
        return min(n_left, max(1, round(self.speed * PACED_SECONDS))), BURST_SECONDS

    def took(self, n_steps: int) -> None:
        """The burst is back and took `n_steps`."""
        if self.speed is not None:
            self._due = self._started + n_steps / self.speed


class Meter:
    """Steps a second over about the last second."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def restart(self, step: int) -> None:
        """Measure anew from here."""
        self._seen = deque([(self._clock(), step)])

    def reached(self, step: int) -> None:
        """The run is at `step` now."""
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
