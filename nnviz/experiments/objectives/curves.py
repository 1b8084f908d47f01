"""Losses of a single sample as curves, with their gradients by autograd."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from nnviz.experiments.objectives.records import LossCurveRecord

N_POINTS = 401
CURVES: dict[str, Callable[..., Tensor]] = {
    "mse": F.mse_loss,
    "l1": F.l1_loss,
    "huber": F.huber_loss,
    "bce_with_logits": F.binary_cross_entropy_with_logits,
}


def loss_curves(
    names: Sequence[str], target: float, huber_delta: float = 1.0, reach: float = 6.0
) -> list[LossCurveRecord]:
    """Each loss of one output in [-reach, reach] against the target.

    For binary cross-entropy the output is a logit and the target a probability: values outside
    0…1 are clipped for it.
    """
    output_Z = torch.linspace(-reach, reach, N_POINTS, dtype=torch.float64)
    return [_curve(name, output_Z, target, huber_delta) for name in names]


def _curve(name: str, output_Z: Tensor, target: float, huber_delta: float) -> LossCurveRecord:
    compute = partial(F.huber_loss, delta=huber_delta) if name == "huber" else CURVES[name]
    aim = min(max(target, 0.0), 1.0) if name == "bce_with_logits" else target
    z_Z = output_Z.clone().requires_grad_()
    loss_Z = compute(z_Z, torch.full_like(z_Z, aim), reduction="none")
    (gradient_Z,) = torch.autograd.grad(loss_Z.sum(), z_Z)
    return LossCurveRecord(name, output_Z.numpy(), loss_Z.detach().numpy(), gradient_Z.numpy())
