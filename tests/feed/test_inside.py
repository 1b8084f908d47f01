"""A page asks for an update taken apart, and gets plain values and arrays."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from pydantic import ValidationError

from nnviz.experiments.update import PHASES, UpdateRecord
from nnviz.feed.inside import Inside
from nnviz.feed.viewer import Viewer
from nnviz.feed.wire import encode, n_bytes, pack
from nnviz.presets import PRESETS
from nnviz.runs.inquiry import inquire
from nnviz.training import initial_state
from tests.feed.conftest import NewViewer
from tests.runs.conftest import HandEngine


def found(viewer: Viewer, hand: HandEngine, **asked: Any) -> UpdateRecord:
    """What a worker answers to a question."""
    question = Inside(ask="inside", **asked)
    answers: list[Any] = []
    way = viewer.run.way_to(0, question.step)
    assert pickle.dumps(question.inquiry), "it travels to a worker"
    hand.submit(inquire, way, *question.inquiry, on_done=answers.append, priority="now")
    hand.work()
    (answer,) = answers
    assert isinstance(answer, UpdateRecord)
    assert pickle.dumps(answer), "and back"
    return answer


def test_the_next_update_and_every_past_one_can_be_asked_for(
    new_viewer: NewViewer, hand: HandEngine
) -> None:
    viewer = new_viewer()
    viewer.run.epochs()
    hand.work()
    assert viewer.run.current_step == 3
    asked: dict[str, Any] = {"sample": 0, "layer": "dense1", "unit": 1, "source": 0}
    records = [found(viewer, hand, step=step, **asked) for step in (3, 1, 2, 0)]
    assert [record.step for record in records] == [3, 1, 2, 0]
    after = {record.step + 1: record.lines["update"][-1].value for record in records}
    for record in records:
        chosen = next(row for row in record.changed if (row.of, row.source) == ("weight", 0))
        assert after.get(record.step, chosen.before) == chosen.before


def test_an_answer_is_small_however_wide_the_network() -> None:
    blocks = [{"kind": "dense", "width": 256}] * 4
    document = PRESETS["overfitting"].spec.model_dump(mode="json")
    document["network"]["blocks"] = blocks
    spec = type(PRESETS["overfitting"].spec).model_validate(document)
    question = Inside(ask="inside", step=0)
    look, asked = question.inquiry
    told = encode(question.told(look(initial_state(spec), asked)))
    assert set(told["lines"]) == set(told["told"]) == set(PHASES)
    assert len(pack(told)) < 100_000
    assert n_bytes(told["columns"]) < 20_000


def test_what_cannot_be_taken_apart_is_told_in_words() -> None:
    question = Inside(ask="inside", step=0)
    look, asked = question.inquiry
    told = question.told(look(initial_state(PRESETS["memory"].spec), asked))
    assert "recurrent1" in told["refused"]


@pytest.mark.parametrize(
    "wrong",
    [{"sample": -1}, {"sample": "all"}, {"unit": 2**40}, {"of": "momentum"}, {"layer": "x" * 200}],
)
def test_a_question_is_bounded(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Inside(ask="inside", step=0, **wrong)
