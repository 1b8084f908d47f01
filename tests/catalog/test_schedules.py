"""Every schedule is torch's scheduler of that name, computed from the step alone."""

import warnings

import pytest
import torch
from torch.optim import lr_scheduler

from nnviz import ScheduleSpec
from nnviz.catalog.schedules import SCHEDULES

RATE = 0.3


TORCHS = {
    "constant": lambda optimizer, n_steps: lr_scheduler.ConstantLR(optimizer, factor=1.0),
    "step": lambda optimizer, n_steps: lr_scheduler.StepLR(optimizer, step_size=7, gamma=0.5),
    "cosine": lambda optimizer, n_steps: lr_scheduler.CosineAnnealingLR(optimizer, T_max=n_steps),
    "one_cycle": lambda optimizer, n_steps: lr_scheduler.OneCycleLR(
        optimizer, RATE, total_steps=n_steps, cycle_momentum=False
    ),
    "warm_up": lambda optimizer, n_steps: lr_scheduler.LinearLR(
        optimizer, start_factor=1 / 10, end_factor=1, total_iters=9
    ),
}
ARGUMENTS = {"step": {"every": 7, "gamma": 0.5}, "warm_up": {"warmup_steps": 10}}


@pytest.mark.parametrize("n_steps", [1, 2, 3, 5, 20, 101, 1000])
@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_rate_is_that_of_torchs_scheduler(name, n_steps):
    spec = ScheduleSpec(name=name, **ARGUMENTS.get(name, {}))
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    scheduler = TORCHS[name](optimizer, n_steps)
    for step in range(n_steps):
        ours = RATE * SCHEDULES[name].factor(step, n_steps, spec.arguments)
        # torch's chained form multiplies n_steps factors: about n_steps roundings of a double
        assert ours == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-9, abs=1e-12)
        if step < n_steps - 1:
            optimizer.step()
            scheduler.step()


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_beyond_its_horizon_a_schedule_stays_finite_and_within_its_peak(name):
    arguments = ScheduleSpec(name=name).arguments
    for n_steps in (1, 10):
        for step in (n_steps, n_steps + 1, 50 * n_steps, 10**7):
            assert 0 <= SCHEDULES[name].factor(step, n_steps, arguments) <= 1


def test_cosine_and_one_cycle_stay_at_their_last_rate():
    assert SCHEDULES["cosine"].factor(5000, 100, {}) == SCHEDULES["cosine"].factor(100, 100, {})
    last = SCHEDULES["one_cycle"].factor(99, 100, {})
    assert SCHEDULES["one_cycle"].factor(5000, 100, {}) == last == pytest.approx(1 / 25 / 1e4)


def test_warm_up_starts_above_zero_and_reaches_one():
    arguments = {"warmup_steps": 4.0}
    factors = [SCHEDULES["warm_up"].factor(step, 10, arguments) for step in range(6)]
    assert factors == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]


def test_torch_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        test_rate_is_that_of_torchs_scheduler("cosine", 20)
