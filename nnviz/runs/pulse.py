"""For how long things that should give signs of life have given none."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

MAX_STEP_SECONDS = 1.0


class Pulse:
    """Silence in seconds, counted from look to look.

    A pause between two looks counts for a second at most: where everything stood still, this
    process too, the silence says nothing about the others.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looked = clock()
        self._signs: dict[str, object] = {}
        self._silence: dict[str, float] = {}

    def look(self, signs: Mapping[str, object]) -> dict[str, float]:
        """Seconds since each one's sign was another than now; those not named are forgotten."""
        now = self._clock()
        passed, self._looked = min(now - self._looked, MAX_STEP_SECONDS), now
        self._silence = {
            name: self._silence[name] + passed if self._signs.get(name) == sign else 0.0
            for name, sign in signs.items()
        }
        self._signs = dict(signs)
        return dict(self._silence)
