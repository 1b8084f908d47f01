"""All live runs of this process: found by an unguessable id, limited, and tidied away.

A page that shows a run touches it at every refresh, and says when its reader leaves. A run that
nobody touches is stopped after two minutes, which a dropped connection may take to come back, and
dropped ten minutes later. Where places run out, what its reader has left gives way before that.
"""

from __future__ import annotations

import gc
import math
import threading
import time
from collections.abc import Callable, Sequence

from nnviz.runs.engine import Engine
from nnviz.runs.run import Run
from nnviz.spec import ExperimentSpec

MAX_RUNS_PER_OWNER = 4
MAX_RUNS_PER_ADDRESS = 96
"""A class may share one address; another address still finds places when this one is full."""
MAX_RUNS = 128
GIVE_WAY_AFTER_SECONDS = 75.0
"""Longer than the pause between two looks of a page in a hidden tab, which is a minute."""
STOP_AFTER_SECONDS = 120.0
DROP_AFTER_SECONDS = 720.0
REAP_EVERY_SECONDS = 5.0
COLLECT_EVERY_SECONDS = 60.0
STOPPED_TEXT = "Stopped, because nobody was watching; train to go on."


class TooManyRunsError(RuntimeError):
    """No room for another run; its text is for the reader."""


class RunRegistry:
    """Runs by id, oldest first. Knowing an id is what gives access to a run."""

    def __init__(
        self, on: Engine | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = on
        self._clock = clock
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}
        self._touched: dict[str, float] = {}
        self._address: dict[str, str] = {}
        self._left: set[str] = set()
        self._closed = threading.Event()
        self._reaper: threading.Thread | None = None

    def __len__(self) -> int:
        return len(self._runs)

    def create(self, lanes: Sequence[ExperimentSpec], owner: str, address: str = "") -> Run:
        """A new run at step 0, of a browser at a network address ("" is this machine).

        Raises TooManyRunsError where no room can be made.
        """
        with self._lock:
            dropped = self._make_room(owner, address)
            run = Run(lanes, owner, self._engine)
            self._runs[run.id] = run
            self._touched[run.id] = self._clock()
            self._address[run.id] = address
            self._start_reaper()
        for old in dropped:
            old.stop()
        return run

    def get(self, run_id: str) -> Run | None:
        """The run of this id, or None."""
        return self._runs.get(run_id)

    def touch(self, run_id: str) -> None:
        """Somebody is looking at this run."""
        with self._lock:
            if run_id in self._runs:
                self._touched[run_id] = self._clock()
                self._left.discard(run_id)

    def leave(self, run_id: str) -> None:
        """The page that showed this run is closed: it goes on, but gives way to a newcomer."""
        with self._lock:
            if run_id in self._runs:
                self._left.add(run_id)

    def drop(self, run_id: str) -> None:
        """Stop and forget a run."""
        with self._lock:
            run = self._forget(run_id)
        if run is not None:
            run.stop()

    def reap(self) -> None:
        """Stop and drop what nobody has touched for long."""
        now = self._clock()
        with self._lock:
            idle = {run_id: now - touched for run_id, touched in self._touched.items()}
            dropped = [self._forget(i) for i, age in idle.items() if age >= DROP_AFTER_SECONDS]
            alone = [
                self._runs[run_id]
                for run_id, age in idle.items()
                if run_id in self._runs and age >= STOP_AFTER_SECONDS
            ]
        for run in dropped:
            if run is not None:
                run.stop()
        for run in alone:
            if run.status == "running":
                run.stop(STOPPED_TEXT)

    def close(self) -> None:
        """Stop all runs and the reaper."""
        self._closed.set()
        with self._lock:
            runs = list(self._runs.values())
            for run in runs:
                self._forget(run.id)
        for run in runs:
            run.stop()
        if self._reaper is not None:
            self._reaper.join()

    def _make_room(self, owner: str, address: str) -> list[Run]:
        runs = list(self._runs.values())
        own = [run for run in runs if run.owner == owner]
        near = [run for run in runs if self._address[run.id] == address]
        if len(own) >= MAX_RUNS_PER_OWNER:
            resting = [run for run in own if run.status != "running"]
            if not resting:
                raise TooManyRunsError(
                    f"{MAX_RUNS_PER_OWNER} of your runs are training; pause one to start another"
                )
            return self._give_way(resting[0])
        for taken, most, whose in (
            (near, MAX_RUNS_PER_ADDRESS, " that one network address may have"),
            (runs, MAX_RUNS, ""),
        ):
            if len(taken) < most:
                continue
            resting = [run for run in own if run.status != "running"]
            for run in (*self._abandoned(taken), *resting):
                return self._give_way(run)
            raise TooManyRunsError(
                f"all {most} places for runs{whose} are taken; try again in"
                f" {self._seconds_to_wait(taken)} seconds"
            )
        return []

    def _abandoned(self, runs: Sequence[Run]) -> list[Run]:
        """Runs that nobody watches any more, those left longest ago first."""
        now = self._clock()
        alone = [
            run
            for run in runs
            if run.id in self._left or now - self._touched[run.id] >= GIVE_WAY_AFTER_SECONDS
        ]
        return sorted(alone, key=lambda run: self._touched[run.id])

    def _seconds_to_wait(self, runs: Sequence[Run]) -> int:
        """When the run untouched for longest would give way, should its reader be gone."""
        oldest = min(self._touched[run.id] for run in runs)
        return max(5, math.ceil(GIVE_WAY_AFTER_SECONDS - (self._clock() - oldest)))

    def _give_way(self, run: Run) -> list[Run]:
        self._forget(run.id)
        return [run]

    def _forget(self, run_id: str) -> Run | None:
        self._touched.pop(run_id, None)
        self._address.pop(run_id, None)
        self._left.discard(run_id)
        return self._runs.pop(run_id, None)

    def _start_reaper(self) -> None:
        if self._reaper is None:
            self._reaper = threading.Thread(
                target=self._reap_forever, name="nnviz-reaper", daemon=True
            )
            self._reaper.start()

    def _reap_forever(self) -> None:
        collected = time.monotonic()
        while not self._closed.wait(REAP_EVERY_SECONDS):
            self.reap()
            if time.monotonic() - collected >= COLLECT_EVERY_SECONDS:
                gc.collect()
                collected = time.monotonic()


_registry: RunRegistry | None = None
_registry_lock = threading.Lock()


def registry() -> RunRegistry:
    """The process's one registry."""
    global _registry
    with _registry_lock:
        if _registry is None:
            _registry = RunRegistry()
        return _registry
