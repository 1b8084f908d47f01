"""Both modes are measured wherever a run stands, and the run does not notice."""

from __future__ import annotations

import pytest

from nnviz import DenseBlock, ExperimentSpec, NetworkSpec, TrainingState
from nnviz.experiments.mode_gap.measured import mode_gap
from nnviz.runs import Run, trajectory
from nnviz.runs.mode_gaps import ModeGaps
from tests.randomness.digests import digest
from tests.runs.conftest import HandEngine, small
from tests.runs.test_run import EXPLODING, assert_same, inline, polynomial


def lanes() -> list[ExperimentSpec]:
    plain = small()
    network = NetworkSpec(blocks=(DenseBlock(width=4),), normalization="batch")
    return [plain, ExperimentSpec(data=plain.data, network=network, training=plain.training)]


def steps(gaps: ModeGaps) -> list[int]:
    return [step for step, _ in gaps.entries()]


def followed(gaps: ModeGaps, hand: HandEngine, n_steps: int, n_times: int = 1) -> ModeGaps:
    """The run's own steps, each time `n_steps`, and what is measured behind them."""
    for _ in range(n_times):
        gaps.run.step(n_steps)
        hand.work()
        gaps.follow()
        hand.work()
    return gaps


def test_each_state_is_measured_once(hand: HandEngine) -> None:
    run = Run(lanes(), on=hand)
    hand.work()
    gaps = ModeGaps(run, hand)
    assert gaps.at(None) is None
    assert gaps.is_behind
    gaps.follow()
    gaps.follow()
    assert hand.work() == 2  # one a lane
    assert not gaps.is_behind
    followed(gaps, hand, 1, n_times=3)
    assert steps(gaps) == [0, 1, 2, 3]
    newest = gaps.at(None)
    assert newest is not None
    assert [record.differs for record in newest] == [False, True]
    assert run.states is not None
    for state, spec in zip(run.states, lanes(), strict=True):
        assert_same(state, inline(spec, 3))


def test_what_is_measured_is_the_state_of_that_step(hand: HandEngine) -> None:
    gaps = followed(ModeGaps(Run(lanes(), on=hand), hand), hand, 4, n_times=2)
    for step, records in gaps.entries():
        for record, spec in zip(records, lanes(), strict=True):
            assert digest(record) == digest(mode_gap(inline(spec, step)))


def test_at_finds_the_last_records_not_after_a_step(hand: HandEngine) -> None:
    gaps = followed(ModeGaps(Run(lanes(), on=hand), hand), hand, 5, n_times=2)
    found = dict(gaps.entries())
    assert list(found) == [5, 10]
    for step, taken in {0: 5, 4: 5, 5: 5, 9: 5, 10: 10, 99: 10, None: 10}.items():
        assert gaps.at(step) == found[taken]


def test_records_belong_to_the_trajectory_and_whoever_asks_next_finds_them(
    hand: HandEngine,
) -> None:
    first = followed(ModeGaps(Run(lanes(), on=hand), hand), hand, 3)
    run = Run(lanes(), on=hand)
    run.step(3)
    hand.work()
    second = ModeGaps(run, hand)
    assert not second.is_behind
    second.follow()
    assert hand.work() == 0
    assert second.entries()[-1][1][1] is first.entries()[-1][1][1]


def test_two_pages_of_one_run_measure_it_once(hand: HandEngine) -> None:
    run = Run(lanes()[1:], on=hand)
    hand.work()
    pages = [ModeGaps(run, hand), ModeGaps(run, hand)]
    pages[0].follow()
    hand.work()
    pages[1].follow()
    assert hand.work() == 0
    assert not pages[1].is_behind


def test_a_run_that_goes_back_shows_only_what_it_has_passed(hand: HandEngine) -> None:
    gaps = followed(ModeGaps(Run(lanes(), on=hand), hand), hand, 5, n_times=2)
    gaps.run.seek(7)
    hand.work()
    assert (steps(gaps), gaps.is_behind) == ([5], True)
    gaps.run.reset()
    hand.work()
    assert (steps(gaps), gaps.at(None)) == ([], None)
    gaps.run.step(5)
    hand.work()
    assert (steps(gaps), gaps.is_behind) == ([5], False)


def test_another_way_shares_what_was_measured_before_they_part(hand: HandEngine) -> None:
    run = Run([small()], on=hand)
    gaps = followed(ModeGaps(run, hand), hand, 4, n_times=2)
    run.change_training(small(l1=0.1).training)
    assert (steps(gaps), gaps.is_behind) == ([4, 8], False)
    followed(gaps, hand, 4)
    assert steps(gaps) == [4, 8, 12]
    run.undo()
    assert steps(gaps) == [4, 8]


def test_a_lane_that_has_diverged_is_measured_where_it_stopped(hand: HandEngine) -> None:
    run = Run([polynomial({"name": "adam"}), polynomial(EXPLODING)], on=hand)
    gaps = followed(ModeGaps(run, hand), hand, 50)
    assert (steps(gaps)[-1], gaps.is_behind) == (50, False)
    assert run.states is not None
    for gap, state in zip(gaps.entries()[-1][1], run.states, strict=True):
        assert digest(gap) == digest(mode_gap(TrainingState.from_bytes(state.to_bytes())))


def test_a_long_run_keeps_a_bounded_number(
    hand: HandEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trajectory, "MAX_GAPS", 8)
    gaps = followed(ModeGaps(Run(lanes(), on=hand), hand), hand, 1, n_times=40)
    assert len(steps(gaps)) <= 9
    assert (steps(gaps)[0], steps(gaps)[-1]) == (1, 40)


def test_a_failure_is_told_and_measured_again_when_the_run_goes_on(hand: HandEngine) -> None:
    run = Run([small()], on=hand)
    hand.work()
    gaps = ModeGaps(run, hand)
    gaps.follow()
    job = hand.queue.take()
    assert job is not None
    job.on_done(RuntimeError("out of memory"))
    assert "out of memory" in gaps.message
    assert not gaps.is_behind
    gaps.follow()
    assert hand.work() == 0
    followed(gaps, hand, 1)
    assert (gaps.message, steps(gaps)) == ("", [1])
