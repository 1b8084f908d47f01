"""Which runs have a reader now: a run that nobody watches rests at once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from nnviz.runs import Run, shelf

_lock = threading.Lock()
_watched: Counter[str] = Counter()


def n_watching(run: Run) -> int:
    """How many pages show the run now."""
    with _lock:
        return _watched[run.id]


@contextmanager
def watching(run: Run) -> Iterator[None]:
    """While a page shows the run."""
    with _lock:
        _watched[run.id] += 1
    shelf().touch(run.id)
    try:
        yield
    finally:
        with _lock:
            _watched[run.id] -= 1
            is_left = not _watched[run.id]
            if is_left:
                del _watched[run.id]
        if is_left:
            shelf().leave(run.id)
