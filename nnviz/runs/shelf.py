"""What readers have under way in this process, runs and sweeps: found by id, limited, tidied away.

A page that shows something touches it at every refresh, and says when its reader leaves: a run
then asks for nothing until somebody is back, and gives way where places run out. What nobody has
touched for two minutes, which a dropped connection may take to come back, is stopped, and later
forgotten.
"""

from __future__ import annotations

import gc
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nnviz.runs.engine import Engine
from nnviz.runs.run import Run
from nnviz.runs.sweep import Call, Sweep
from nnviz.spec import ExperimentSpec

MAX_RUNS_PER_OWNER = 4
MAX_RUNS_PER_ADDRESS = 96
"""A class may share one address; another address still finds places when this one is full."""
MAX_RUNS = 128
MAX_SWEEPS_PER_OWNER = 8
MAX_SWEEPS = 128
GIVE_WAY_AFTER_SECONDS = 75.0
"""Longer than the pause between two looks of a page in a hidden tab, which is a minute."""
STOP_AFTER_SECONDS = 120.0
DROP_AFTER_SECONDS = 1200.0
REAP_EVERY_SECONDS = 5.0
COLLECT_EVERY_SECONDS = 60.0
STOPPED_TEXT = "Stopped, because nobody was watching; train to go on."


class NoPlaceError(RuntimeError):
    """No room for another one; its text is for the reader."""


@dataclass(eq=False)
class _Kept:
    """A thing on the shelf, when it was last looked at, and from where."""

    thing: Run | Sweep
    address: str
    touched: float
    is_left: bool = False

    @property
    def is_resting(self) -> bool:
        thing = self.thing
        return not thing.is_live if isinstance(thing, Sweep) else thing.status != "running"


