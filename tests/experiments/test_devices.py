"""The same work on every device, counted in closed form; no test asserts a time."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from nnviz.experiments.devices import here, update
from nnviz.experiments.devices.here import alone, devices_here, n_cores, threads
from nnviz.experiments.devices.records import Device, Timed, Work
from nnviz.experiments.devices.speeds import (
    MOST_FLOPS,
    SIZES,
    Speeds,
    collected,
    crossings,
    works,
)
from nnviz.experiments.devices.update import timed, timed_on

ONE, ALL = Device("cpu", 1, "CPU, 1 thread"), Device("cpu", 4, "CPU, 4 threads")
SMALL = Work(16, 2, 8)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(update, "LEAST_SECONDS", 0.0)


@pytest.mark.parametrize("work", [SMALL, Work(33, 1, 1), Work(8, 5, 64)])
def test_operations_are_those_that_torch_counts(work):
    network, x, y = update._start(work)
    with FlopCounterMode(display=False) as counted:
        update._update(network, x, y)
    assert work.flops == counted.get_total_flops()


def test_an_update_is_a_step_of_torchs_sgd():
    network, x, y = update._start(SMALL)
    other, _, _ = update._start(SMALL)
    optimizer = torch.optim.SGD(other.parameters(), lr=update.RATE)
    for _ in range(3):
        loss = update._update(network, x, y)
        expected = torch.nn.functional.cross_entropy(other(x), y)
        optimizer.zero_grad()
        expected.backward()
        optimizer.step()
        assert float(loss) == pytest.approx(float(expected.detach()), rel=1e-6)


def test_every_device_does_the_same_work(quick):
    records = timed_on(devices_here(), SMALL)
    for record in records:
        assert record.losses == pytest.approx(records[0].losses, rel=1e-4)
        assert (record.seconds_R > 0).all()
        assert record.spread[0] <= record.updates_a_second <= record.spread[1]
        assert record.copied_bytes == 8 * (4 * 64 + 8)


def test_threads_are_given_back(quick):
    before = torch.get_num_threads()
    with threads(before + 1):
        assert torch.get_num_threads() == before + 1
    timed(ALL, SMALL)
    assert torch.get_num_threads() == before


def test_timings_of_two_processes_wait_for_each_other():
    fcntl = pytest.importorskip("fcntl")
    script = "import sys; from nnviz.experiments.devices.here import alone\n"
    script += "with alone(): print('in', flush=True); sys.stdin.read()"
    other = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    assert other.stdout is not None
    assert other.stdout.readline() == "in\n"
    with pytest.raises(BlockingIOError), monkeypatched_flock(fcntl), alone():
        pass
    other.communicate("")
    with alone():
        pass


@contextmanager
def monkeypatched_flock(fcntl):
    """Who would have to wait raises instead."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(here.fcntl, "LOCK_EX", fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def test_the_devices_are_one_thread_all_threads_and_what_is_beside():
    found = devices_here()
    assert found[0] == ONE
    assert [d.n_threads for d in found if d.kind == "cpu"] == sorted({1, n_cores()})
    assert {d.kind for d in found} - {"cpu"} == {
        kind
        for kind, is_there in (
            ("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available()),
        )
        if is_there
    }  # fmt: skip


@pytest.mark.parametrize("axis", SIZES)
def test_an_update_that_would_take_long_is_left_out(axis):
    large = Work(SIZES["width"][-1], SIZES["depth"][-1], SIZES["batch_size"][-1])
    found = works(axis, large)
    assert found
    assert all(work.flops <= MOST_FLOPS for work in found)


def made(times_DZ, sizes=(8, 16, 32)) -> Speeds:
    """Speeds of two devices with these seconds an update, spread by 1 %."""
    known = [
        tuple(
            Timed(device, Work(size, 1, 1), seconds * np.array([0.99, 1, 1.01]), (), np.ones(1))
            for device, seconds in zip((ONE, ALL), column, strict=True)
        )
        for size, column in zip(sizes, np.asarray(times_DZ).T, strict=True)
    ]
    found = collected("width", [Work(size, 1, 1) for size in sizes], known)
    assert found is not None
    return found


def test_one_overtakes_where_straight_lines_on_log_axes_cross():
    (found,) = crossings(made([[1e-4, 1e-3, 4e-3], [4e-4, 2e-3, 2e-3]]))
    assert found.size == pytest.approx(np.sqrt(16 * 32))
    assert (found.first, found.second) == (ONE, ALL)


@pytest.mark.parametrize(
    "times", [[[1e-4] * 3, [4e-4] * 3], [[4e-4] * 3, [1e-4] * 3], [[1e-4] * 3, [2e-4, 2e-4, 1e-4]]]
)
def test_no_crossing_is_told_where_none_is_sure(times):
    assert crossings(made(times)) == []


def test_what_is_not_back_is_missing():
    asked = [Work(8, 1, 1), Work(16, 1, 1)]
    one = Timed(ONE, asked[0], np.ones(3), (), np.ones(1))
    record = collected("width", asked, [(one,)])
    assert record.n_missing == 1
    assert record.at(ONE, 8) is one
    assert record.at(ONE, 16) is None
    assert collected("width", asked, []) is None
    assert crossings(record) == []
