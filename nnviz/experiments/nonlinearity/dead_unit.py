"""One hidden unit that a single large step pushes where its gradient is 0.

The network is ŷ = v·φ(w x + b) + c on one input, fitted to y = max(0, x) by plain gradient
descent on the mean squared error; step number `jump_at` uses a larger learning rate.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.experiments.nonlinearity.records import DeadUnitRecord
from nnviz.records import FloatArray

N_POINTS = 32
START = {"w": 1.0, "b": 0.5, "v": 2.0, "c": 0.0}
"""Unit and output at the start: alive on three quarters of the inputs, answering too much."""


def dead_unit(
    activation: str,
    learning_rate: float,
    jump_rate: float,
    jump_at: int = 5,
    n_steps: int = 400,
) -> DeadUnitRecord:
    """Train `n_steps` steps, one of them with `jump_rate`, and follow the unit.

    The unit is dead where its pre-activation is ≤ 0 on all inputs (science §3); only then is a
    return above 0 a recovery.
    """
    x_N = torch.linspace(-1, 1, N_POINTS, dtype=torch.float64)
    y_N = x_N.clamp(min=0)
    phi = ACTIVATIONS[activation].make().double()
    parameters_4 = torch.tensor([*START.values()], dtype=torch.float64)
    rows = []
    for step in range(n_steps + 1):
        row, gradient_4 = _step(phi, parameters_4, x_N, y_N)
        rows.append(row)
        rate = jump_rate if step + 1 == jump_at else learning_rate
        parameters_4 = parameters_4 - rate * gradient_4
    highest_T, lowest_T, gradient_T, loss_T = np.array(rows).T
    dies_at, recovers_at = _life(highest_T)
    return DeadUnitRecord(activation, highest_T, lowest_T, gradient_T, loss_T, dies_at, recovers_at)


def _step(
    phi: torch.nn.Module, parameters_4: Tensor, x_N: Tensor, y_N: Tensor
) -> tuple[tuple[float, ...], Tensor]:
    """What is recorded at these parameters, and the gradient there."""
    w, b, v, c = parameters_4.tolist()
    z_N = (w * x_N + b).requires_grad_()
    a_N = phi(z_N)
    (slope_N,) = torch.autograd.grad(a_N.sum(), z_N)
    error_N = 2 * (v * a_N + c - y_N).detach() / len(x_N)
    delta_N = error_N * v * slope_N
    gradient = torch.stack(
        [(delta_N * x_N).sum(), delta_N.sum(), (error_N * a_N.detach()).sum(), error_N.sum()]
    )
    loss = float(error_N.square().sum()) * len(x_N) / 4
    highest, lowest = (float(end) for end in z_N.detach().aminmax()[::-1])
    own = math.hypot(*gradient[:2].tolist())
    return (highest, lowest, own, loss), gradient


def _life(highest_T: FloatArray) -> tuple[int | None, int | None]:
    dead = np.flatnonzero(highest_T <= 0)
    if not len(dead):
        return None, None
    back = np.flatnonzero(highest_T[dead[0] :] > 0)
    return int(dead[0]), int(dead[0] + back[0]) if len(back) else None
