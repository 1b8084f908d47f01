"""What a run has shown so far: at most a few hundred snapshots, dense where it matters."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from operator import itemgetter

import numpy as np

from nnviz.records import Snapshot
from nnviz.training import is_early

Entry = tuple[Snapshot, ...]

MAX_ENTRIES = 320
MIN_ENTRIES = 64
MAX_BYTES = 24 * 2**20
N_RECENT = 8


class History:
    """Snapshots by step, one a lane. Any number of threads read without waiting.

    When it is full the stride doubles until enough entries have gone. Step 0, the steps 1, 2, 4,
    8, … and the last few always stay. Wide networks, whose snapshots are large, keep fewer.
    """

    def __init__(self, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        if max_entries < MIN_ENTRIES:
            raise ValueError(f"max_entries must be at least {MIN_ENTRIES}; got {max_entries}")
        self.max_entries = max_entries
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._kept: tuple[tuple[int, ...], tuple[Entry, ...]] = ((), ())
        self._limit = max_entries
        self._stride = 1

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps that were kept, in order."""
        return self._kept[0]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The snapshots that were kept, in order; each is a tuple of one a lane."""
        return self._kept[1]

    @property
    def kept(self) -> tuple[tuple[int, ...], tuple[Entry, ...]]:
        """Steps and entries of one moment."""
        return self._kept

    @property
    def latest(self) -> Entry | None:
        """The newest snapshots, or None while there are none."""
        entries = self._kept[1]
        return entries[-1] if entries else None

    def __len__(self) -> int:
        return len(self._kept[0])

    def at(self, step: int) -> Entry | None:
        """The last snapshots not after `step`, the first ones before that, or None."""
        steps, entries = self._kept
        return entries[max(0, bisect_right(steps, step) - 1)] if entries else None

    def lane(self, lane: int) -> tuple[Snapshot, ...]:
        """One lane's snapshots in order."""
        return tuple(entry[lane] for entry in self._kept[1])

    @property
    def limit(self) -> int:
        """How many entries of this size there may be."""
        return self._limit

    def put(self, entries: Mapping[int, Entry]) -> None:
        """Take in snapshots by step; those that were kept of the same steps are replaced."""
        if not entries:
            return
        with self._lock:
            if not self._kept[0]:
                share = self._max_bytes // max(1, sum(map(n_bytes, next(iter(entries.values())))))
                self._limit = max(MIN_ENTRIES, min(self.max_entries, share))
            merged = {**dict(zip(*self._kept, strict=True)), **entries}
            pairs = _thinned(sorted(merged.items(), key=itemgetter(0)), self._stride)
            while len(pairs) > self._limit and self._stride <= pairs[-1][0]:
                self._stride *= 2
                pairs = _thinned(pairs, self._stride)
            self._kept = tuple(s for s, _ in pairs), tuple(e for _, e in pairs)

    def cut(self, step: int) -> None:
        """Forget what is later than `step`."""
        with self._lock:
            n_left = bisect_right(self._kept[0], step)
            self._kept = self._kept[0][:n_left], self._kept[1][:n_left]
            if not n_left:
                self._stride = 1


def _thinned(pairs: list[tuple[int, Entry]], stride: int) -> list[tuple[int, Entry]]:
    kept: list[tuple[int, Entry]] = []
    last_on_stride = -stride
    for place, (step, entry) in enumerate(pairs):
        on_stride = step - last_on_stride >= stride
        if on_stride or is_early(step) or place >= len(pairs) - N_RECENT:
            kept.append((step, entry))
        if on_stride:
            last_on_stride = step
    return kept


def n_bytes(value: object) -> int:
    """About how much memory the arrays inside a record take."""
    if isinstance(value, np.ndarray):
        return value.nbytes + 112
    if is_dataclass(value):
        return sum(n_bytes(getattr(value, part.name)) for part in fields(value))
    if isinstance(value, tuple | list):
        return sum(map(n_bytes, value))
    if isinstance(value, Mapping):
        return sum(map(n_bytes, value.values()))
    return 0
