"""A page asks about one input: the question is bounded, any step that was passed can be asked."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from nnviz import advance, initial_state
from nnviz.experiments.answers.answered import answered
from nnviz.experiments.answers.records import AskedInput
from nnviz.feed.answer import MAX_NUMBERS, Answer
from nnviz.feed.wire import encode, pack
from nnviz.runs.inquiry import inquire
from tests.feed.conftest import NewViewer
from tests.runs.conftest import HandEngine, unseen


def question(**asked: Any) -> Answer:
    return Answer.model_validate_json(json.dumps({"ask": "answer", "step": 0, **asked}))


@pytest.mark.parametrize(
    "asked",
    [
        {"values": []},
        {"values": [0.0] * (MAX_NUMBERS + 1)},
        {"values": ["one"]},
        {"values": [1e9]},
        {"values": [None]},
        {"point": -1},
        {"point": 1.5},
        {"mode": "train"},
        {"near": -1},
        {"step": -1},
        {"more": 1},
    ],
)
def test_what_no_network_could_be_asked_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        question(**asked)


def test_any_step_that_was_passed_can_be_asked(new_viewer: NewViewer, hand: HandEngine) -> None:
    spec = unseen()
    viewer = new_viewer(spec)
    viewer.run.step(9)
    hand.work()
    assert viewer.run.current_step == 9
    state = initial_state(spec)
    for step in (0, 3, 8):
        state, _ = advance(state, n_steps=step - state.step, record=False) if step else (state, [])
        asked = question(step=step, values=[0.2, -0.4])
        found = inquire(viewer.run.way_to(0, asked.step), *asked.inquiry)
        oracle = answered(state, AskedInput(values=(0.2, -0.4)))
        assert found.step == step
        np.testing.assert_array_equal(found.output, oracle.output)


def test_an_answer_is_small_and_says_everything_by_name() -> None:
    state = initial_state(unseen())
    asked = question(about=True, near=0)
    told = asked.told(asked.inquiry[0](state, asked.inquiry[1]))
    assert told["inputs"]["kind"] == "plane"
    assert told["blocks"][0]["name"] == "dense1"
    assert told["refusal"] is None
    assert len(pack(encode(told))) < 4_000
