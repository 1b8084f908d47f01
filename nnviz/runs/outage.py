"""Since when there are no workers, what is done about it, and how that is told."""

from __future__ import annotations

import time
from collections.abc import Callable

FIRST_PAUSE_SECONDS = 0.5
MAX_PAUSE_SECONDS = 4.0


def pause_seconds(n_tries: int) -> float:
    """How long to wait after so many vain tries: none, then longer and longer, to 4 s."""
    if n_tries < 2:
        return 0.0
    return min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(n_tries - 2, 10))


class Outage:
    """The time without workers: told while it lasts, forgotten when it is over.

    `first` is what is said of the time before there ever were any, while nothing goes wrong.
    """

    def __init__(self, first: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None
        self._text, self._doing = first, ""
        self.is_first = True
        self.n_tries = 0

    def begin(self) -> None:
        """There are no workers from now on, if there were any."""
        if self._since is None:
            self._since, self.n_tries = self._clock(), 0
            if not self.is_first:
                self.tell("No workers", "looking for them")

    def tell(self, what: str, doing: str) -> None:
        """Put what is wrong and what is done into words: "No workers", "starting them again"."""
        self._text, self._doing = what, doing

    def end(self) -> None:
        """The workers are there."""
        self._since, self.is_first = None, False

    @property
    def text(self) -> str:
        """For the reader: what, for how long, what is done, how often; nothing when it is over."""
        since = self._since
        if since is None:
            return ""
        if not self._doing:
            return self._text
        tries = f" (try {self.n_tries})" if self.n_tries else ""
        return f"{self._text} for {_duration(self._clock() - since)}; {self._doing}{tries}."


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
