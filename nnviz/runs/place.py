"""Where a reader stands on one to four trajectories, what was passed, and what is wanted next."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterable, Sequence
from typing import Literal

from nnviz.runs.engine import Engine, engine
from nnviz.runs.grid import crowded_stride, fine_stride, is_on, live_stride, next_on
from nnviz.runs.history import Entry, History
from nnviz.runs.listeners import Callback, Listeners
from nnviz.runs.pace import Pace
from nnviz.runs.path import Path
from nnviz.runs.reports import RunStatus, divergence_text, failure_text, lanes_text
from nnviz.runs.store import store_of
from nnviz.runs.trajectory import Trajectory, common_steps
from nnviz.runs.wants import Want
from nnviz.spec import ExperimentSpec

MAX_LANES = 4
TICK_SECONDS = 0.4
Kind = Literal["train", "steps", "epochs", "rest"]


class Place:
    """The lanes of one reader, shown in lockstep: only what nobody has computed yet is work.

    `status` and `message` say how it stands, `target` is the step at which training ends. Names
    that begin with an underscore are used with the lock held, but for `_look_around`, `_follow` and
    `_see_to_it`.
    """

    def __init__(
        self, lanes: Sequence[ExperimentSpec], owner: str = "", on: Engine | None = None
    ) -> None:
        if not 1 <= len(lanes) <= MAX_LANES:
            raise ValueError(f"a run has 1 to {MAX_LANES} lanes; got {len(lanes)}")
        self.id = secrets.token_urlsafe(16)
        self.owner = owner
        self.status: RunStatus = "paused"
        self.message = ""
        self._engine = on or engine()
        self._store = store_of(self._engine)
        self._lock = self._store.lock
        self._history, self._pace, self._listeners = History(), Pace(), Listeners()
        self._is_watched, self._is_ticking = True, False
        self._path = Path.begin(lanes, self._engine.cluster_address)
        self._position = self._goal = self._until = self.target = 0
        self._kind: Kind = "rest"
        self._is_pressed = self._asks = False
        self._looking: int | None = None
        self._standing: tuple[int, tuple[bytes, ...]] | None = None
        self._holes: set[int] | None = None
        with self._lock:
            self._enter(self._path)
            self._advance()
        self._see_to_it()

    @property
    def is_watched(self) -> bool:
        """Whether somebody looks: else it stands still and asks for nothing."""
        return self._is_watched

    @property
    def engine(self) -> Engine:
        """Whose workers compute what is missing."""
        return self._engine

    def listen(self, callback: Callback) -> Callback:
        """Call `callback` when something came, a control was used, it came to rest, workers went.

        From any thread, with no lock held; it must be quick. Steps that come due at a pace are not
        told: they need a look. What is returned ends it.
        """
        ends = self._listeners.add(callback), self._engine.listen(callback)

        def end() -> None:
            for one in ends:
                one()

        return end

    def ring(self) -> None:
        """Tell all who listen that there is something new; without the lock."""
        self._listeners.ring()

    def _look_around(self) -> None:
        with self._lock:
            before = self.status
            self._advance()
            is_news = self.status != before
        self._see_to_it()
        if is_news:
            self.ring()

    def _follow(self) -> None:
        """What a control asked for is seen to, and told."""
        self._see_to_it()
        self.ring()

    def _see_to_it(self) -> None:
        """Ask for what is wanted now, and look again before it is used up."""
        self._store.submit()
        with self._lock:
            is_paced = self.status == "running" and self._pace.speed is not None
            if self._is_ticking or not is_paced or not self._is_watched:
                return
            self._is_ticking = True
        self._engine.call_later(TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        self._is_ticking = False
        self._look_around()

    def _trajectories(self) -> tuple[Trajectory, ...]:
        return tuple(map(self._store.of, self._path.timelines))

    @property
    def lanes(self) -> tuple[ExperimentSpec, ...]:
        """The settings as asked for last, one a lane."""
        return self._path.lanes

    @property
    def trajectories(self) -> tuple[Trajectory, ...]:
        """What the lanes are places on."""
        with self._lock:
            return self._trajectories()

    @property
    def divergences(self) -> tuple[str | None, ...]:
        """A sentence for each lane that has diverged by now."""
        with self._lock:
            return tuple(
                divergence_text(lane.end.divergence)
                if lane.end is not None
                and lane.end.divergence is not None
                and lane.end.step <= self._position
                else None
                for lane in self._trajectories()
            )

    @property
    def standing(self) -> tuple[int, tuple[bytes, ...]] | None:
        """The last step not after the present one whose states are there, and these states.

        As `TrainingState.to_bytes` writes them; at rest it is the present step. A lane that has
        diverged by then stands where it stopped.
        """
        with self._lock:
            if self._standing is None or self._standing[0] != self._position:
                self._standing = self._last_states() or self._standing
            return self._standing

    def _enter(self, path: Path, history: History | None = None) -> None:
        """Stand where the path was left, with what was passed."""
        for lane in self._trajectories():
            self._store.leave(lane, self.id)
        self._path, self._position = path, path.step
        self._rest("diverged" if self._is_over else "paused", lanes_text(self.divergences))
        if history is None:
            self._history.cut(-1)
            lanes = self._trajectories()
            stride = fine_stride(n_steps_of(path.lanes))
            passed = (s for s in common_steps(lanes, -1, path.step) if is_on(s, stride))
            self._history.put(self._entries(passed))
        elif any(seen.divergence is not None for seen in history.at(path.step) or ()):
            history.cut(path.step - 1)
        self.target = 0
        self._aim_anew()

    def _aim_anew(self) -> None:
        """The number of steps may be another one."""
        n_steps = n_steps_of(self.lanes)
        self.target = n_steps * max(1, math.ceil(self._position / n_steps))
        if self._kind == "train":
            self._goal = self.target
        self._holes = None
        self._set_stride()

    def _set_stride(self) -> None:
        n_steps = n_steps_of(self.lanes)
        self._stride = max(live_stride(lane, n_steps, self._pace.speed) for lane in self.lanes)

    @property
    def _is_over(self) -> bool:
        """Whether no lane can go on from here."""
        return all(
            lane.end is not None and lane.end.step <= self._position
            for lane in self._trajectories()
        )

    def _go(self, kind: Kind, goal: int) -> None:
        if self._is_over:
            return
        if self.status != "running":
            self._until = self._position
        if self.status != "running" or kind == "steps":
            self._pace.restart(goal if kind == "steps" else self._position + 1)
        self._kind, self._goal, self._is_pressed = kind, goal, True
        self.status, self.message = "running", lanes_text(self.divergences)
        self._advance()

    def _rest(self, status: RunStatus, message: str = "") -> None:
        self.status, self.message = status, message
        self._kind = "rest"
        self._goal = self._until = self._position
        self._is_pressed = self._asks = False
        self._looking = self._standing = self._holes = None

    def _told(self, error: BaseException | None) -> Callback:
        if error is not None:
            self._rest("failed", failure_text(error, self.lanes, self._position))
        self._advance()
        return self.ring

    def _advance(self) -> None:
        """Move to where the reader is by now, take in what has come, and say what is wanted."""
        lanes = self._trajectories()
        if self.status == "running" and self._is_watched:
            self._move(lanes)
        if self.status != "running":
            self._settle(lanes)
        self._history.put(self._entries({self._position} - set(self._history.steps[-1:])))
        self._ask(lanes)

    @property
    def _stride_now(self) -> int:
        if self._pace.speed is not None:
            return self._stride
        return crowded_stride(self._stride, self._rate)

    @property
    def _rate(self) -> float:
        """Steps a second of the slowest lane that workers take on; NaN when they take none."""
        rates = [self._store.rate(lane) for lane in self._trajectories() if lane.end is None]
        return min((rate for rate in rates if not math.isnan(rate)), default=math.nan)

    def _move(self, lanes: Sequence[Trajectory]) -> None:
        ends = [lane.end.step for lane in lanes if lane.end is not None]
        last = max(ends) if len(ends) == len(lanes) else None
        goal = self._goal if last is None else min(self._goal, last)
        if self._pace.speed is None:
            stride = min(self._stride_now, fine_stride(n_steps_of(self.lanes)))
            found = common_steps(lanes, self._position, goal)
            passed = {step for step in found if step in (goal, last) or is_on(step, stride)}
        else:
            passed = self._paced(goal)
        if passed:
            self._history.put(self._entries(passed))
            self._position = max(passed)
            self._is_pressed = False
        self.message = lanes_text(self.divergences)
        if last is not None and self._position >= last:
            self._history.put(self._entries([last]))
            self._rest("diverged", self.message)
        elif self._position >= self._goal:
            is_done = self._position == self.target
            self._rest("finished" if is_done else "paused", self.message)

    def _paced(self, goal: int) -> set[int]:
        """The steps that are due by now, each in its turn."""
        passed: set[int] = set()
        step, stride = self._position, self._stride
        while step < goal and (step := min(next_on(step, stride), goal)) <= self._pace.due:
            if self._entry(step) is None:
                self._pace.restart(step)
                break
            passed.add(step)
        return passed

    def _settle(self, lanes: Sequence[Trajectory]) -> None:
        """At rest: fill in what was passed without a record."""
        if self._holes is None:
            limit = self._history.limit * 4 // 5
            stride = fine_stride(max(n_steps_of(self.lanes), self._position), limit)
            grid, step = {0}, 0
            while (step := next_on(step, stride)) < self._position:
                grid.add(step)
            self._holes = grid - set(self._history.steps)
        filled = self._entries(self._holes)
        self._holes -= filled.keys()
        self._history.put(filled)

    def _ask(self, lanes: Sequence[Trajectory]) -> None:
        wants = [self._want(lane) for lane in lanes]
        self._asks = any(want != Want() for want in wants)
        for lane, want in zip(lanes, wants, strict=True):
            if want == Want():
                self._store.leave(lane, self.id)
            else:
                self._store.want(lane, self.id, want, self._told)

    def _want(self, lane: Trajectory) -> Want:
        steps: set[int] = set() if self._looking is None else {self._looking}
        if not self._is_watched:
            return Want()
        if self.status in ("failed", "stopped"):
            return Want(steps=frozenset(steps))
        if self.status != "running":
            standing = self.standing
            needed = None if standing and standing[0] == self._position else self._position
            if needed is not None or not self._is_shown:
                steps.add(self._position)
            holes = {step for step in self._holes or () if step == lane.last_step(step)}
            return Want(steps=frozenset(steps), standing=needed, holes=frozenset(holes))
        stride, lookahead = self._stride_now, self._pace.lookahead
        self._until = min(self._until, self._goal)
        if self._until < self._goal and self._until - self._position <= lookahead / 2:
            self._until = math.floor(min(self._goal, self._position + lookahead))
        if self._until == self._goal:
            steps.add(self._goal)
        step = self._position
        while self._pace.speed is not None and (step := next_on(step, stride)) <= self._until:
            if step <= lane.head:
                steps.add(step)
        if not self._is_shown:
            steps.add(self._position)
        return Want(self._until, stride, frozenset(steps), is_urgent=self._is_pressed)

    @property
    def _is_shown(self) -> bool:
        return self._position in self._history.steps[-1:]

    def _entry(self, step: int) -> Entry | None:
        """What the lanes show at exactly this step, if it is there for all."""
        return self._entries([step]).get(step)

    def _entries(self, steps: Iterable[int]) -> dict[int, Entry]:
        lanes, found = self._trajectories(), {}
        for step in steps:
            shown = [lane.shown(step) for lane in lanes]
            if all(shown):
                found[step] = tuple(filter(None, shown))
        return found

    def _last_states(self) -> tuple[int, tuple[bytes, ...]] | None:
        lanes = self._trajectories()
        going = [lane for lane in lanes if lane.end is None or lane.end.step > self._position]
        steps = [lane.state_steps(self._position) for lane in going]
        step = max(set.intersection(*steps), default=None) if steps else self._position
        if step is None:
            return None
        found = [lane.state(step if lane in going else lane.end.step) for lane in lanes]  # type: ignore[union-attr]
        states = tuple(state for state in found if state is not None)
        return (step, states) if len(states) == len(lanes) else None


def n_steps_of(lanes: Sequence[ExperimentSpec]) -> int:
    """The number of steps asked for, of the lane with most."""
    return max(lane.training.n_steps for lane in lanes)
