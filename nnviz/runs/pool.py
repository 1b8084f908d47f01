"""Keeps as many worker processes as are wanted, whatever becomes of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from nnviz.runs.outage import pause_seconds
from nnviz.runs.pulse import Pulse

HANG_SECONDS = 3.5
"""A worker sends a sign of life twice a second; one that is silent for so long hangs."""
START_SECONDS = 60.0
"""How long a start may take; longer at each try, since the machine may just be busy."""


class WorkerProcess(Protocol):
    """One process that becomes a worker under its name."""

    name: str

    @property
    def is_alive(self) -> bool:
        """Whether the process is there."""

    @property
    def memory(self) -> int:
        """What it holds, in bytes."""

    def end(self) -> None:
        """Kill it if it is there, and take away what it has left."""


@dataclass
class Slot:
    """The place of one worker: the process in it, and the starts since one last came up."""

    number: int
    process: WorkerProcess | None = None
    n_tries: int = 0
    due: float = 0.0
    started: float = 0.0


class Pool:
    """Compares what is there with what is wanted at each `look`, and starts what is missing.

    A process that has ended, hangs, doesn't come up or holds more than `memory_limit` bytes is
    replaced: at once the first time, after a growing pause while it keeps failing.
    """

    def __init__(
        self,
        n_workers: int,
        start: Callable[[str], WorkerProcess],
        memory_limit: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._start, self._memory_limit, self._clock = start, memory_limit, clock
        self._pulse = Pulse(clock)
        self._slots = [Slot(number) for number in range(n_workers)]
        self._n_started = 0
        self._has_ended = False

    @property
    def n_tries(self) -> int:
        """How often a worker was started in vain, this time included; 0 when all are up."""
        return max(slot.n_tries for slot in self._slots)

    def look(self, signs: Mapping[str, object]) -> None:
        """Put right what is wrong. `signs`: the last sign of life of each worker that is up."""
        silence = self._pulse.look(signs)
        for slot in () if self._has_ended else self._slots:
            if slot.process is not None and self._is_lost(slot, slot.process, silence):
                slot.process.end()
                slot.process, slot.due = None, self._clock() + pause_seconds(slot.n_tries)
            if slot.process is None and self._clock() >= slot.due:
                self._fill(slot)

    def end(self) -> None:
        """Kill all processes, and start no others; from any thread."""
        self._has_ended = True
        for slot in self._slots:
            if slot.process is not None:
                slot.process.end()

    def _is_lost(self, slot: Slot, process: WorkerProcess, silence: Mapping[str, float]) -> bool:
        if not process.is_alive or process.memory > self._memory_limit:
            return True
        if process.name in silence:
            slot.n_tries = 0
            return silence[process.name] >= HANG_SECONDS
        return self._clock() - slot.started >= START_SECONDS * slot.n_tries

    def _fill(self, slot: Slot) -> None:
        slot.n_tries += 1
        self._n_started += 1
        slot.started = self._clock()
        try:
            slot.process = self._start(f"{slot.number}-{self._n_started}")
        except OSError:  # no process to be had now
            slot.due = self._clock() + pause_seconds(max(2, slot.n_tries))
