"""A viewer: one page's look at a run: what it shows, where it looks, who may hold it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from nnviz.feed.repetition import Repetition
from nnviz.feed.view import Asked
from nnviz.figures import Series
from nnviz.figures.shared_axes import AxisLimits
from nnviz.runs import Path, Run, shelf
from nnviz.runs.listeners import Callback, Listeners

LESSON_SECONDS = 20.0
"""How long the whole of the asked steps takes at the usual pace, however fast the machine."""
PACES: dict[str, float | None] = {"1/s": 1.0, "10/s": 10.0, "100/s": 100.0, "max": None}
LESSON = "20 s"


@dataclass(eq=False)
class Viewer:
    """Set by the page's script, moved by the reader's commands; any thread may read it.

    `names` are the lanes', `repetition` is what the part "seeds" shows. Without `may_steer` the
    reader can look around, and the run goes on without him.
    """

    run: Run
    owner: str
    names: tuple[str, ...]
    asked: Asked = field(default_factory=Asked)
    repetition: Repetition | None = None
    may_steer: bool = True

    def __post_init__(self) -> None:
        self.id = secrets.token_urlsafe(16)
        self.drawing = threading.Lock()
        self._series: list[Series] = []
        self.frozen: dict[str, AxisLimits] = {}
        self._pointed: tuple[Path, int | None] = (self.run.path, None)
        self._ghost: Path | None = None
        self.refused = ""
        self._listeners = Listeners()

    def show(
        self, asked: Asked, names: Sequence[str], repetition: Repetition | None = None
    ) -> None:
        """What the page is to show from now on; the pinned unit stays."""
        asked = replace(asked, pin=self.asked.pin)
        wished = asked, tuple(names), repetition
        if wished == (self.asked, self.names, self.repetition):
            return
        if not asked.is_frozen or len(names) != len(self.names):
            self.frozen = {}
        self.asked, self.names, self.repetition = wished
        self._listeners.ring()

    def pin(self, pin: tuple[str, int] | None) -> None:
        """Show what this unit of a layer computes in the place of the answer (None: no longer)."""
        self.asked = replace(self.asked, pin=pin)
        self._listeners.ring()

    def refuse(self, words: str) -> None:
        """Why the last thing that was to be done by hand wasn't; "" where it was."""
        self.refused = words
        self._listeners.ring()

    def series_of(self, n_lanes: int) -> list[Series]:
        """What curves are drawn of, a series a lane; used while `drawing` is held."""
        if len(self._series) != n_lanes:
            self._series = [Series() for _ in range(n_lanes)]
        return self._series

    @property
    def position(self) -> int | None:
        """The step that the reader looks at; None while he follows the newest."""
        path, step = self._pointed
        if path is not self.run.path or step is None or step > self.run.current_step:
            return None
        return step

    def point(self, step: int | None) -> None:
        """Look at this step of the run's present way (None: follow the newest)."""
        self._pointed = (self.run.path, step)

    @property
    def ghost(self) -> Path | None:
        """The way that lies under the present one."""
        return None if self._ghost is self.run.path else self._ghost

    def lay_under(self, path: Path | None) -> None:
        """Show this way faintly under the present one from now on (None: no way)."""
        self._ghost = path

    def lay_under_what_was(self, left: Path) -> None:
        """The way that was just left, if it was gone at all and on the same data."""
        data = [[lane.data for lane in path.lanes] for path in (left, self.run.path)]
        self.lay_under(left if left.step and data[0] == data[1] else None)

    def walk(self, move: Callable[[], object]) -> None:
        """Leave the present way by `move`; moved onto its ghost, the two change places."""
        left, ghost = self.run.path, self._ghost
        move()
        self.point(None)
        if self.run.path is left:
            return
        if ghost is self.run.path or ghost is None:
            self.lay_under_what_was(left)

    @property
    def pace(self) -> str:
        """The name of the run's speed."""
        speed = self.run.speed
        return next((name for name, known in PACES.items() if known == speed), LESSON)

    def set_pace(self, name: str) -> None:
        """One of `PACES`, or the whole of the asked steps in 20 seconds."""
        self.run.set_speed(PACES[name] if name in PACES else lesson_speed(self.run))

    def listen(self, callback: Callback) -> Callback:
        """Call back, from any thread, when the run has news or the page shows something else.

        What is returned ends it.
        """
        ends = self.run.listen(callback), self._listeners.add(callback)

        def end() -> None:
            for each in ends:
                each()

        return end


def lesson_speed(run: Run) -> float:
    """Steps a second at which the asked steps take `LESSON_SECONDS`."""
    n_steps = max(lane.training.n_steps for lane in run.lanes)
    return max(n_steps / LESSON_SECONDS, 0.5)


class Viewers:
    """Viewers by id; an id alone opens none."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Viewer] = {}

    def add(self, viewer: Viewer) -> Viewer:
        """Keep it for as long as its run is on the shelf."""
        with self._lock:
            self._known = {
                name: known
                for name, known in self._known.items()
                if name != viewer.id and shelf().run(known.run.id) is known.run
            }
            self._known[viewer.id] = viewer
        return viewer

    def get(self, viewer_id: str) -> Viewer | None:
        """The viewer of this id, or None."""
        with self._lock:
            return self._known.get(viewer_id)


_viewers = Viewers()


def viewers() -> Viewers:
    """The process's viewers."""
    return _viewers
