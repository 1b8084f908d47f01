"""Words belong to the step that they stand beside, or, while a run is going, to one just before."""

from __future__ import annotations

import pytest

from nnviz.diagnosis import diagnose
from nnviz.feed import words
from nnviz.feed.looking import Look, look
from nnviz.feed.viewer import Viewer
from nnviz.feed.words import finding
from tests.feed.conftest import NewViewer
from tests.runs.conftest import HandEngine


def shown(viewer: Viewer, hand: HandEngine, n_steps: int) -> Look:
    viewer.run.step(n_steps)
    hand.work()
    assert viewer.run.current_step >= 0
    hand.work()
    found = look(viewer.run, None)
    assert found is not None
    return found


def test_at_rest_and_in_looking_back_the_diagnosis_is_of_the_step(
    new_viewer: NewViewer, hand: HandEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "REST", 1e9)
    viewer = new_viewer()
    first, second = shown(viewer, hand, 3), shown(viewer, hand, 30)
    early, late = (diagnose([entry[0] for entry in found.until]) for found in (first, second))
    assert early != late
    assert finding(viewer, first, is_passing=True) == early
    assert finding(viewer, second, is_passing=True) == early, "it stands for a while"
    assert finding(viewer, second, is_passing=False) == late
    assert finding(viewer, first, is_passing=True) == early, "what comes later is not told before"
