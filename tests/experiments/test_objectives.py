"""Losses by hand against torch's own, and the facts about class weights and saturation."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.experiments.objectives import (
    CURVES,
    cross_entropy_by_hand,
    imbalance,
    loss_curves,
    saturated_start,
)
from nnviz.experiments.objectives.imbalance import PENALTY

number = st.floats(-10, 10, allow_nan=False)


@given(data=st.data(), n=st.integers(1, 6), c=st.integers(2, 5))
def test_cross_entropy_by_hand_is_torchs(data: st.DataObject, n: int, c: int) -> None:
    logits = [[data.draw(number) for _ in range(c)] for _ in range(n)]
    ignore = data.draw(st.sampled_from([-100, 0, 1]))
    classes = [*range(c), ignore]
    target = [data.draw(st.sampled_from(classes)) for _ in range(n)]
    weight = [data.draw(st.floats(0, 20)) for _ in range(c)]
    smoothing = data.draw(st.floats(0, 0.9))
    reduction = data.draw(st.sampled_from(["mean", "sum", "none"]))
    record = cross_entropy_by_hand(logits, target, weight, reduction, smoothing, ignore)
    z = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    own = F.cross_entropy(
        z, torch.tensor(target), torch.tensor(weight, dtype=torch.float64),
        ignore_index=ignore, reduction=reduction, label_smoothing=smoothing,
    )  # fmt: skip
    if reduction == "none":
        np.testing.assert_allclose(record.loss_N, own.detach(), atol=1e-9)
    else:
        np.testing.assert_allclose(record.loss, own.detach(), atol=1e-9, rtol=1e-9)
    if record.divisor > 1e-6:
        (gradient,) = torch.autograd.grad(own.sum(), z)
        np.testing.assert_allclose(record.gradient_NC, gradient, atol=1e-7, rtol=1e-7)


def test_the_steps_are_softmax_log_and_pick() -> None:
    record = cross_entropy_by_hand([[2.0, 0.5, -1.0]], [0])
    exponentials = np.exp([2.0, 0.5, -1.0])
    np.testing.assert_allclose(record.softmax_NC[0], exponentials / exponentials.sum())
    assert record.loss == pytest.approx(-math.log(exponentials[0] / exponentials.sum()))
    np.testing.assert_allclose(record.gradient_NC[0], record.softmax_NC[0] - [1, 0, 0])


def test_a_mean_over_nothing_is_nan_as_in_torch() -> None:
    record = cross_entropy_by_hand([[1.0, 2.0]], [-100])
    assert math.isnan(record.loss)
    assert math.isnan(record.reference_N[0])
    assert (record.gradient_NC == 0).all()


def test_fact_19_weights_raise_minority_recall_by_more_than_03() -> None:
    gains = []
    for seed in range(5):
        record = imbalance(0.05, 2.0, 19.0, 1000, seed)
        gains.append(record.minority_recall_W[record.chosen] - record.minority_recall_W[0])
        assert record.weight_W[record.chosen] == 19
    assert min(gains) > 0.3


def test_fact_19_mean_divides_by_the_summed_weights() -> None:
    record = imbalance(0.05, 2.0, 10.0)
    n_few = int(record.label_N.sum())
    assert record.sum_of_weights == len(record.label_N) - n_few + 10 * n_few
    assert record.mean_loss == pytest.approx(record.weighted_sum / record.sum_of_weights)
    assert record.per_sample == pytest.approx(record.weighted_sum / len(record.label_N))


@settings(max_examples=25)
@given(
    share=st.floats(0.01, 0.5), distance=st.floats(0.5, 6), weight=st.floats(1, 100),
    n=st.integers(100, 500),
)  # fmt: skip
def test_the_line_is_where_torchs_weighted_loss_has_gradient_0(
    share: float, distance: float, weight: float, n: int
) -> None:
    record = imbalance(share, distance, weight, n)
    line = torch.tensor(record.line_W3[record.chosen], requires_grad=True)
    logit = torch.tensor(record.points_N2) @ line[:2] + line[2]
    logits = torch.stack([torch.zeros_like(logit), logit], dim=1)
    weights = torch.tensor([1.0, weight], dtype=torch.float64)
    loss = F.cross_entropy(logits, torch.tensor(record.label_N), weights)
    (gradient,) = torch.autograd.grad(loss + PENALTY / 2 * line[:2].square().sum(), line)
    np.testing.assert_allclose(gradient, 0, atol=1e-8)


def test_recall_follows_the_gaussians_themselves() -> None:
    """Many points: the fitted boundary is the weighted Bayes boundary, up to sampling."""
    record = imbalance(0.2, 2.0, 4.0, 20_000)
    np.testing.assert_allclose(record.minority_recall_W, record.expected_minority_W, atol=0.035)


@settings(max_examples=25)
@given(target=st.floats(-3, 3), delta=st.floats(0.1, 5))
def test_curves_are_torchs_losses(target: float, delta: float) -> None:
    for curve in loss_curves(list(CURVES), target, delta):
        z = torch.tensor(curve.output_Z, requires_grad=True)
        aim = torch.full_like(z, target)
        own = {
            "mse": lambda z, a: (z - a) ** 2,
            "l1": lambda z, a: (z - a).abs(),
            "huber": lambda z, a: torch.nn.HuberLoss(reduction="none", delta=delta)(z, a),
            "bce_with_logits": lambda z, a: F.softplus(z) - a.clamp(0, 1) * z,
        }[curve.name](z, aim)
        (gradient,) = torch.autograd.grad(own.sum(), z)
        np.testing.assert_allclose(curve.loss_Z, own.detach(), atol=1e-9)
        np.testing.assert_allclose(curve.gradient_Z, gradient, atol=1e-9)


@settings(max_examples=25)
@given(start=st.floats(-10, 10), rate=st.floats(0.05, 20))
def test_descent_from_a_saturated_start_is_autograds(start: float, rate: float) -> None:
    compute = (lambda z: (torch.sigmoid(z) - 1) ** 2, lambda z: F.softplus(-z))
    for record, loss in zip(saturated_start(start, rate, 20), compute, strict=True):
        z = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        for step in range(21):
            assert record.z_T[step] == pytest.approx(z.item(), rel=1e-6, abs=1e-6)
            (gradient,) = torch.autograd.grad(loss(z), z)
            z = (z - rate * gradient).detach().requires_grad_()


def test_cross_entropy_leaves_saturation_far_sooner() -> None:
    squared, entropy = saturated_start(-6.0, 1.0, 300)
    assert entropy.step_half == 7
    assert squared.step_half is not None
    assert squared.step_half > 20 * entropy.step_half
    at_start = [np.interp(-6.0, r.z_Z, r.gradient_Z) for r in (squared, entropy)]
    assert at_start[0] / at_start[1] == pytest.approx(2 * 0.0024726 * (1 - 0.0024726), rel=0.05)