class Shelf:
    """Things by id, oldest first. Knowing an id is what gives access."""

    def __init__(
        self, on: Engine | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine, self._clock = on, clock
        self._lock, self._sharing = threading.Lock(), threading.Lock()
        self._kept: dict[str, _Kept] = {}
        self._closed = threading.Event()
        self._reaper: threading.Thread | None = None

    def __len__(self) -> int:
        return len(self._kept)

    def new_run(self, lanes: Sequence[ExperimentSpec], owner: str, address: str = "") -> Run:
        """A run at step 0, of a browser at a network address ("" is this machine).

        Raises NoPlaceError where no room can be made.
        """
        with self._lock:
            giving_way = self._room_for_run(owner, address)
            run = Run(lanes, owner, self._engine)
            self._put(run, address)
        _stop(giving_way)
        return run

    def new_sweep(self, calls: Sequence[Call], owner: str, about: str = "") -> Sweep:
        """Submit all calls now. Raises NoPlaceError where no room can be made."""
        with self._lock:
            giving_way = self._room_for_sweep(owner)
        _stop(giving_way)
        sweep = Sweep(calls, owner, about, self._engine, self._clock)
        with self._lock:
            self._put(sweep, "")
        return sweep

    def shared_sweep(self, calls: Sequence[Call], owner: str, about: str) -> Sweep:
        """The sweep under way that is `about` the same, joined, or a new one.

        Raises NoPlaceError where no room can be made.
        """
        with self._sharing:
            for sweep in self.sweeps_about(about):
                if sweep.is_live:
                    sweep.join(owner)
                    return sweep
            return self.new_sweep(calls, owner, about)

    def sweeps_about(self, about: str) -> list[Sweep]:
        """Everybody's sweeps that are about this, oldest first."""
        things = [kept.thing for kept in list(self._kept.values())]
        return [thing for thing in things if isinstance(thing, Sweep) and thing.about == about]

    def run(self, run_id: str) -> Run | None:
        """The run of this id, or None."""
        kept = self._kept.get(run_id)
        return kept.thing if kept is not None and isinstance(kept.thing, Run) else None

    def sweep(self, sweep_id: str, owner: str) -> Sweep | None:
        """The owner's sweep of this id, or None."""
        sweep = self.anyones_sweep(sweep_id)
        return sweep if sweep is not None and sweep.owner == owner else None

    def anyones_sweep(self, sweep_id: str) -> Sweep | None:
        """The sweep of this id, or None; it is its owner's."""
        kept = self._kept.get(sweep_id)
        return kept.thing if kept is not None and isinstance(kept.thing, Sweep) else None

    def touch(self, thing_id: str) -> None:
        """Somebody is looking at it."""
        with self._lock:
            kept = self._kept.get(thing_id)
            if kept is None:
                return
            kept.touched, kept.is_left = self._clock(), False
        if isinstance(kept.thing, Run):
            kept.thing.attend(True)

    def leave(self, thing_id: str) -> None:
        """The page that showed it is closed."""
        with self._lock:
            kept = self._kept.get(thing_id)
            if kept is None:
                return
            kept.is_left = True
        if isinstance(kept.thing, Run):
            kept.thing.attend(False)

    def drop(self, thing_id: str) -> None:
        """Stop and forget it."""
        with self._lock:
            kept = self._kept.pop(thing_id, None)
        _stop([kept] if kept else [])

    def reap(self) -> None:
        """Stop and forget what nobody has touched for long."""
        now = self._clock()
        with self._lock:
            ages = [(kept, now - kept.touched) for kept in self._kept.values()]
            gone = [kept for kept, age in ages if age >= DROP_AFTER_SECONDS]
            for kept in gone:
                del self._kept[kept.thing.id]
        alone = [kept for kept, age in ages if age >= STOP_AFTER_SECONDS and not kept.is_resting]
        _stop([*gone, *alone], STOPPED_TEXT)

    def close(self) -> None:
        """Stop everything and the reaper."""
        self._closed.set()
        with self._lock:
            everything = list(self._kept.values())
            self._kept.clear()
        _stop(everything)
        if self._reaper is not None:
            self._reaper.join()

    def _put(self, thing: Run | Sweep, address: str) -> None:
        self._kept[thing.id] = _Kept(thing, address, self._clock())
        if self._reaper is None:
            self._reaper = threading.Thread(
                target=self._reap_forever, name="nnviz-reaper", daemon=True
            )
            self._reaper.start()

    def _room_for_run(self, owner: str, address: str) -> list[_Kept]:
        """What has to give way, taken off the shelf."""
        runs = [kept for kept in self._kept.values() if isinstance(kept.thing, Run)]
        own = [kept for kept in runs if kept.thing.owner == owner]
        near = [kept for kept in runs if kept.address == address]
        resting = [kept for kept in own if kept.is_resting]
        if len(own) >= MAX_RUNS_PER_OWNER:
            if not resting:
                raise NoPlaceError(
                    f"{MAX_RUNS_PER_OWNER} of your runs are training; pause one to start another"
                )
            return self._take_off(resting[0])
        for taken, most, whose in (
            (near, MAX_RUNS_PER_ADDRESS, " that one network address may have"),
            (runs, MAX_RUNS, ""),
        ):
            if len(taken) < most:
                continue
            for kept in (*self._abandoned(taken), *resting):
                return self._take_off(kept)
            raise NoPlaceError(
                f"all {most} places for runs{whose} are taken; try again in"
                f" {self._seconds_to_wait(taken)} seconds"
            )
        return []

    def _room_for_sweep(self, owner: str) -> list[_Kept]:
        sweeps = [kept for kept in self._kept.values() if isinstance(kept.thing, Sweep)]
        own = [kept for kept in sweeps if kept.thing.owner == owner]
        for taken, most, refusal in (
            (own, MAX_SWEEPS_PER_OWNER, "{} of your repetitions are under way; cancel one first"),
            (sweeps, MAX_SWEEPS, "all {} places for repetitions are taken; try again in a few"
             " minutes"),
        ):  # fmt: skip
            if len(taken) < most:
                continue
            for kept in (kept for kept in taken if kept.is_resting):
                return self._take_off(kept)
            raise NoPlaceError(refusal.format(most))
        return []

    def _take_off(self, kept: _Kept) -> list[_Kept]:
        del self._kept[kept.thing.id]
        return [kept]

    def _abandoned(self, runs: Sequence[_Kept]) -> list[_Kept]:
        """Runs that nobody watches any more, those left longest ago first."""
        now = self._clock()
        alone = [k for k in runs if k.is_left or now - k.touched >= GIVE_WAY_AFTER_SECONDS]
        return sorted(alone, key=lambda kept: kept.touched)

    def _seconds_to_wait(self, runs: Sequence[_Kept]) -> int:
        """When the run untouched for longest would give way, should its reader be gone."""
        oldest = min(kept.touched for kept in runs)
        return max(5, math.ceil(GIVE_WAY_AFTER_SECONDS - (self._clock() - oldest)))

    def _reap_forever(self) -> None:
        collected = time.monotonic()
        while not self._closed.wait(REAP_EVERY_SECONDS):
            self.reap()
            if time.monotonic() - collected >= COLLECT_EVERY_SECONDS:
                gc.collect()
                collected = time.monotonic()


def _stop(things: Sequence[_Kept], message: str = "") -> None:
    for kept in things:
        if isinstance(kept.thing, Sweep):
            kept.thing.cancel()
        else:
            kept.thing.stop(message)


_shelf: Shelf | None = None
_shelf_lock = threading.Lock()


def shelf() -> Shelf:
    """The process's one shelf."""
    global _shelf
    with _shelf_lock:
        if _shelf is None:
            _shelf = Shelf()
        return _shelf
