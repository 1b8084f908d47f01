"""Viewers of runs that work when they are told to."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pytest

from nnviz.feed.frames import Frame, Frames
from nnviz.feed.looking import look
from nnviz.feed.screen import Screen as Had
from nnviz.feed.view import Asked
from nnviz.feed.viewer import Viewer
from nnviz.feed.views import default_views
from nnviz.runs import Run
from nnviz.spec import ExperimentSpec
from tests.feed.screen import Screen
from tests.runs.conftest import HandEngine, hand, unseen

__all__ = ["hand"]

NewViewer = Callable[..., Viewer]


@pytest.fixture
def new_viewer(hand: HandEngine) -> NewViewer:
    """A viewer of a run of these lanes with all default views, its start measured."""

    def make(*lanes: ExperimentSpec, owner: str = "me", **asked: object) -> Viewer:
        specs = lanes or (unseen(),)
        names = tuple(f"lane {place}" for place in range(len(specs)))
        run = Run(specs, owner, hand)
        hand.work()
        return Viewer(run, owner, names, Asked(default_views(specs), **asked))

    return make


def frame_of(
    viewer: Viewer, frames: Frames | None = None, wanted: Collection[str] | None = None
) -> Frame:
    """What the viewer sees now, with these panels drawn (None: all)."""
    found = look(viewer.run, viewer.position)
    assert found is not None
    return (frames or Frames()).of(viewer, found, wanted)


def seen(viewer: Viewer) -> Screen:
    """All of it on a fresh screen."""
    frame = frame_of(viewer)
    return Screen().merge(Had().take(frame, frame.ids))
