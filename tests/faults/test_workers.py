"""Workers and their keeper killed and stopped: the pool comes back, and no number changes."""

from __future__ import annotations

import os
import random
import time

import psutil
import pytest

from nnviz.runs.fair_queue import CallFailedError
from tests.faults.conftest import Plant, a_live_run, assert_undisturbed, goes_on, until

KILL_SECONDS = float(os.environ.get("NNVIZ_KILL_SECONDS", "120"))


def test_a_worker_killed_once(plant: Plant) -> None:
    run = a_live_run(plant.engine)
    plant.worker().kill()
    until(lambda: run.waiting.startswith("No workers for "))
    goes_on(run)
    assert_undisturbed(run)


def test_a_worker_killed_and_its_replacement_some_seconds_later(plant: Plant) -> None:
    run = a_live_run(plant.engine)
    for pause in (14.0, 5.0, 14.0):
        plant.worker().kill()
        time.sleep(pause)  # Dask's own cluster closes a keeper without a worker after 15 s
    goes_on(run)
    assert_undisturbed(run)


@pytest.mark.parametrize("plant", [2], indirect=True)
def test_workers_killed_at_random(plant: Plant) -> None:
    runs = [a_live_run(plant.engine) for _ in range(2)]
    chance, end = random.Random(0), time.monotonic() + KILL_SECONDS
    while time.monotonic() < end:
        time.sleep(chance.uniform(0.1, 6))
        if workers := plant.workers():
            chance.choice(workers).kill()
    for run in runs:
        goes_on(run)
        assert_undisturbed(run)


def test_a_worker_that_hangs_is_replaced_within_ten_seconds(plant: Plant) -> None:
    run = a_live_run(plant.engine)
    worker = plant.worker()
    worker.suspend()
    stopped = time.monotonic()
    until(lambda: worker.pid not in {process.pid for process in plant.workers()})
    assert time.monotonic() - stopped < 10
    goes_on(run)
    assert_undisturbed(run)


@pytest.mark.parametrize("plant", [2], indirect=True)
def test_a_hanging_worker_leaves_its_burst_to_its_neighbour(plant: Plant) -> None:
    runs = [a_live_run(plant.engine) for _ in range(2)]
    plant.worker().suspend()
    for run in runs:
        goes_on(run)
        assert_undisturbed(run)


def test_the_keeper_killed(plant: Plant) -> None:
    run = a_live_run(plant.engine)
    host, workers = plant.host(), plant.workers()
    host.kill()
    until(lambda: run.waiting)
    goes_on(run)
    assert plant.host().pid != host.pid
    assert psutil.wait_procs(workers, timeout=30)[1] == []
    assert_undisturbed(run)


def test_a_keeper_that_hangs_is_replaced(plant: Plant) -> None:
    run = a_live_run(plant.engine)
    host, workers = plant.host(), plant.workers()
    host.suspend()
    until(lambda: not host.is_running())
    goes_on(run)
    assert psutil.wait_procs(workers, timeout=30)[1] == []
    assert_undisturbed(run)


def test_controls_act_while_there_are_no_workers(plant: Plant) -> None:
    run, other = a_live_run(plant.engine), a_live_run(plant.engine)
    plant.host().suspend()
    until(lambda: run.waiting)
    run.pause()
    until(lambda: not run.is_live)
    step = run.current_step
    other.reset()
    assert (run.status, other.status, other.current_step) == ("paused", "paused", 0)
    until(lambda: other.history.steps == (0,))
    assert run.current_step == step
    run.train()
    goes_on(run)
    assert_undisturbed(run)


def test_a_call_that_ends_its_workers_is_given_up_and_others_go_on(plant: Plant) -> None:
    run, told = a_live_run(plant.engine), []
    plant.engine.submit(os._exit, 1, on_done=told.append, owner="bad")
    until(lambda: told)
    assert isinstance(told[0], CallFailedError)
    assert str(told[0]) == "the worker's process ended 4 times, perhaps for want of memory"
    goes_on(run)
    assert_undisturbed(run)


def test_a_call_without_an_end_is_taken_from_its_worker(plant: Plant) -> None:
    run, told = a_live_run(plant.engine), []
    plant.engine.submit(time.sleep, 3600, on_done=told.append, owner="bad", limit_seconds=2)
    until(lambda: told)
    assert isinstance(told[0], CallFailedError)
    assert str(told[0]) == "it took longer than 2 s, twice"
    goes_on(run)
    assert_undisturbed(run)
