"""What is done by hand goes on from there, is told, bounded, and taken back by Undo."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from nnviz.feed.by_hand import told as told_of
from nnviz.feed.commands import CommandError, command, obey
from nnviz.feed.looking import look
from nnviz.feed.standing import standing
from nnviz.feed.viewer import Viewer
from nnviz.spec import ExperimentSpec, SpecError
from nnviz.spec.by_hand import MAX_INTERVENTIONS
from tests.feed.conftest import NewViewer, frame_of
from tests.runs.conftest import HandEngine, unseen

OFF = {"do": "by_hand", "what": "off", "layer": "dense1", "unit": 2}
SET = {"do": "by_hand", "what": "set", "layer": "output", "unit": 1, "input": 3, "value": 0.5}
FREEZE = {"do": "by_hand", "what": "freeze", "layer": "dense1"}


def told(viewer: Viewer, hand: HandEngine, **asked: Any) -> dict[str, Any]:
    """How it stands when a command has been obeyed and all work is done."""
    obey(viewer, command(json.dumps(asked)))
    hand.work()
    assert viewer.run.current_step >= 0
    hand.work()
    return standing(viewer, look(viewer.run, viewer.position))


def layer(viewer: Viewer, place: int = 0) -> Any:
    found = look(viewer.run, viewer.position)
    assert found is not None
    return (*found.entry[0].layers, found.entry[0].output)[place]


def test_at_rest_the_effect_shows_after_one_step(new_viewer: NewViewer, hand: HandEngine) -> None:
    spec = unseen()
    smooth = spec.network.model_copy(update={"activation": "tanh"})  # no unit is dead
    viewer = new_viewer(spec.model_copy(update={"network": smooth}))
    told(viewer, hand, do="epoch")
    assert layer(viewer).unit_maps_KGG[2].any()
    after = told(viewer, hand, **OFF)
    assert (after["until"], after["status"]) == (4, "paused")
    assert after["by_hand"] == {"off": [["dense1", 2]], "frozen": [], "later": [], "refused": ""}
    assert not layer(viewer).unit_maps_KGG[2].any()
    (event,) = viewer.run.events
    assert (event.step, event.text) == (3, "by hand: switched off unit 2 of dense1")
    (way,) = after["ways"]
    assert way["is_ghost"], "how it was lies under it"


def test_a_weight_is_what_it_was_set_to_less_one_update(
    new_viewer: NewViewer, hand: HandEngine
) -> None:
    spec = unseen(optimizer={"name": "sgd", "learning_rate": 1e-6})
    viewer = new_viewer(spec)
    told(viewer, hand, do="epoch")
    told(viewer, hand, **SET)
    assert layer(viewer, 1).weight_DF[1, 3] == pytest.approx(0.5, abs=1e-5)
    assert "set w(output unit 1 ← input 3) to 0.5" in viewer.run.path.told


def test_a_frozen_layer_rests_and_learns_again(new_viewer: NewViewer, hand: HandEngine) -> None:
    viewer = new_viewer()
    told(viewer, hand, do="epoch")
    before = layer(viewer).weight_DF
    assert told(viewer, hand, **FREEZE)["by_hand"]["frozen"] == ["dense1"]
    told(viewer, hand, do="epoch")
    assert np.array_equal(before, layer(viewer).weight_DF)
    after = told(viewer, hand, **FREEZE | {"what": "unfreeze"})
    assert after["by_hand"]["frozen"] == []
    assert not np.array_equal(before, layer(viewer).weight_DF)


def test_undo_brings_back_and_redo_does_it_again(new_viewer: NewViewer, hand: HandEngine) -> None:
    viewer = new_viewer()
    told(viewer, hand, do="epoch")
    path = viewer.run.path
    told(viewer, hand, **OFF)
    back = told(viewer, hand, do="undo")
    assert (viewer.run.path, back["until"], back["by_hand"]["off"]) == (path, 3, [])
    assert told(viewer, hand, do="redo")["by_hand"]["off"] == [["dense1", 2]]


def test_at_step_0_it_is_so_from_the_start(new_viewer: NewViewer, hand: HandEngine) -> None:
    viewer = new_viewer()
    assert told(viewer, hand, **OFF)["until"] == 1
    told(viewer, hand, do="point", step=0)
    assert not layer(viewer).unit_maps_KGG[2].any()


def test_looking_back_it_is_done_there_and_what_came_later_is_another_way(
    new_viewer: NewViewer, hand: HandEngine
) -> None:
    viewer = new_viewer()
    told(viewer, hand, do="epoch")
    told(viewer, hand, **OFF)
    past = told(viewer, hand, do="point", step=1)
    assert past["by_hand"]["off"] == []
    assert past["by_hand"]["later"] == ["switched off unit 2 of dense1 at step 3"]
    after = told(viewer, hand, **FREEZE)
    assert (after["until"], after["by_hand"]["off"]) == (2, [])
    assert [done.do for done in viewer.run.lanes[0].training.by_hand] == ["freeze"]


def test_while_it_trains_it_goes_on(new_viewer: NewViewer, hand: HandEngine) -> None:
    viewer = new_viewer()
    told(viewer, hand, do="step")
    obey(viewer, command('{"do": "train"}'))
    after = told(viewer, hand, **OFF)
    assert (after["until"], after["status"]) == (40, "finished")


@pytest.mark.parametrize("button", ["reset", "seed"])
def test_a_new_start_is_untouched(new_viewer: NewViewer, hand: HandEngine, button: str) -> None:
    viewer = new_viewer()
    told(viewer, hand, do="epoch")
    told(viewer, hand, **OFF)
    after = told(viewer, hand, do=button)
    assert (after["until"], viewer.run.lanes[0].training.by_hand) == (0, ())
    assert told(viewer, hand, do="undo")["by_hand"]["off"] == [["dense1", 2]]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (OFF | {"unit": 99}, "units 0 to 3"), (OFF | {"layer": "dense7"}, "layer must be one of"),
        (OFF | {"unit": None}, "off needs a unit"), (OFF | {"value": 1.0}, "takes no value"),
        (SET | {"input": 4}, "weights 0 to 3"), (SET | {"value": None}, "set needs a value"),
        (FREEZE | {"unit": 1}, "freeze takes no unit"), (FREEZE | {"layer": "none"}, "layer must"),
    ],
)  # fmt: skip
def test_what_has_no_place_is_refused_in_words(
    new_viewer: NewViewer, hand: HandEngine, asked: dict[str, Any], words: str
) -> None:
    viewer = new_viewer()
    path = viewer.run.path
    after = told(viewer, hand, **asked)
    assert words in after["by_hand"]["refused"]
    assert (viewer.run.path, after["until"]) == (path, 0)
    assert told(viewer, hand, **OFF)["by_hand"]["refused"] == ""


@pytest.mark.parametrize(
    "text",
    [
        '{"do": "by_hand"}', '{"do": "by_hand", "what": "burn", "layer": "dense1"}',
        '{"do": "by_hand", "what": "off", "layer": "dense1", "unit": -1}',
        '{"do": "by_hand", "what": "off", "layer": "dense1", "unit": 1.5}',
        '{"do": "by_hand", "what": "off", "layer": "dense1", "unit": true}',
        '{"do": "by_hand", "what": "off", "layer": "dense1", "unit": 1e30}',
        '{"do": "by_hand", "what": "set", "layer": "output", "unit": 1, "value": NaN}',
        '{"do": "by_hand", "what": "set", "layer": "output", "unit": 1, "value": Infinity}',
        '{"do": "by_hand", "what": "set", "layer": "output", "unit": 1, "value": 1001}',
        '{"do": "by_hand", "what": "set", "layer": "output", "unit": 1, "value": "1"}',
        json.dumps(FREEZE | {"layer": "d" * 61}), json.dumps(FREEZE | {"step": 3}),
        '{"do": "pin"}', '{"do": "pin", "layer": "dense1", "unit": -1}',
        '{"do": "pin", "layer": ["dense1"], "unit": 1}',
    ],
)  # fmt: skip
def test_hostile_commands_are_none(text: str) -> None:
    with pytest.raises(CommandError):
        command(text)


def test_who_may_not_steer_changes_nothing(new_viewer: NewViewer, hand: HandEngine) -> None:
    viewer = new_viewer()
    viewer.may_steer = False
    assert told(viewer, hand, **OFF)["by_hand"]["off"] == []
    told(viewer, hand, do="pin", layer="dense1", unit=2)
    assert viewer.asked.pin == ("dense1", 2)


def test_it_says_when_that_is_enough(new_viewer: NewViewer, hand: HandEngine) -> None:
    viewer = new_viewer()
    for place in range(MAX_INTERVENTIONS):
        after = told(viewer, hand, **OFF | {"what": ("off", "on")[place % 2]})
        assert after["by_hand"]["refused"] == ""
    after = told(viewer, hand, **OFF)
    assert f"At most {MAX_INTERVENTIONS}" in after["by_hand"]["refused"]
    assert after["until"] == MAX_INTERVENTIONS


def test_of_several_networks_none_is_touched(new_viewer: NewViewer, hand: HandEngine) -> None:
    viewer = new_viewer(unseen(), unseen())
    assert told(viewer, hand, **OFF)["by_hand"] == {}
    assert "one network at a time" in viewer.refused
    assert told_of(viewer, None) == {}


def test_a_link_keeps_what_was_done(new_viewer: NewViewer, hand: HandEngine) -> None:
    viewer = new_viewer()
    told(viewer, hand, do="epoch")
    told(viewer, hand, **OFF)
    told(viewer, hand, do="epoch")
    lane = viewer.run.lanes[0]
    opened = new_viewer(ExperimentSpec.from_code(lane.to_code()))
    for _ in range(6):
        told(opened, hand, do="step")
    assert layer(opened).weight_DF.tolist() == layer(viewer).weight_DF.tolist()
    assert [event.text for event in opened.run.events] == [
        event.text for event in viewer.run.events
    ]
    with pytest.raises(SpecError):
        ExperimentSpec.from_code(lane.to_code()[:-6])


def test_the_pinned_unit_stands_in_the_place_of_the_answer(
    new_viewer: NewViewer, hand: HandEngine
) -> None:
    viewer = new_viewer()
    told(viewer, hand, do="pin", layer="dense1", unit=1)
    viewer.show(viewer.asked, viewer.names)

    def answer() -> Any:
        (panel,) = frame_of(viewer, wanted=["answer"]).drawn(["answer"])
        return panel

    panel = answer()
    assert panel.layout["meta"]["unit"] == ["dense1", 1]
    shade = np.frombuffer(panel.traces[0]["z"].raw, np.float16).reshape(panel.traces[0]["z"].shape)
    np.testing.assert_allclose(shade, layer(viewer).unit_maps_KGG[1], rtol=1e-2, atol=1e-4)
    assert panel.traces[0]["zmin"] == -panel.traces[0]["zmax"]
    told(viewer, hand, do="pin", layer="dense1", unit=40)
    assert "meta" not in answer().layout
    told(viewer, hand, do="pin", layer=None, unit=None)
    assert "meta" not in answer().layout
