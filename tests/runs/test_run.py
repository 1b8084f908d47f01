"""A run's controls: what they do to where it stands, whatever the bursts were."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nnviz import (
    DataSpec,
    DenseBlock,
    ExperimentSpec,
    NetworkSpec,
    TrainingSpec,
    TrainingState,
    advance,
)
from nnviz import initial_state as initial
from nnviz.runs import Run
from nnviz.runs.fair_queue import CallFailedError
from tests.runs.conftest import HandEngine, small


def worked(run: Run, hand: HandEngine) -> Run:
    hand.work()
    return run


def inline(spec: ExperimentSpec, n_steps: int) -> TrainingState:
    return advance(initial(spec), n_steps=n_steps, record=False)[0]


def assert_same(state: TrainingState, expected: TrainingState) -> None:
    assert state.step == expected.step
    for group in ("parameters", "buffers", "optimizer"):
        found, wanted = getattr(state, group), getattr(expected, group)
        assert found.keys() == wanted.keys()
        assert all(torch.equal(found[name], wanted[name]) for name in wanted)


def state_of(run: Run, lane: int = 0) -> TrainingState:
    assert run.states is not None
    return run.states[lane]


def test_a_new_run_shows_step_0_and_rests(hand: HandEngine) -> None:
    run = Run([small()], on=hand)
    assert run.history.latest is None
    assert run.is_live
    worked(run, hand)
    assert run.history.steps == (0,)
    assert (run.status, run.is_live, run.current_step) == ("paused", False, 0)
    assert math.isnan(run.updates_per_second)


def test_train_ends_at_n_steps_and_goes_on_for_as_many_when_pressed_again(hand: HandEngine) -> None:
    run = Run([small(n_steps=40)], on=hand)
    run.train()
    assert run.status == "running"
    assert (worked(run, hand).status, run.current_step) == ("finished", 40)
    run.train()
    assert run.target == 80
    assert (worked(run, hand).status, run.current_step) == ("finished", 80)
    assert_same(state_of(run), inline(small(n_steps=40), 80))


def test_steps_add_up_while_they_are_pressed(hand: HandEngine) -> None:
    run = Run([small()], on=hand)
    run.step()
    run.step(3)
    assert (worked(run, hand).current_step, run.status) == (4, "paused")
    run.step()
    deliver = hand.start()
    run.step()
    assert deliver is not None
    deliver()
    assert worked(run, hand).current_step == 6


def test_step_ends_training_one_step_after_what_is_seen(hand: HandEngine) -> None:
    run = worked(Run([small(n_steps=1000)], on=hand), hand)
    run.set_speed(0.1)
    run.train()
    deliver = hand.start()
    assert deliver is not None
    deliver()
    assert run.current_step == 1
    run.step()
    assert (worked(run, hand).current_step, run.status) == (2, "paused")


@pytest.mark.parametrize("normalization", ["none", "batch"])
@pytest.mark.parametrize("batch_size", [1, 4, 15, 16, 44, 45, 100])
def test_an_epoch_ends_where_the_next_one_begins(
    hand: HandEngine, normalization: str, batch_size: int
) -> None:
    if normalization == "batch" and batch_size == 1:
        pytest.skip("batch normalization refuses single samples")
    spec = small(batch_size=batch_size)  # 45 training points
    network = NetworkSpec(blocks=(DenseBlock(width=4, normalization=normalization),))
    run = Run([ExperimentSpec(data=spec.data, network=network, training=spec.training)], on=hand)
    run.step(2)
    hand.work()
    epoch = state_of(run).epoch
    run.epochs(1)
    hand.work()
    assert (state_of(run).epoch, state_of(run).position) == (epoch + 1, 0)
    run.epochs(2)
    hand.work()
    assert (state_of(run).epoch, state_of(run).position) == (epoch + 3, 0)


def test_pause_stops_where_the_reader_is_and_keeps_what_the_burst_brings(
    hand: HandEngine,
) -> None:
    run = worked(Run([small(n_steps=1000)], on=hand), hand)
    run.set_speed(0.1)
    run.train()
    deliver = hand.start()
    run.pause()
    assert (run.status, run.is_live, run.current_step) == ("paused", False, 0)
    assert deliver is not None
    deliver()
    assert (run.current_step, run.is_live, hand.work()) == (0, False, 0)
    run.step()
    assert (run.current_step, run.status, hand.work()) == (1, "paused", 0)


def test_pause_withdraws_a_burst_that_still_waits(hand: HandEngine) -> None:
    run = worked(Run([small()], on=hand), hand)
    run.train()
    run.pause()
    assert (hand.work(), run.is_live, run.current_step) == (0, False, 0)
    run.train()
    assert worked(run, hand).status == "finished"


def test_stop_throws_the_burst_under_way_away(hand: HandEngine) -> None:
    run = worked(Run([small()], on=hand), hand)
    run.train()
    deliver = hand.start()
    run.stop("enough")
    assert deliver is not None
    deliver()
    assert (run.status, run.message, run.current_step) == ("stopped", "enough", 0)
    run.train()
    assert worked(run, hand).status == "finished"


def test_reset_starts_again_from_the_same_weights(hand: HandEngine) -> None:
    run = worked(Run([small()], on=hand), hand)
    start = state_of(run)
    run.train()
    deliver = hand.start()
    run.reset()
    assert run.history.steps == (0,)
    assert deliver is not None
    deliver()
    hand.work()
    assert (run.history.steps, run.status, run.current_step) == ((0,), "paused", 0)
    assert_same(state_of(run), start)


def test_reset_right_at_the_start_is_harmless(hand: HandEngine) -> None:
    run = Run([small()], on=hand)
    run.reset()
    run.reset()
    assert worked(run, hand).history.steps == (0,)


def test_reseed_is_another_training(hand: HandEngine) -> None:
    run = worked(Run([small()], on=hand), hand)
    run.reseed(7)
    run.step(5)
    hand.work()
    assert run.lanes[0] == small(seed=7)
    assert_same(state_of(run), inline(small(seed=7), 5))
    with pytest.raises(ValueError, match="seed"):
        run.reseed(-1)


def test_a_new_learning_rate_continues_the_run(hand: HandEngine) -> None:
    spec = small(optimizer={"learning_rate": 0.01})
    faster = small(optimizer={"learning_rate": 0.1})
    run = worked(Run([spec], on=hand), hand)
    run.step(10)
    hand.work()
    kept = run.history.steps
    run.change_training(faster.training)
    run.step(10)
    hand.work()
    assert [(event.step, event.text) for event in run.events] == [(10, "learning rate 0.01 → 0.1")]
    assert run.history.steps[: len(kept)] == kept
    assert run.history.latest is not None
    assert run.history.latest[0].learning_rate == 0.1
    continued = advance(inline(spec, 10).with_training(faster.training), n_steps=10)[0]
    assert_same(state_of(run), continued)


def test_a_change_taken_back_before_it_took_effect_leaves_no_mark(hand: HandEngine) -> None:
    spec = small()
    run = worked(Run([spec], on=hand), hand)
    run.step(3)
    hand.work()
    run.change_training(small(batch_size=8).training)
    run.change_training(spec.training)
    run.step()
    assert worked(run, hand).events == ()


def test_lanes_can_change_each_on_its_own(hand: HandEngine) -> None:
    run = worked(Run([small(), small(batch_size=4)], on=hand), hand)
    run.step(2)
    hand.work()
    run.change_training([small(l1=0.1).training, small(batch_size=8).training])
    run.step()
    hand.work()
    assert run.events[0].text == "L1 penalty 0 → 0.1, batch size 4 → 8"
    with pytest.raises(ValueError, match="zip"):
        run.change_training([small().training])


def test_changes_that_need_new_weights_are_refused(hand: HandEngine) -> None:
    run = worked(Run([small()], on=hand), hand)
    with pytest.raises(ValueError, match="reseed"):
        run.change_training(small(seed=3).training)
    with pytest.raises(ValueError, match="class_weights must name 2"):
        run.change_training(TrainingSpec(class_weights=(1.0, 2.0, 3.0)))
    assert run.lanes == (small(),)


def test_another_number_of_steps_moves_the_target(hand: HandEngine) -> None:
    run = worked(Run([small(n_steps=40)], on=hand), hand)
    run.change_training(small(n_steps=60).training)
    run.train()
    assert worked(run, hand).current_step == 60


def test_paced_training_computes_a_little_ahead_and_shows_each_step_when_it_is_due(
    hand: HandEngine,
) -> None:
    run = worked(Run([small(n_steps=1000)], on=hand), hand)
    run.set_speed(4)
    run.train()
    hand.work()
    assert run.current_step == 1
    assert run.trajectories[0].head == 4
    time.sleep(0.5)
    assert run.current_step == 3
    assert hand.work() > 0
    seconds, due = hand.timers.pop()
    assert seconds < 1
    time.sleep(0.25)
    due()
    assert run.history.steps == (0, 1, 2, 3, 4)
    run.set_speed(None)
    assert (worked(run, hand).status, run.current_step) == ("finished", 1000)


def test_pausing_between_paced_bursts_does_not_delay_the_next_control(hand: HandEngine) -> None:
    run = worked(Run([small(n_steps=1000)], on=hand), hand)
    run.set_speed(0.1)
    run.train()
    hand.work()
    run.pause()
    run.step()
    assert (worked(run, hand).current_step, run.is_live) == (2, False)
    with pytest.raises(ValueError, match="speed must be at least"):
        run.set_speed(0)


EXPLODING: dict[str, Any] = {"name": "sgd", "learning_rate": 100.0}


def polynomial(optimizer: dict[str, Any]) -> ExperimentSpec:
    document = {"n_steps": 60, "batch_size": 16, "optimizer": optimizer, "loss": "mse"}
    return ExperimentSpec.model_validate(
        {"data": {"name": "polynomial", "n_samples": 60}, "training": document}
    )


def test_a_lane_that_diverges_stops_and_the_others_go_on(hand: HandEngine) -> None:
    calm, wild = polynomial({"name": "adam"}), polynomial(EXPLODING)
    run = Run([calm, wild], on=hand)
    run.train()
    hand.work()
    assert (run.status, run.current_step) == ("finished", 60)
    assert run.divergences[0] is None
    assert "no longer a finite number" in (run.divergences[1] or "")
    assert run.message.startswith("Lane 2: Diverged at step ")
    assert_same(state_of(run), inline(calm, 60))
    assert all(len(entry) == 2 for entry in run.history.entries)
    assert all(
        entry[0].step == s for s, entry in zip(run.history.steps, run.history.entries, strict=True)
    )


def test_a_run_without_a_living_lane_has_diverged(hand: HandEngine) -> None:
    run = Run([polynomial(EXPLODING)], on=hand)
    run.train()
    hand.work()
    assert run.status == "diverged"
    step = state_of(run).divergence.step  # type: ignore[union-attr]
    assert run.message.startswith(f"Diverged at step {step}: ")
    assert run.history.latest is not None
    assert run.history.latest[0].divergence is not None
    run.train()
    assert (run.status, hand.work()) == ("diverged", 0)
    run.reset()
    assert (worked(run, hand).status, run.message) == ("paused", "")


def test_what_a_worker_raises_is_told_and_train_tries_again(hand: HandEngine) -> None:
    run = worked(Run([small()], on=hand), hand)
    run.train()
    job = hand.queue.take()
    assert job is not None
    job.on_done(ZeroDivisionError("no number"))
    assert run.status == "failed"
    assert run.message == "The training failed: ZeroDivisionError: no number"
    run.train()
    assert worked(run, hand).status == "finished"


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate"
            " memory: you tried to allocate 512000000 bytes. Error code 12 (Cannot allocate memory)"
        ),
        ImportError("libopenblas.so: failed to map segment from shared object"),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    ],
)
def test_want_of_memory_is_told_with_what_to_make_smaller(
    hand: HandEngine, error: BaseException
) -> None:
    run = worked(Run([small(width=4), small(width=9)], on=hand), hand)
    run.step(3)
    worked(run, hand).train()
    job = hand.queue.take()
    assert job is not None
    job.on_done(error)
    assert (run.status, run.current_step) == ("failed", 3)
    assert run.message == (
        "The worker has not enough memory for this training. Make dense1's width (9), the batch"
        " size (16) or the number of samples (60) smaller. Train tries again from step 3."
    )
    run.train()
    assert (worked(run, hand).status, run.current_step) == ("finished", 40)


def test_a_burst_that_ends_its_workers_is_told_and_train_tries_again(hand: HandEngine) -> None:
    run = worked(Run([small()], on=hand), hand)
    run.train()
    job = hand.queue.take()
    assert job is not None
    assert job.limit_seconds is not None
    job.on_done(CallFailedError("it took longer than 30 s, twice"))
    assert run.message == (
        "The training stands still: it took longer than 30 s, twice. Make dense1's width (4), the"
        " batch size (16) or the number of samples (60) smaller. Train tries again from step 0."
    )
    run.train()
    assert worked(run, hand).status == "finished"


def test_pause_withdraws_a_burst_whose_worker_was_lost(hand: HandEngine) -> None:
    run = worked(Run([small()], on=hand), hand)
    run.train()
    job = hand.queue.take()
    assert job is not None
    job.is_held = True
    job.is_held = False  # the worker was lost: it lines up again
    hand.queue.put(job, first=True)
    run.pause()
    assert (run.status, run.is_live, hand.work()) == ("paused", False, 0)


def test_a_run_has_one_to_four_lanes(hand: HandEngine) -> None:
    for lanes in ([], [small()] * 5):
        with pytest.raises(ValueError, match="1 to 4 lanes"):
            Run(lanes, on=hand)


CONTROLS = ("train", "step", "epochs", "pause", "fast", "slow", "one", "all", "stop")


@given(st.lists(st.sampled_from(CONTROLS), max_size=25))
def test_numbers_do_not_depend_on_the_controls(controls: list[str]) -> None:
    hand = HandEngine()
    block = DenseBlock(width=4, normalization="batch", dropout=0.2)
    spec = ExperimentSpec(
        data=DataSpec(n_samples=40),
        network=NetworkSpec(blocks=(block,)),
        training=small(n_steps=12, batch_size=8).training,
    )
    run = Run([spec], on=hand)
    actions: dict[str, Any] = {
        "train": run.train, "step": run.step, "epochs": run.epochs, "pause": run.pause,
        "fast": lambda: run.set_speed(None), "slow": lambda: run.set_speed(20),
        "one": lambda: hand.work(1), "all": hand.work, "stop": run.stop,
    }  # fmt: skip
    for control in controls:
        actions[control]()
    run.set_speed(None)
    run.step()
    hand.work()
    assert not run.is_live
    assert_same(state_of(run), inline(spec, run.current_step))
    assert run.history.steps[0] == 0
    assert run.history.steps[-1] == run.current_step
