"""What readers send is a closed list of commands; each does what its button says."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.feed.commands import MAX_MESSAGE, CommandError, See, command, obey
from nnviz.feed.looking import FROM_STORE, look
from nnviz.feed.standing import standing
from nnviz.feed.view import Asked
from nnviz.feed.viewer import Viewer
from nnviz.feed.views import fitting_views, undrawn
from nnviz.spec import ExperimentSpec
from tests.feed.conftest import NewViewer
from tests.runs.conftest import HandEngine, small, unseen


def told(viewer: Viewer, hand: HandEngine, **asked: Any) -> dict[str, Any]:
    """How it stands when a command has been obeyed and all work is done."""
    obey(viewer, command(json.dumps(asked)))
    hand.work()
    assert viewer.run.current_step >= 0
    hand.work()
    return standing(viewer, look(viewer.run, viewer.position))


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "[]", "{}", '"train"', "train", '{"do": "launch"}', '{"do": 1}', '{"do": null}',
        '{"do": "train", "n": 5}', '{"do": "point"}', '{"do": "point", "step": -1}',
        '{"do": "point", "step": 1.5}', '{"do": "point", "step": "1"}',
        '{"do": "point", "step": true}',
        '{"do": "point", "step": NaN}', '{"do": "point", "step": 1e400}',
        '{"do": "point", "step": 99999999999999999999}', '{"do": "pace", "pace": "fast fast fast"}',
        '{"do": "see"}', '{"do": "see", "panels": null}', '{"do": "see", "panels": "loss"}',
        '{"do": "see", "panels": [1]}', '{"do": "see", "panels": [["loss"]]}',
        '{"do": "see", "panels": {"loss": 1}}', '{"do": "see", "panels": [null], "of": "all"}',
        json.dumps({"do": "see", "panels": ["p"] * 81}),
        json.dumps({"do": "see", "panels": ["p" * 41]}),
        '{"do": "got"}', '{"do": "got", "frame": -1}', '{"do": "return", "way": 7}',
        '{"do": "ghost", "way": "0123456789abcdefg"}', '{"do": ["train"]}', "\x00", "[" * 300,
        '{"do": "' + "t" * MAX_MESSAGE + '"}',
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(CommandError):
        command(text)


@given(st.text(max_size=500))
def test_any_text_is_a_command_or_refused(text: str) -> None:
    with suppress(CommandError):
        command(text)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda s: st.lists(s)))
def test_any_json_is_a_command_or_refused(value: Any) -> None:
    with pytest.raises(CommandError):
        command(json.dumps({"do": "point", "step": value, "more": 1}))


def test_step_epoch_train_and_back(new_viewer: NewViewer, hand: HandEngine) -> None:
    viewer = new_viewer()
    assert told(viewer, hand, do="step")["until"] == 1
    per_epoch = told(viewer, hand, do="epoch")["until"]
    assert per_epoch == 3  # 45 training points in batches of 16
    assert told(viewer, hand, do="back")["until"] == 2
    after = told(viewer, hand, do="train")
    assert (after["until"], after["status"]) == (40, "finished")
    assert told(viewer, hand, do="train")["until"] == 80
    assert told(viewer, hand, do="reset")["until"] == 0


def test_the_most_panels_that_a_page_can_have_fit_into_a_command() -> None:
    asked = command(json.dumps({"do": "see", "panels": ["p" * 40] * 80}))
    assert isinstance(asked, See)
    lane = {"network": {"normalization": "batch"}, "data": {"name": "moons"}}
    lanes = [ExperimentSpec.model_validate(lane)] * 4
    names = [view.name for view in fitting_views(lanes)]
    panels = undrawn(lanes, Asked(tuple(names)), list("abcd"))
    command(json.dumps({"do": "see", "panels": [panel.id for panel in panels]}))


def test_pause_of_a_run_that_has_ended_does_not_start_it(
    new_viewer: NewViewer, hand: HandEngine
) -> None:
    viewer = new_viewer()
    told(viewer, hand, do="train")
    after = told(viewer, hand, do="pause")
    assert (after["status"], after["until"]) == ("finished", 40)


def test_pointing_looks_back_and_a_button_looks_at_the_newest(
    new_viewer: NewViewer, hand: HandEngine
) -> None:
    viewer = new_viewer()
    told(viewer, hand, do="epoch")
    assert told(viewer, hand, do="point", step=1)["position"] == 1
    assert told(viewer, hand, do="back")["position"] == 0
    assert told(viewer, hand, do="step")["position"] is None
    assert told(viewer, hand, do="point", step=10**9)["position"] is None


def test_paces_have_names_and_the_usual_one_takes_20_seconds(
    new_viewer: NewViewer, hand: HandEngine
) -> None:
    viewer = new_viewer(unseen(n_steps=500))
    assert told(viewer, hand, do="pace", pace="20 s")["pace"] == "20 s"
    assert viewer.run.speed == 25
    assert told(viewer, hand, do="pace", pace="10/s")["pace"] == "10/s"
    assert told(viewer, hand, do="pace", pace="max")["pace"] == "max"
    assert viewer.run.speed is None
    assert told(viewer, hand, do="pace", pace="warp")["pace"] == "max"


def test_undo_redo_and_the_ways_between(new_viewer: NewViewer, hand: HandEngine) -> None:
    viewer = new_viewer(small(seed=501))
    run = viewer.run
    told(viewer, hand, do="epoch")
    first = run.path
    run.change([small(seed=501, optimizer={"learning_rate": 0.1})])
    told(viewer, hand, do="step")
    after = told(viewer, hand, do="undo")
    assert (run.path, after["can_redo"], after["until"]) == (first, True, 3)
    (way,) = after["ways"]
    assert "learning rate 0.01 → 0.1" in way["told"]
    assert way["is_ghost"], "the way left by undo lies under the present one"
    assert not told(viewer, hand, do="ghost", way=None)["ways"][0]["is_ghost"]
    assert told(viewer, hand, do="ghost", way=way["id"])["ways"][0]["is_ghost"]
    assert told(viewer, hand, do="redo")["until"] == 4
    assert told(viewer, hand, do="return", way=first.id)["until"] == 3
    assert run.path is first
    assert told(viewer, hand, do="return", way="nobody knows")["until"] == 3


def test_another_seed_is_another_way(new_viewer: NewViewer, hand: HandEngine) -> None:
    viewer = new_viewer()
    told(viewer, hand, do="step")
    before = viewer.run.lanes[0].training.seed
    after = told(viewer, hand, do="seed")
    assert viewer.run.lanes[0].training.seed != before
    assert after["until"] == 0
    assert after["can_undo"]


def test_who_may_only_look_steers_nothing(new_viewer: NewViewer, hand: HandEngine) -> None:
    viewer = new_viewer()
    told(viewer, hand, do="epoch")
    viewer.may_steer = False
    for move in ("train", "step", "epoch", "back", "reset", "seed", "undo", "redo", "pause"):
        assert told(viewer, hand, do=move)["until"] == 3
    assert told(viewer, hand, do="pace", pace="1/s")["pace"] == "max"
    assert told(viewer, hand, do="point", step=2)["position"] == 2


def test_what_comes_from_the_store_has_no_speed_and_says_so(
    new_viewer: NewViewer, hand: HandEngine
) -> None:
    viewer = new_viewer()
    told(viewer, hand, do="train")
    told(viewer, hand, do="reset")
    told(viewer, hand, do="pace", pace="1/s")
    after = told(viewer, hand, do="train")
    assert (after["status"], after["rate"], after["note"]) == ("running", None, FROM_STORE)
