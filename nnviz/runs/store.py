"""All trajectories of this process, and the work that their readers want done on them.

One lock guards everything here and in the runs, for moments only: nothing is computed, submitted
or waited for while it is held.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from weakref import WeakKeyDictionary, ref

from nnviz.runs.bursts import Burst, BurstResult, run_burst
from nnviz.runs.engine import Engine
from nnviz.runs.fair_queue import Job, Urgency
from nnviz.runs.listeners import Callback
from nnviz.runs.pace import Meter, burst_seconds
from nnviz.runs.timeline import Timeline
from nnviz.runs.trajectory import Trajectory
from nnviz.runs.wants import Want, ahead, behind, filling, needs

MAX_BYTES = 768 * 2**20
MAX_KNOWN = 2000
"""Trajectories, however little is known of them."""
BURST_LIMIT_SECONDS = 30.0
LONG_SECONDS = 2.0
"""Without a burst for so long, a training that was going on waits visibly."""

Told = Callable[[BaseException | None], Callback]
"""Called with the lock held when something came, with the error if it failed.

What it returns is called when the lock is free.
"""


@dataclass(eq=False)
class _Work:
    """What is under way for one trajectory: one burst at its head and one behind it."""

    trajectory: Trajectory
    wants: dict[str, Want] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)
    jobs: dict[str, Job | None] = field(default_factory=dict)
    meter: Meter = field(default_factory=Meter)
    n_bursts: int = 0
    asked: float = 0.0

    @property
    def takes_turns(self) -> bool:
        """Whether a burst is under way that somebody waits for."""
        return any(job is None or job.urgency != "sweep" for job in self.jobs.values())


class Store:
    """Trajectories by name, the least recently seen first."""

    def __init__(self, engine: Engine) -> None:
        self._engine = ref(engine)
        self.lock = threading.RLock()
        self._all: OrderedDict[str, Trajectory] = OrderedDict()
        self._work: dict[Trajectory, _Work] = {}
        self._changed: set[_Work] = set()

    def __len__(self) -> int:
        return len(self._all)

    @property
    def engine(self) -> Engine:
        """Whose workers compute."""
        engine = self._engine()
        assert engine is not None
        return engine

    @property
    def n_bytes(self) -> int:
        """About how much memory all trajectories take."""
        return sum(trajectory.n_bytes for trajectory in self._all.values())

    def of(self, timeline: Timeline) -> Trajectory:
        """The trajectory of this name, the same for whoever asks."""
        with self.lock:
            parent = timeline.parent
            known = None if parent is None else self.of(parent)
            found = self._all.get(timeline.name)
            if found is None:
                found = self._all[timeline.name] = Trajectory(timeline, known)
                if len(self._all) > MAX_KNOWN:
                    self._forget({found, *self._watched})
            self._all.move_to_end(timeline.name)
            return found

    def rate(self, trajectory: Trajectory) -> float:
        """Steps a second that workers take at its head, over about the last second."""
        work = self._work.get(trajectory)
        return work.meter.rate if work is not None else float("nan")

    def waits(self, trajectory: Trajectory) -> bool:
        """Whether a reader has to be told that nothing comes: no burst yet, or none for long."""
        work = self._work.get(trajectory)
        if work is None or not work.takes_turns:
            return False
        return work.n_bursts <= 1 or time.monotonic() - work.asked >= LONG_SECONDS

    def want(self, trajectory: Trajectory, reader: str, want: Want, told: Told) -> None:
        """What this reader needs from now on; `submit` then sees to it."""
        work = self._work.get(trajectory)
        if work is None:
            work = self._work[trajectory] = _Work(trajectory)
        if work.wants.get(reader) == want:
            return
        if want.is_urgent or not work.wants:
            work.n_bursts = 0
            work.meter.restart(trajectory.head)
        work.wants[reader], work.told[reader] = want, told
        self._withdraw(work)
        self._changed.add(work)

    def leave(self, trajectory: Trajectory, reader: str) -> None:
        """This reader needs nothing more; what still waits for a worker is withdrawn."""
        work = self._work.get(trajectory)
        if work is None:
            return
        work.wants.pop(reader, None)
        work.told.pop(reader, None)
        self._withdraw(work)

    def submit(self) -> None:
        """Ask the engine for what is wanted and not under way; called without the lock."""
        with self.lock:
            n_trainings = sum(w in self._changed or w.takes_turns for w in self._work.values())
            crowd = max(1, n_trainings), max(1, self.engine.n_slots)
            bursts = [(work, *due) for work in self._changed for due in _due(work, *crowd)]
            self._changed.clear()
            for work, kind, _, _ in bursts:
                work.jobs[kind], work.asked = None, time.monotonic()
        for work, kind, burst, urgency in bursts:
            job = self.engine.submit(
                run_burst,
                burst,
                on_done=partial(self._deliver, work, kind),
                owner=work.trajectory.timeline.name,
                priority=urgency,
                limit_seconds=BURST_LIMIT_SECONDS,
            )
            with self.lock:
                if kind in work.jobs and work.jobs[kind] is None:
                    work.jobs[kind] = job

    def _deliver(self, work: _Work, kind: str, outcome: BurstResult | BaseException) -> None:
        with self.lock:
            work.jobs.pop(kind, None)
            self._changed.add(work)
            error = outcome if isinstance(outcome, BaseException) else None
            if isinstance(outcome, BurstResult):
                work.trajectory.deposit(outcome)
                if kind == "head":
                    work.meter.reached(work.trajectory.head)
            rings = [told(error) for told in list(work.told.values())]
            if isinstance(outcome, BurstResult):
                self._make_room(work.trajectory, outcome.step)
            self._withdraw(work)
        self.submit()
        for ring in rings:
            ring()

    def _withdraw(self, work: _Work) -> None:
        for kind, job in list(work.jobs.items()):
            needed = any(needs(work.trajectory, want, kind) for want in work.wants.values())
            if job is not None and not job.is_held and not needed:
                job.cancel()
                del work.jobs[kind]
        if not work.wants and not work.jobs:
            self._work.pop(work.trajectory, None)

    def _make_room(self, grown: Trajectory, step: int) -> None:
        """Thin what has grown, forget what nobody looks at, thin what is largest, until all fits.

        What somebody waits for is spared, or it would be computed again and again.
        """
        wants = [want for work in self._work.values() for want in work.wants.values()]
        seen = {step for want in wants for step in want.records}
        stood = {step, *(want.standing for want in wants if want.standing is not None)}
        grown.trim(seen, stood)
        if self.n_bytes <= MAX_BYTES:
            return
        watched = self._watched
        while self.n_bytes > MAX_BYTES and self._forget(watched):
            pass
        largest = sorted(watched, key=lambda trajectory: trajectory.n_bytes, reverse=True)
        while self.n_bytes > MAX_BYTES and any(one.thin(seen, stood) for one in largest):
            pass

    @property
    def _watched(self) -> set[Trajectory]:
        return {one for found in self._work for one in found.lineage}

    def _forget(self, spared: set[Trajectory]) -> bool:
        """Forget the one seen longest ago that no fork goes on from; whether there was one."""
        spared = spared | {one.parent for one in self._all.values() if one.parent is not None}
        name = next((name for name, one in self._all.items() if one not in spared), None)
        return name is not None and bool(self._all.pop(name))


def _due(work: _Work, n_trainings: int, n_workers: int) -> Iterable[tuple[str, Burst, Urgency]]:
    wants = list(work.wants.values())
    seconds = burst_seconds(n_trainings, n_workers, work.n_bursts)
    if "head" not in work.jobs and (burst := ahead(work.trajectory, wants, seconds)):
        is_new = work.trajectory.head < 0
        is_first = work.n_bursts == 0 and (is_new or any(want.is_urgent for want in wants))
        work.n_bursts += 1
        yield "head", burst, "now" if is_first else "live"
    if "behind" not in work.jobs:
        seconds = burst_seconds(n_trainings, n_workers)
        if burst := behind(work.trajectory, wants, seconds):
            yield "behind", burst, "now"
        elif burst := filling(work.trajectory, wants, seconds):
            yield "behind", burst, "sweep"


_stores: WeakKeyDictionary[Engine, Store] = WeakKeyDictionary()
_stores_lock = threading.Lock()


def store_of(engine: Engine) -> Store:
    """The one store whose trajectories this engine computes."""
    with _stores_lock:
        if engine not in _stores:
            _stores[engine] = Store(engine)
        return _stores[engine]
