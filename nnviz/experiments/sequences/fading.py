"""What fades and what bursts on the way back through time, and what clipping does.

Shapes: T steps, U units. h_t = f(W_hh h_{t−1} + W_ih x_t) with W_hh = gain · orthogonal, so that
each linear step back stretches every direction by the gain alone. Sources: Bengio et al. 1994,
Pascanu et al. 2013.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.experiments.sequences.records import ClipRecord, FadingRecord
from nnviz.randomness import torch_generator


def drawn(
    gain: float, units: int, length: int, input_size: float, seed: int
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """W_hh (U, U), W_ih (U, 1), inputs (T, 1) and a wanted last state (U,), double precision."""
    generator = torch_generator(seed)
    free = torch.randn(units, units, generator=generator, dtype=torch.float64)
    q, r = torch.linalg.qr(free)
    recurrent = gain * q * torch.sign(torch.diagonal(r))
    inputs = torch.randn(units, 1, generator=generator, dtype=torch.float64)
    x = input_size * torch.randn(length, 1, generator=generator, dtype=torch.float64)
    wanted = torch.randn(units, generator=generator, dtype=torch.float64)
    return recurrent, inputs, x, wanted


def fade(
    gain: float, units: int, length: int, linear: bool, input_size: float = 0.1, seed: int = 0
) -> FadingRecord:
    """Singular values of ∂h_T/∂h_t, from T − t = 0 on, by the chain rule one step at a time."""
    recurrent, inputs, x, _ = drawn(gain, units, length, input_size, seed)
    states = _states(recurrent, inputs, x, linear)
    back = torch.eye(units, dtype=torch.float64)
    largest, smallest = [1.0], [1.0]
    for state in reversed(states[1:]):
        slope = torch.ones_like(state) if linear else 1 - state**2
        back = back @ (slope[:, None] * recurrent)
        values = torch.linalg.svdvals(back)
        largest.append(float(values[0]))
        smallest.append(float(values[-1]))
    norms = np.array([float(state.norm()) for state in states[::-1]])
    return FadingRecord(np.arange(length), np.array(largest), np.array(smallest), norms)


def clip(
    gain: float,
    units: int,
    length: int,
    linear: bool,
    limit: float,
    input_size: float = 0.1,
    seed: int = 0,
) -> ClipRecord:
    """The gradient of ½‖h_T − wanted‖² with respect to W_hh and W_ih, whole and clipped."""
    recurrent, inputs, x, wanted = drawn(gain, units, length, input_size, seed)
    w_hh, w_ih = nn.Parameter(recurrent), nn.Parameter(inputs)
    loss = ((_states(w_hh, w_ih, x, linear)[-1] - wanted) ** 2).sum() / 2
    whole = torch.cat([grad.flatten() for grad in torch.autograd.grad(loss, [w_hh, w_ih])])
    by_norm, by_value = (_clipped(whole, way, limit) for way in ("norm", "value"))
    return ClipRecord(
        limit=limit,
        whole=float(whole.norm()),
        by_norm=float(by_norm.norm()),
        by_value=float(by_value.norm()),
        angle_by_norm=_angle(by_norm, whole),
        angle_by_value=_angle(by_value, whole),
    )


def _states(recurrent: Tensor, inputs: Tensor, x: Tensor, linear: bool) -> list[Tensor]:
    """h_1 … h_T."""
    state, found = torch.zeros(len(recurrent), dtype=torch.float64), []
    for value in x:
        state = recurrent @ state + inputs @ value
        state = state if linear else torch.tanh(state)
        found.append(state)
    return found


def _clipped(whole: Tensor, way: str, limit: float) -> Tensor:
    weight = nn.Parameter(torch.zeros_like(whole))
    weight.grad = whole.clone()
    if way == "norm":
        nn.utils.clip_grad_norm_([weight], limit)
    else:
        nn.utils.clip_grad_value_([weight], limit)
    return weight.grad


def _angle(vector: Tensor, whole: Tensor) -> float:
    """Between the two, in degrees; well conditioned where they are almost parallel."""
    a, b = vector / vector.norm(), whole / whole.norm()
    return float(torch.rad2deg(2 * torch.atan2((a - b).norm(), (a + b).norm())))
