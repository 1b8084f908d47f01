"""The devices page: what it says follows the times, and its code does the same work."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from nnviz.experiments.devices import update
from nnviz.experiments.devices.here import devices_here
from nnviz.experiments.devices.records import Device, Timed
from nnviz.experiments.devices.settings import SpeedSettings
from nnviz.experiments.devices.speeds import SIZES
from nnviz.experiments.devices.update import timed_on
from nnviz.ui.exhibits.devices import EXHIBITS
from nnviz.ui.exhibits.words import told
from tests.pages.test_exhibits import extremes, holds

(SPEED,) = EXHIBITS
ONE, ALL = Device("cpu", 1, "CPU, 1 thread"), Device("cpu", 8, "CPU, 8 threads")
GPU = Device("cuda", 1, "GPU, made up")


def made(settings, speed_up=0.01, devices=(ONE, ALL), n=None):
    """Times as by closed form: one thread by operations alone, the other with a fixed cost."""
    known = []
    for work in settings.works[:n]:
        alone = 1e-4 + work.flops / 1e10
        costs = [alone, *[1e-3 + alone * speed_up] * (len(devices) - 1)]
        known.append(
            tuple(
                Timed(device, work, cost * np.array([0.99, 1, 1.01]), (), np.full(3, 2e-6))
                for device, cost in zip(devices, costs, strict=True)
            )
        )
    return SPEED.measure.collect(settings, known)


def test_every_size_is_timed_once_on_all_devices():
    settings = SpeedSettings()
    calls = SPEED.measure.calls(settings, [])
    assert {given for _, given in calls} == {(devices_here(), work) for work in settings.works}
    assert len(calls) == len(settings.works)
    known = [
        tuple(Timed(ONE, work, np.ones(3), (), np.ones(1)) for _ in "1") for work in settings.works
    ]
    assert SPEED.measure.calls(settings, known[:3]) == [
        c for c in calls if c[1][1] not in settings.works[:3]
    ]
    assert SPEED.measure.calls(settings, known) == []


@pytest.mark.parametrize("axis", SIZES)
def test_where_the_line_stands_is_no_new_question(axis):
    one, other = (SpeedSettings(axis=axis, **{axis: SIZES[axis][k]}) for k in (0, -1))
    assert SPEED.measure.question(one) == SPEED.measure.question(other)
    assert SPEED.measure.question(SpeedSettings(axis=axis)) != SPEED.measure.question(
        SpeedSettings(axis=axis, again=1)
    )


def test_it_holds_at_every_end_with_little_and_with_all_back():
    for settings in extremes(SPEED):
        for n in (1, None):
            holds(SPEED, settings, made(settings, n=n))


def test_the_line_snaps_to_a_measured_size_and_reads_it():
    settings = SpeedSettings()
    moved = settings.model_copy(update=SPEED.grasp(settings, {"size": 70.0}))
    assert moved.size == 64
    assert SPEED.grasp(settings, {"size": "<b>"}) == {}
    numbers = SPEED.numbers(moved, made(moved))
    work = replace(moved.work, width=64)
    assert told(numbers[ONE.title], False) == f"{1 / (1e-4 + work.flops / 1e10):,.0f} /s"
    expected = work.batch_size * (4 * 64 + 8) / 2e-6 / 1e6
    numbers = SPEED.numbers(moved, made(moved, devices=(ONE, GPU)))
    assert numbers["Copy of a batch to the GPU"] == f"2 µs, {expected:,.0f} MB/s"


def test_where_one_overtakes_is_said_and_that_there_is_no_gpu():
    settings = SpeedSettings()
    text = SPEED.notice(settings, made(settings))
    assert "**CPU, 8 threads** overtakes CPU, 1 thread at width" in text
    assert "no GPU on this machine" in text
    assert "no GPU" not in SPEED.notice(settings, made(settings, devices=(ONE, ALL, GPU)))
    never = SPEED.notice(settings, made(settings, speed_up=1.0))
    assert "No device overtakes another for sure" in never


def test_the_code_does_the_same_work(monkeypatch):
    monkeypatch.setattr(update, "LEAST_SECONDS", 0.0)
    settings = SpeedSettings(width=16, depth=2, batch_size=8)
    names: dict = {}
    before = torch.get_num_threads(), torch.get_rng_state()
    try:
        exec(compile(SPEED.code(settings), "shown", "exec"), names)  # noqa: S102
    finally:
        torch.set_num_threads(before[0])
        torch.set_rng_state(before[1])
    for record in timed_on(devices_here(), settings.work):
        key = record.device.kind, record.device.n_threads
        assert names["losses"][key] == pytest.approx(record.losses, rel=1e-5)
