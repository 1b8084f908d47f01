"""A reader at the stage of a page: what it shows, and its buttons."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from nnviz.base import Spec
from nnviz.feed import Viewer
from nnviz.feed.commands import command, obey
from nnviz.feed.frames import Frames
from nnviz.feed.looking import look
from nnviz.feed.standing import standing
from nnviz.runs import Run
from nnviz.ui.exhibits.exhibit import Shown
from nnviz.ui.exhibits.pieces import Pieces


class Reader:
    """Presses what the stage offers and reads what the feed would push."""

    def __init__(self, app: AppTest, page: str) -> None:
        self.app, self.page = app, page

    @property
    def viewer(self) -> Viewer:
        found: Viewer = self.app.session_state[f"nnviz.{self.page}.viewer"]
        return found

    @property
    def run(self) -> Run:
        return self.viewer.run

    def press(self, do: str, **more: Any) -> None:
        """A button of the stage; where it took another way, the script runs again."""
        before = self.run.path
        obey(self.viewer, command(json.dumps({"do": do, **more})))
        if self.run.path is not before:
            self.app.run()

    def go_to(self, step: int) -> Run:
        """The run, gone to this step and at rest."""
        self.run.step(step - self.run.current_step)
        waited(lambda: self.run.status != "running" and self.run.current_step == step)
        waited(lambda: self.run.look(step)[1])
        return self.run

    @property
    def state(self) -> dict[str, Any]:
        """What the buttons and notices show."""
        return standing(self.viewer, look(self.run, self.viewer.position))

    @property
    def facts(self) -> dict[str, Any]:
        """The numbers and words above the charts."""
        found = look(self.run, self.viewer.position)
        assert found is not None
        return Frames().of(self.viewer, found).facts

    def metric(self, label: str) -> str:
        """One of a single lane's numbers."""
        return str(dict(self.facts["metrics"])[label])


def waited(is_so: Callable[[], object], seconds: float = 90) -> None:
    """Return once it is so."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not is_so():
        time.sleep(0.05)
    assert is_so()


def measured(exhibit: Shown, settings: Spec) -> Any:
    """What an exhibit measures, computed here."""
    if not isinstance(exhibit.measure, Pieces):
        return exhibit.measure(settings)
    results: list[Any] = []
    while calls := exhibit.measure.calls(settings, results):
        results += [function(*arguments) for function, arguments in calls]
    return exhibit.measure.collect(settings, results)
