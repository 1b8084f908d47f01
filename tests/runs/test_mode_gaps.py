"""Both modes are measured wherever a run stands, and the run does not notice."""

from __future__ import annotations

import pytest

from nnviz import DenseBlock, ExperimentSpec, NetworkSpec
from nnviz.runs import Run
from nnviz.runs import mode_gaps as module
from nnviz.runs.mode_gaps import ModeGaps
from tests.runs.conftest import HandEngine, small
from tests.runs.test_run import assert_same, inline


def lanes() -> list[ExperimentSpec]:
    plain = small()
    network = NetworkSpec(blocks=(DenseBlock(width=4),), normalization="batch")
    return [plain, ExperimentSpec(data=plain.data, network=network, training=plain.training)]


def test_each_state_is_measured_once(hand: HandEngine) -> None:
    run = Run(lanes(), on=hand)
    hand.work()
    gaps = ModeGaps(run, hand)
    assert gaps.at(None) is None
    assert gaps.is_behind
    gaps.follow()
    gaps.follow()
    assert hand.work() == 1
    assert not gaps.is_behind
    for _ in range(3):
        run.step()
        hand.work()
        gaps.follow()
        hand.work()
    assert gaps.steps == (0, 1, 2, 3)
    newest = gaps.at(None)
    assert newest is not None
    assert [record.differs for record in newest] == [False, True]
    assert gaps.at(1) is dict(gaps.entries())[1]
    assert run.states is not None
    for state, spec in zip(run.states, lanes(), strict=True):
        assert_same(state, inline(spec, 3))


def test_a_reset_run_is_measured_anew(hand: HandEngine) -> None:
    run = Run(lanes(), on=hand)
    gaps = ModeGaps(run, hand)
    for _ in range(2):
        run.step(5)
        hand.work()
        gaps.follow()
        hand.work()
    run.reset()
    hand.work()
    gaps.follow()
    hand.work()
    assert gaps.steps == (0,)


def test_a_long_run_keeps_a_bounded_number(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_KEPT", 8)
    run = Run(lanes(), on=hand)
    gaps = ModeGaps(run, hand)
    for _ in range(40):
        run.step()
        hand.work()
        gaps.follow()
        hand.work()
    assert len(gaps.steps) <= 9
    assert (gaps.steps[0], gaps.steps[-1]) == (1, 40)


def test_a_failure_is_told(hand: HandEngine) -> None:
    gaps = ModeGaps(Run(lanes(), on=hand), hand)
    gaps._deliver(RuntimeError("out of memory"))
    assert "out of memory" in gaps.message
