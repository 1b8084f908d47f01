"""The small parts of a run: queue, pace, differences in words, lockstep."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz import DataSpec, DenseBlock, ExperimentSpec, NetworkSpec, TrainingSpec
from nnviz.records import DivergenceRecord
from nnviz.runs import difference, lanes_difference, needs_new_network
from nnviz.runs.fair_queue import FairQueue, Job
from nnviz.runs.pace import Meter, Pace
from nnviz.runs.reports import divergence_text
from tests.runs.conftest import small


def job(owner: str, urgency: str = "live") -> Job:
    return Job(print, (), print, owner, urgency)  # type: ignore[arg-type]


def owners(queue: FairQueue) -> list[str]:
    served = []
    while (taken := queue.take()) is not None:
        served.append(taken.owner)
    return served


@given(st.lists(st.sampled_from("abcde"), max_size=60))
def test_owners_take_turns(line: list[str]) -> None:
    queue = FairQueue()
    for owner in line:
        queue.put(job(owner))
    served = owners(queue)
    assert sorted(served) == sorted(line)
    for end in range(len(served)):
        left = set(served[end:])
        counts = {served[:end].count(owner) for owner in left}
        assert max(counts, default=0) - min(counts, default=0) <= 1


def test_urgent_jobs_come_first_and_sweeps_every_fourth_time() -> None:
    queue = FairQueue()
    for urgency in ("sweep", "live", "now"):
        for number in range(4):
            queue.put(job(f"{urgency}{number}", urgency))
    assert [name[:-1] for name in owners(queue)][:8] == [
        "now", "now", "now", "sweep", "now", "live", "live", "sweep",
    ]  # fmt: skip
    assert len(queue) == 0


def test_sweeps_can_be_left_waiting() -> None:
    queue = FairQueue()
    queue.put(job("a", "sweep"))
    assert [queue.take(sweeps=False) for _ in range(8)] == [None] * 8
    assert queue.take() is not None


def test_cancelled_jobs_are_passed_over() -> None:
    queue = FairQueue()
    jobs = [job("a"), job("a"), job("b")]
    for one in jobs:
        queue.put(one)
    jobs[0].cancel()
    assert queue.take() in jobs[1:]
    jobs[1].cancel()
    assert queue.clear() in ([], [jobs[2]])


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@given(
    st.sampled_from([0.1, 0.5, 7, 33, 1000]), st.integers(0, 5000),
    st.lists(st.floats(0, 3), max_size=20),
)  # fmt: skip
def test_a_pace_is_kept_without_drift(speed: float, step: int, looks: list[float]) -> None:
    """However often somebody asks."""
    clock = Clock()
    pace, start = Pace(clock), clock.now
    pace.set(speed, step)
    for seconds in looks:
        clock.now += seconds
        assert pace.due == pytest.approx(step + speed * (clock.now - start))


def test_a_pace_that_was_missed_is_not_made_up_for() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.set(10, 0)
    clock.now += 5
    pace.restart(3)
    assert pace.due == 3
    clock.now += 0.1
    assert (pace.speed, pace.due) == (10, pytest.approx(4))


def test_without_a_speed_everything_is_due_and_wanted() -> None:
    pace = Pace(Clock())
    assert (pace.speed, pace.due, pace.lookahead) == (None, math.inf, math.inf)
    pace.set(10, 0)
    pace.set(None, 7)
    assert (pace.speed, pace.due, pace.lookahead) == (None, math.inf, math.inf)


@pytest.mark.parametrize(("speed", "steps"), [(0.1, 1), (1, 1), (4, 4), (250, 250)])
def test_a_second_is_computed_ahead_and_one_step_at_least(speed: float, steps: float) -> None:
    pace = Pace(Clock())
    pace.set(speed, 0)
    assert pace.lookahead == steps


@pytest.mark.parametrize("speed", [0, 0.09, -1, math.nan])
def test_a_speed_that_is_no_speed_is_refused_and_changes_nothing(speed: float) -> None:
    pace = Pace(Clock())
    pace.set(5, 0)
    with pytest.raises(ValueError, match=r"speed must be at least 0.1; got"):
        pace.set(speed, 0)
    assert pace.speed == 5


def test_the_meter_measures_the_last_second() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.restart(0)
    assert math.isnan(meter.rate)
    for number in range(1, 31):
        clock.now += 0.1
        meter.reached(10 * number if number < 15 else 140 + 50 * (number - 14))
    assert meter.rate == pytest.approx(500)


def test_a_meter_that_starts_anew_knows_nothing_of_before() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.restart(0)
    clock.now += 0.5
    meter.reached(1000)
    assert meter.rate == pytest.approx(2000)
    meter.restart(1000)
    assert math.isnan(meter.rate)
    clock.now += 0.5
    meter.reached(1010)
    assert meter.rate == pytest.approx(20)


def test_the_rate_falls_when_nothing_comes_any_more() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.restart(0)
    for number in range(1, 21):
        clock.now += 0.1
        meter.reached(10 * number)
    assert meter.rate == pytest.approx(100)
    clock.now += 10
    assert meter.rate == pytest.approx(10, abs=1)


def test_a_slow_rate_stays_between_its_steps() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.restart(0)
    for number in range(1, 4):
        clock.now += 10
        meter.reached(number)
    clock.now += 9.9
    assert meter.rate == pytest.approx(0.1)


def test_differences_are_told_in_words() -> None:
    old, new = small(), small(optimizer={"learning_rate": 0.1}, batch_size=64, l1=0.5)
    assert difference(old, new) == [
        "learning rate 0.01 → 0.1", "batch size 16 → 64", "L1 penalty 0 → 0.5",
    ]  # fmt: skip
    assert difference(old.training, new.training) == difference(old, new)
    assert difference(old, old) == []


def test_differences_of_networks_and_data_are_told() -> None:
    old = ExperimentSpec(network=NetworkSpec(blocks=(DenseBlock(width=8), DenseBlock(width=8))))
    new = ExperimentSpec(
        data=DataSpec(noise=0.3, seed=1),
        network=NetworkSpec(blocks=(DenseBlock(width=16),), activation="tanh"),
    )
    assert difference(old, new) == [
        "noise 0.1 → 0.3", "data seed 0 → 1", "number of blocks 2 → 1", "block 1 width 8 → 16",
        "block 2 dense → none", "activation relu → tanh",
    ]  # fmt: skip


def test_what_differs_between_lanes_lists_every_lane() -> None:
    lanes = [small(batch_size=size) for size in (16, 32, 64)]
    assert lanes_difference(lanes) == ["batch size: 16, 32, 64"]
    assert lanes_difference(lanes[:1]) == []


@pytest.mark.parametrize(
    ("changes", "new_weights"),
    [
        ({"seed": 1}, True),
        ({"batch_size": 3}, False),
        ({"optimizer": {"name": "sgd"}}, False),
        ({"n_steps": 3}, False),
        ({"label_smoothing": 0.1}, False),
        ({"width": 3}, True),
        ({"n_samples": 50}, True),
    ],
)
def test_only_data_network_and_seed_need_new_weights(changes: dict, new_weights: bool) -> None:  # type: ignore[type-arg]
    assert needs_new_network(small(), small(**changes)) is new_weights


@pytest.mark.parametrize(
    ("quantity", "words"),
    [
        ("activation", "dense2's activation is"),
        ("weight", "a weight of dense2 is"),
        ("loss", "the loss is"),
    ],
)
def test_divergence_names_step_and_place(quantity: str, words: str) -> None:
    record = DivergenceRecord(37, "dense2", quantity)  # type: ignore[arg-type]
    assert divergence_text(record) == f"Diverged at step 37: {words} no longer a finite number."


def test_every_setting_of_a_training_can_be_told() -> None:
    old = TrainingSpec.model_validate({"optimizer": {"name": "adam", "beta1": 0.8}})
    new = TrainingSpec.model_validate(
        {
            "class_weights": "balanced", "label_smoothing": 0.1, "huber_delta": 2,
            "optimizer": {"name": "sgd", "momentum": 0.5, "weight_decay": 1e-4},
            "schedule": {"name": "step", "every": 10}, "device": "cpu", "seed": 2,
        }
    )  # fmt: skip
    assert difference(old, new) == [
        "class weights none → balanced", "label smoothing 0 → 0.1", "huber delta 1 → 2",
        "optimizer adam → sgd", "weight decay (L2) 0 → 0.0001", "schedule constant → step",
        "device auto → cpu", "training seed 0 → 2",
    ]  # fmt: skip


def test_settings_of_the_same_optimizer_are_told() -> None:
    old, new = (
        TrainingSpec.model_validate({"optimizer": {"name": "sgd", "momentum": momentum}})
        for momentum in (0.5, 0.9)
    )
    assert difference(old, new) == ["momentum 0.5 → 0.9"]
