"""A frame is whole, drawn once for all who see the same, and small after the first."""

from __future__ import annotations

import numpy as np
import pytest

from nnviz import ExperimentSpec
from nnviz.feed.frames import Frames
from nnviz.feed.panels import heads
from nnviz.feed.screen import Screen as Had
from nnviz.feed.view import Asked
from nnviz.feed.viewer import Viewer
from nnviz.feed.views import default_views, fitting_views, undrawn
from nnviz.runs import Run
from nnviz.spec import ComparisonSpec
from tests.feed.conftest import NewViewer, frame_of, seen
from tests.feed.screen import Screen, plain
from tests.runs.conftest import HandEngine, small, unseen


def stepped(viewer: Viewer, hand: HandEngine, n: int) -> None:
    viewer.run.step(n)
    hand.work()
    assert viewer.run.current_step >= 0
    hand.work()


CASES = {
    "one lane": lambda: (unseen(),),
    "three lanes": lambda: (unseen(), unseen(width=6), unseen(width=3)),
    "a regression": lambda: (
        ExperimentSpec.model_validate({"data": {"name": "sinusoid"}, "training": {"seed": 77}}),
    ),
    "pictures": lambda: (
        ExperimentSpec.model_validate(
            {
                "data": {"name": "digits", "n_samples": 200},
                "network": {"blocks": [{"kind": "convolution", "channels": 2}]},
                "training": {"seed": 78},
            }
        ),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_changes_bring_a_screen_to_the_same_as_the_whole(
    new_viewer: NewViewer, hand: HandEngine, case: str
) -> None:
    viewer, screen, had = new_viewer(*CASES[case]()), Screen(), Had()
    for n, position in ((1, None), (2, None), (5, 3), (8, None), (1, 0), (3, None)):
        viewer.point(None)
        stepped(viewer, hand, n)
        viewer.point(position)
        after = frame_of(viewer)
        screen.merge(had.take(after, after.ids))
        whole = Screen().merge(Had().take(after, after.ids))
        assert plain(screen.panels) == plain(whole.panels)
        assert list(screen.panels) == list(whole.panels)
        assert (screen.facts, screen.steps) == (whole.facts, whole.steps)


def test_panels_in_sight_are_those_of_the_whole_whatever_was_in_sight_before(
    new_viewer: NewViewer, hand: HandEngine
) -> None:
    viewer, screen, had = new_viewer(), Screen(), Had()
    names = viewer.asked.names
    for turn in range(12):
        if turn == 8:
            other = unseen().model_dump(mode="json") | {"data": {"name": "circles"}}
            viewer.run.change([ExperimentSpec.model_validate(other)])
        stepped(viewer, hand, 1 + turn % 3)
        wanted = {*names[turn % 3 :: 3], *names[: turn % 4], "nobody"}
        after = frame_of(viewer, wanted=wanted)
        screen.merge(had.take(after, wanted))
        whole = seen(viewer)
        shown = {name: screen.panels[name] for name in whole.panels if name in wanted}
        assert plain(shown) == plain({name: whole.panels[name] for name in shown})
        assert set(screen.sent) <= wanted
        assert (screen.facts, screen.heads) == (whole.facts, whole.heads)
        assert had.has(after, wanted)
        assert not had.has(frame_of(viewer, wanted=wanted), wanted), "another frame"


def test_a_panel_is_drawn_when_it_is_seen_and_once_for_all(
    new_viewer: NewViewer, hand: HandEngine
) -> None:
    viewer, frames = new_viewer(), Frames()
    stepped(viewer, hand, 6)
    frame = frame_of(viewer, frames, {"loss"})
    assert [panel.id for panel in frame.drawn(frame.ids)] == ["loss"]
    assert frame_of(viewer, frames, {"loss", "flow"}) is frame
    (loss,) = frame.drawn({"loss"})
    assert [panel.id for panel in frame.drawn(frame.ids)] == ["loss", "flow"]
    frame_of(viewer, frames)
    assert frame.drawn({"loss"})[0] is loss
    assert Had().take(frame, {"loss"}) is Had().take(frame, {"loss"}), "packed once"


def test_everything_in_a_frame_is_of_its_step(new_viewer: NewViewer, hand: HandEngine) -> None:
    viewer = new_viewer()
    stepped(viewer, hand, 9)
    screen = seen(viewer)
    assert screen.facts["step"] == screen.steps[-1] == 9
    assert dict(screen.facts["metrics"])["Step"] == "9"
    losses = next(t for t in screen.panels["loss"]["traces"] if t["name"] == "test")
    assert losses["x"][-1] == 9
    assert f"{losses['y'][-1]:.4g}" == dict(screen.facts["metrics"])["Test loss"]


def test_looking_back_shows_that_step_and_keeps_the_whole_curve(
    new_viewer: NewViewer, hand: HandEngine
) -> None:
    viewer = new_viewer()
    stepped(viewer, hand, 9)
    viewer.point(4)
    screen = seen(viewer)
    assert screen.facts["step"] == 4
    losses = next(t for t in screen.panels["loss"]["traces"] if t["name"] == "test")
    assert losses["x"][-1] == screen.steps[-1] == 9


def test_readers_of_one_training_share_its_frames(hand: HandEngine) -> None:
    spec, frames = unseen(), Frames()
    readers = []
    for owner in "ab":
        run = Run((spec,), owner, hand)
        hand.work()
        readers.append(Viewer(run, owner, ("",), Asked(default_views((spec,)))))
        stepped(readers[-1], hand, 6)
    first, second = (frame_of(reader, frames) for reader in readers)
    assert first is second
    readers[0].show(Asked(("loss",)), ("",))
    assert frame_of(readers[0], frames) is not first


def test_readers_who_look_elsewhere_do_not_share(new_viewer: NewViewer, hand: HandEngine) -> None:
    viewer, frames = new_viewer(), Frames()
    stepped(viewer, hand, 6)
    newest = frame_of(viewer, frames)
    viewer.point(3)
    assert frame_of(viewer, frames) is not newest
    viewer.point(None)
    assert frame_of(viewer, frames) is newest


def test_a_frame_of_the_default_views_is_small_after_the_first(
    new_viewer: NewViewer, hand: HandEngine
) -> None:
    """In a steady state at most 25 kB; series only grow at their ends."""
    spec = ExperimentSpec.model_validate(
        {
            "data": {"name": "moons"},
            "network": {"blocks": [{"kind": "dense", "width": 8}, {"kind": "dense", "width": 8}]},
            "training": {"seed": 4711},
        }
    )
    viewer = new_viewer(spec)
    stepped(viewer, hand, 64)
    sizes, had = [], Had()
    for _ in range(9):
        frame = frame_of(viewer)
        sizes.append(len(had.take(frame, frame.ids)))
        stepped(viewer, hand, 16)
    assert np.mean(sizes[1:]) <= 25_000, sizes


def test_frozen_axes_stay_while_the_lanes_go_on(new_viewer: NewViewer, hand: HandEngine) -> None:
    viewer = new_viewer(unseen(), unseen(width=6), is_frozen=True)
    stepped(viewer, hand, 2)
    frame_of(viewer, wanted=())
    frozen = dict(viewer.frozen["test_loss"])
    stepped(viewer, hand, 2)
    assert ranges(viewer) == [frozen["xaxis"], frozen["yaxis"]], "though nobody saw it before"
    frozen = ranges(viewer)
    stepped(viewer, hand, 40)
    assert ranges(viewer) == frozen
    viewer.show(Asked(viewer.asked.names), viewer.names)
    assert ranges(viewer) != frozen


def ranges(viewer: Viewer) -> list[object]:
    panels = seen(viewer).panels
    axes = ("xaxis", "yaxis")
    return [panels["test_loss"]["layout"][axis].get("range") for axis in axes]


def test_lanes_are_named_and_compared_with_the_first(
    new_viewer: NewViewer, hand: HandEngine
) -> None:
    viewer = new_viewer(small(), small(width=7), small(width=2))
    stepped(viewer, hand, 20)
    table = seen(viewer).facts["table"]
    first, second, _ = viewer.run.history.entries[-1]
    assert table["head"][0] == "step 20"
    assert [row[0] for row in table["rows"]] == ["lane 0", "lane 1", "lane 2"]
    assert table["rows"][1][4] == f"{second.test_accuracy:.1%}"
    points = 100 * (second.test_accuracy - first.test_accuracy)
    assert table["rows"][1][5] == f"{points:+.1f} points"
    best = min(viewer.run.history.lane(2), key=lambda snapshot: snapshot.test_loss)
    assert table["rows"][2][7] == f"{best.test_loss:.3g}, {best.step}"


def test_both_modes_are_measured_where_the_run_stands(
    new_viewer: NewViewer, hand: HandEngine
) -> None:
    base = {"data": {"name": "moons"}, "training": {"seed": 99, "batch_size": 20}}
    norm = {"network": {"normalization": "batch"}}
    lanes = [ExperimentSpec.model_validate({**base, **own}) for own in ({}, norm)]
    viewer = new_viewer(*lanes, part="modes")
    stepped(viewer, hand, 1)
    frame_of(viewer)
    hand.work()
    words = " ".join(seen(viewer).facts["words"])
    assert "lane 1: training refuses: “Expected more than 1 value per channel" in words
    assert "lane 0" not in words


def test_the_boxes_that_wait_are_those_that_are_drawn(
    new_viewer: NewViewer, hand: HandEngine
) -> None:
    for lanes in ((unseen(),), (unseen(), unseen())):
        viewer = new_viewer(*lanes)
        waiting = heads(undrawn(lanes, viewer.asked, viewer.names))
        screen = seen(viewer)
        assert [head["id"] for head in waiting] == list(screen.panels)
        assert waiting == screen.heads


def test_views_of_regressions_are_titled_r_squared() -> None:
    base = {"data": {"name": "diabetes"}, "network": {"blocks": [{"kind": "dense", "width": 4}]}}
    lanes = ({"name": "one"}, {"name": "two", "overrides": [{"path": "network.width", "value": 8}]})
    comparison = ComparisonSpec.model_validate({"base": base, "lanes": lanes})
    for specs in (comparison.experiments, comparison.experiments[:1]):
        titles = [view.title for view in fitting_views(specs)]
        assert not any("accuracy" in title.lower() for title in titles)
        assert any("R²" in title for title in titles)
