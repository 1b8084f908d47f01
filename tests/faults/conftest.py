"""Faults done for real to an engine of one's own, and a live run that must not notice.

These tests take minutes: only `pytest -m faults` runs them.
"""

from __future__ import annotations

import itertools
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from nnviz import DataSpec, DenseBlock, ExperimentSpec, NetworkSpec, TrainingSpec, advance
from nnviz.runs import Engine, Run
from nnviz.training import initial_state
from tests.runs.test_run import assert_same, state_of

PATIENCE = 180.0
SPEED = 100.0
_seeds = itertools.count(1)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    posix = pytest.mark.skipif(sys.platform == "win32", reason="kills with POSIX signals")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.faults)
            item.add_marker(posix)


class Plant:
    """An engine of one's own and its processes."""

    def __init__(self, n_workers: int) -> None:
        self.engine = Engine(n_workers=n_workers)
        self.engine.warm_up()

    def host(self) -> psutil.Process:
        """The process that keeps the workers, waited for."""
        return until(self._host)

    def workers(self) -> list[psutil.Process]:
        """The workers' processes, those that still get ready included."""
        host = self._host()
        children = [] if host is None else _children(host)
        return [child for child in children if is_one(child, "nnviz.runs.worker_process")]

    def worker(self) -> psutil.Process:
        """One worker's process, waited for."""
        return until(lambda: next(iter(self.workers()), None))

    def _host(self) -> psutil.Process | None:
        cluster = self.engine._dispatcher.keeper.cluster
        kept = None if cluster is None else cluster._host
        return None if kept is None or not kept.is_alive else psutil.Process(kept._process.pid)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children()
    except psutil.Error:
        return []


def is_one(process: psutil.Process, module: str) -> bool:
    """Whether the process lives and runs the module."""
    try:
        return module in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def until(found: Any, patience: float = PATIENCE) -> Any:
    """What `found` returns once it is something; waited for."""
    end = time.monotonic() + patience
    while not (it := found()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
    return it


def a_spec() -> ExperimentSpec:
    """A training without an end that nobody has seen, with all that a state has to hold."""
    blocks = (DenseBlock(width=16, normalization="batch", dropout=0.1), DenseBlock(width=16))
    return ExperimentSpec(
        data=DataSpec(name="moons", n_samples=120),
        network=NetworkSpec(blocks=blocks),
        training=TrainingSpec.model_validate(
            {"n_steps": 100_000, "batch_size": 32, "seed": next(_seeds)}
        ),
    )


def a_live_run(engine: Engine, spec: ExperimentSpec | None = None) -> Run:
    """A run under way at 100 steps a second."""
    run = Run([spec or a_spec()], f"reader {random.random()}", engine)
    run.set_speed(SPEED)
    run.train()
    until(lambda: run.current_step >= 30)
    return run


def goes_on(run: Run, n_steps: int = 200) -> None:
    """Wait until the run has taken more steps, by itself."""
    goal = run.current_step + n_steps
    until(lambda: run.current_step >= goal)
    assert (run.status, run.message, run.waiting) == ("running", "", "")


def assert_undisturbed(run: Run) -> None:
    """The run's numbers are those of a training that nobody disturbed, bit for bit."""
    run.pause()
    until(lambda: not run.is_live)
    run.step()
    until(lambda: not run.is_live)
    before, _ = advance(initial_state(run.lanes[0]), n_steps=run.current_step - 1, record=False)
    state, snapshots = advance(before, n_steps=1)
    assert_same(state_of(run), state)
    latest = run.history.latest
    assert latest is not None
    assert (latest[0].step, latest[0].train_loss, latest[0].test_loss) == (
        snapshots[-1].step, snapshots[-1].train_loss, snapshots[-1].test_loss,
    )  # fmt: skip


@pytest.fixture(scope="module")
def plants() -> Iterator[dict[int, Plant]]:
    """The module's engines by their number of workers."""
    made: dict[int, Plant] = {}
    yield made
    for plant in made.values():
        plant.engine.close()


@pytest.fixture
def plant(request: pytest.FixtureRequest, plants: dict[int, Plant]) -> Plant:
    """One worker, or as many as the parameter says, up and ready after what went before."""
    n_workers = getattr(request, "param", 1)
    if n_workers not in plants:
        plants[n_workers] = Plant(n_workers)
    until(lambda: plants[n_workers].engine.n_slots == n_workers)
    return plants[n_workers]
