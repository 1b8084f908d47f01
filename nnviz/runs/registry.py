"""All live runs of this process: found by an unguessable id, limited, and tidied away.

A page that shows a run touches it at every refresh. A run that nobody touches is stopped after two
minutes, which a dropped connection may take to come back, and dropped ten minutes later.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Sequence

from nnviz.runs.engine import Engine
from nnviz.runs.run import Run
from nnviz.spec import ExperimentSpec

MAX_RUNS_PER_OWNER = 4
MAX_RUNS = 128
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
        self._closed = threading.Event()
        self._reaper: threading.Thread | None = None

    def __len__(self) -> int:
        return len(self._runs)

    def create(self, lanes: Sequence[ExperimentSpec], owner: str) -> Run:
        """A new run at step 0. Raises TooManyRunsError where no room can be made."""
        with self._lock:
            dropped = self._make_room(owner)
            run = Run(lanes, owner, self._engine)
            self._runs[run.id] = run
            self._touched[run.id] = self._clock()
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
            self._runs.clear()
            self._touched.clear()
        for run in runs:
            run.stop()
        if self._reaper is not None:
            self._reaper.join()

    def _make_room(self, owner: str) -> list[Run]:
        dropped: list[Run] = []
        own = [run for run in self._runs.values() if run.owner == owner]
        if len(own) >= MAX_RUNS_PER_OWNER:
            dropped += self._drop_resting(own)
            if not dropped:
                raise TooManyRunsError(
                    f"{MAX_RUNS_PER_OWNER} of your runs are training; pause one to start another"
                )
        if len(self._runs) >= MAX_RUNS:
            dropped += self._drop_resting(own) or self._drop_resting(self._abandoned())
        if len(self._runs) >= MAX_RUNS:
            raise TooManyRunsError(
                f"all {MAX_RUNS} places for runs are taken; try again in a few minutes"
            )
        return dropped

    def _abandoned(self) -> list[Run]:
        now = self._clock()
        late = [i for i, at in self._touched.items() if now - at >= STOP_AFTER_SECONDS]
        return [self._runs[run_id] for run_id in late]

    def _drop_resting(self, runs: Sequence[Run]) -> list[Run]:
        """Forget the oldest of `runs` that is not training."""
        for run in runs:
            if run.status != "running" and self._forget(run.id) is not None:
                return [run]
        return []

    def _forget(self, run_id: str) -> Run | None:
        self._touched.pop(run_id, None)
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
