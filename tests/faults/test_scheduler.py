"""A real scheduler with two workers of its own, killed in mid-run and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nnviz.runs import Engine
from tests.faults.conftest import a_live_run, assert_undisturbed, goes_on, until

ROOT = Path(__file__).parents[2]


class Site:
    """A scheduler at a fixed address and its workers, as somebody else runs them."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.scheduler: list[subprocess.Popen[bytes]] = []
        self.workers: list[subprocess.Popen[bytes]] = []

    def start_scheduler(self) -> None:
        self.scheduler = [
            _dask("scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")
        ]

    def start_workers(self) -> None:
        self.workers = [
            _dask("worker", self.address, "--nthreads", "1", "--no-dashboard", "--name", name)
            for name in ("first", "second")
        ]

    @staticmethod
    def kill(processes: list[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _dask(command: str, *options: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", command, *options],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    made.start_scheduler()
    made.start_workers()
    yield made
    made.kill(made.workers + made.scheduler)


@pytest.fixture
def engine(site: Site) -> Iterator[Engine]:
    made = Engine(address=site.address)
    made.warm_up()
    until(lambda: made.n_slots == 2)
    yield made
    made.close()


def test_scheduler_and_workers_gone_and_back(site: Site, engine: Engine) -> None:
    run, other = a_live_run(engine), a_live_run(engine)
    site.kill(site.scheduler + site.workers)
    until(lambda: run.waiting.startswith(f"No Dask scheduler at {site.address} for "))
    assert (run.status, other.status) == ("running", "running")
    other.pause()
    step = other.current_step
    site.start_scheduler()
    until(lambda: run.waiting.startswith(f"No workers at the cluster {site.address} for "))
    site.start_workers()
    goes_on(run)
    assert (other.status, other.current_step) == ("paused", step)
    other.train()
    goes_on(other)
    assert_undisturbed(run)
    assert_undisturbed(other)


def test_a_scheduler_that_starts_again_alone(site: Site, engine: Engine) -> None:
    run = a_live_run(engine)
    site.kill(site.scheduler)
    site.start_scheduler()
    until(lambda: run.waiting)
    until(lambda: all(worker.poll() is not None for worker in site.workers))
    site.start_workers()  # Dask's workers end with their scheduler: a service starts them again
    goes_on(run)
    assert_undisturbed(run)


def test_one_of_two_workers_gone(site: Site, engine: Engine) -> None:
    run = a_live_run(engine)
    for worker in list(site.workers):
        site.kill([worker])
        if worker is site.workers[0]:
            goes_on(run)
    until(lambda: run.waiting)
    site.start_workers()
    goes_on(run)
    assert_undisturbed(run)
