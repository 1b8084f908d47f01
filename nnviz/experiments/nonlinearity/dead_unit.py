"""One hidden unit that a single large step pushes where its gradient is 0.

The network is ŷ = v·φ(w x + b) + c on one input, fitted to y = max(0, x) by plain gradient
descent on the mean squared error; step number `jump_at` uses a larger learning rate.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.experiments.nonlinearity.records import DeadUnitRecord
from nnviz.records import FloatArray

N_POINTS = 32
START = {"w": 1.0, "b": 0.5, "v": 2.0, "c": 0.0}
"""Unit and output at the start: alive on three quarters of the inputs, answering too much."""


def dead_units(
    activations: Sequence[str],
    learning_rate: float,
    jump_rate: float,
    jump_at: int = 5,
    n_steps: int = 400,
) -> list[DeadUnitRecord]:
    """Train `n_steps` steps with each activation, one of them with `jump_rate`; follow the unit.

    The unit is dead where its pre-activation is ≤ 0 on all inputs (science §3); only then is a
    return above 0 a recovery.
    """
    phis = [ACTIVATIONS[name].make().double() for name in activations]
    x_N = torch.linspace(-1, 1, N_POINTS, dtype=torch.float64)
    y_N = x_N.clamp(min=0)
    parameters_4K = torch.tensor([*START.values()], dtype=torch.float64)[:, None]
    parameters_4K = parameters_4K.repeat(1, len(phis))
    rows = []
    for step in range(n_steps + 1):
        row_3K, gradient_4K = _step(phis, parameters_4K, x_N, y_N)
        rows.append(row_3K)
        rate = jump_rate if step + 1 == jump_at else learning_rate
        parameters_4K = parameters_4K - rate * gradient_4K
    series_K3T = torch.stack(rows, -1).numpy().swapaxes(0, 1)
    return [
        DeadUnitRecord(name, highest_T, gradient_T, loss_T, *_life(highest_T))
        for name, (highest_T, gradient_T, loss_T) in zip(activations, series_K3T, strict=True)
    ]


def _step(
    phis: Sequence[torch.nn.Module], parameters_4K: Tensor, x_N: Tensor, y_N: Tensor
) -> tuple[Tensor, Tensor]:
    """Largest z, the unit's own gradient and the loss; the gradient there."""
    w_K1, b_K1, v_K1, c_K1 = parameters_4K[..., None]
    z_KN = (w_K1 * x_N + b_K1).requires_grad_()
    a_KN = torch.stack([phi(z_N) for phi, z_N in zip(phis, z_KN.unbind(), strict=True)])
    (slope_KN,) = torch.autograd.grad(a_KN.sum(), z_KN)
    a_KN, z_KN = a_KN.detach(), z_KN.detach()
    error_KN = (v_K1 * a_KN + c_K1 - y_N) * (2 / len(x_N))
    delta_KN = error_KN * v_K1 * slope_KN
    gradient_4K = torch.stack([delta_KN * x_N, delta_KN, error_KN * a_KN, error_KN]).sum(-1)
    loss_K = error_KN.square().sum(-1) * (len(x_N) / 4)
    own_K = torch.hypot(gradient_4K[0], gradient_4K[1])
    return torch.stack([z_KN.amax(-1), own_K, loss_K]), gradient_4K


def _life(highest_T: FloatArray) -> tuple[int | None, int | None]:
    dead = np.flatnonzero(highest_T <= 0)
    if not len(dead):
        return None, None
    back = np.flatnonzero(highest_T[dead[0] :] > 0)
    return int(dead[0]), int(dead[0] + back[0]) if len(back) else None
