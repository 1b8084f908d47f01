"""Does BatchNorm help because it keeps distributions still? A network that trains while they jump.

Noise after each BatchNorm moves and stretches every unit anew at each update, as in Santurkar et
al. 2018, "How Does Batch Normalization Help Optimization?", section 2.2 and appendix A: unit j gets
the mean μ_j ~ U(-n, n) and the deviation σ_j ~ U(1, 1 + n/2) of this update, and sample i of it
m_ij ~ U(μ_j - .1, μ_j + .1) and s_ij ~ U(σ_j - .1, σ_j + .1); a becomes s·a + m. Theirs is
n = 0.5, with normal s_ij.

Shapes: B samples, U units, T looks, K step lengths.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.catalog.initializers import undrawn
from nnviz.data import load
from nnviz.experiments.normalization.training_records import ShiftingRecord
from nnviz.randomness import torch_generator
from nnviz.seeds import derived_seed
from nnviz.spec import DataSpec

LaneName = Literal["none", "batch", "noisy"]
LANES: tuple[LaneName, ...] = ("none", "batch", "noisy")
DEPTH, WIDTH, BATCH, N_REFERENCE = 6, 48, 64, 256
NOISE_STRIDE = 100_000
EVERY = 10
"""Updates from one look to the next."""
STRIDES = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Lengths along the gradient at which the loss is looked up, in steps of the optimizer."""


class Jitter(nn.Module):
    """Another mean and deviation for every unit at every `update`, drawn from `seed` and it."""

    def __init__(self, size: float, seed: int) -> None:
        super().__init__()
        self.size, self.seed, self.update = size, seed, 0

    def forward(self, a_BU: Tensor) -> Tensor:
        """s·a + m in training, nothing in evaluation."""
        if not self.training or not self.size:
            return a_BU
        n_samples, n_units = a_BU.shape
        generator = torch_generator(self.seed + self.update)
        mean_U, scale_U = torch.rand(2, n_units, generator=generator)
        m_BU, s_BU = torch.rand(2, n_samples, n_units, generator=generator)
        m_BU = (2 * mean_U - 1) * self.size + 0.2 * m_BU - 0.1
        s_BU = 1 + scale_U * self.size / 2 + 0.2 * s_BU - 0.1
        moved_BU: Tensor = s_BU * a_BU + m_BU
        return moved_BU


def shifting_network(lane: LaneName, noise: float, seed: int) -> nn.Sequential:
    """6 × 48 ReLU units on digits, He's weights, from the seed alone."""
    generator, n_in = torch_generator(derived_seed(seed, "weights")), 64
    layers: list[nn.Module] = []
    for layer in range(DEPTH):
        layers.append(_he(n_in, WIDTH, generator))
        if lane != "none":
            layers.append(nn.BatchNorm1d(WIDTH))
        if lane == "noisy":
            layers.append(Jitter(noise, noise_seed(seed) + NOISE_STRIDE * layer))
        layers.append(nn.ReLU())
        n_in = WIDTH
    return nn.Sequential(*layers, _he(n_in, 10, generator))


def noise_seed(seed: int) -> int:
    """Where the noise's seeds begin; below 2^62, so that adding to it stays a seed."""
    return derived_seed(seed, "noise") // 4


def _he(n_in: int, n_out: int, generator: torch.Generator) -> nn.Linear:
    layer = undrawn(nn.Linear, n_in, n_out)
    assert isinstance(layer, nn.Linear)
    with torch.no_grad():
        layer.weight.normal_(0, math.sqrt(2 / n_in), generator=generator)
        layer.bias.zero_()
    return layer


def train_shifting(
    lane: LaneName, noise: float, rate: float, n_steps: int, seed: int
) -> ShiftingRecord:
    """One training by SGD, looked at every tenth update; in training mode throughout."""
    data = load(DataSpec(name="digits"))
    x_NI, y_N = data.train_x.flatten(1), data.train_y
    network = shifting_network(lane, noise, seed)
    optimizer = torch.optim.SGD(network.parameters(), rate)
    order = torch_generator(derived_seed(seed, "batches"))
    looks: list[tuple[float, ...]] = []
    for step in range(n_steps):
        batch_B = torch.randint(len(x_NI), (BATCH,), generator=order)
        x_BI, y_B = x_NI[batch_B], y_N[batch_B]
        is_look = step % EVERY == 0
        if is_look:
            before = _handed_on(network, x_NI[:N_REFERENCE])
            told = _along_the_gradient(network, x_BI, y_B, rate)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(x_BI), y_B)
        loss.backward()
        optimizer.step()
        for part in network.modules():
            if isinstance(part, Jitter):
                part.update = step + 1
        if is_look:
            shift = _moved(before, _handed_on(network, x_NI[:N_REFERENCE]))
            looks.append((_loss(network, x_NI, y_N), shift, *told))
    loss_T, shift_T, low_T, high_T = np.array(looks).T
    accuracy = _accuracy(network.eval(), data.test_x.flatten(1), data.test_y)
    return ShiftingRecord(
        lane, seed, EVERY * np.arange(len(looks)), loss_T, shift_T, low_T, high_T, accuracy
    )


@contextmanager
def _unheeding(network: nn.Sequential) -> Iterator[None]:
    """Looking moves no running statistics."""
    norms = [part for part in network if isinstance(part, nn.BatchNorm1d)]
    for norm in norms:
        norm.momentum = 0.0
    yield
    for norm in norms:
        norm.momentum = 0.1


def _handed_on(network: nn.Sequential, x_NI: Tensor) -> Tensor:
    """Mean and deviation of what each unit hands to its ReLU, (2, layers · U)."""
    found, value = [], x_NI
    with torch.no_grad(), _unheeding(network):
        for part in network:
            if isinstance(part, nn.ReLU):
                found.append(torch.stack([value.mean(0), value.std(0)]))
            value = part(value)
    return torch.cat(found, dim=1)


def _moved(before_2U: Tensor, after_2U: Tensor) -> float:
    """By how many of its deviations a unit's mean moves, root mean square over all units."""
    moved_U = (after_2U[0] - before_2U[0]) / before_2U[1].clamp(min=1e-6)
    return float(moved_U.square().mean().sqrt())


def _along_the_gradient(
    network: nn.Sequential, x_BI: Tensor, y_B: Tensor, rate: float
) -> tuple[float, float]:
    """Lowest and highest loss on the way down the gradient."""
    parameters = list(network.parameters())
    starts = [parameter.detach().clone() for parameter in parameters]
    with _unheeding(network):
        loss = nn.functional.cross_entropy(network(x_BI), y_B)
        slopes = torch.autograd.grad(loss, parameters)
        losses = []
        for stride in STRIDES:
            _move(parameters, starts, slopes, -stride * rate)
            losses.append(_loss(network, x_BI, y_B))
        _move(parameters, starts, slopes, 0.0)
    return min(losses), max(losses)


def _move(
    parameters: Sequence[nn.Parameter], starts: Sequence[Tensor], by_each: Sequence[Tensor],
    by: float,
) -> None:  # fmt: skip
    with torch.no_grad():
        for parameter, start, slope in zip(parameters, starts, by_each, strict=True):
            parameter.copy_(start + by * slope if by else start)


def _loss(network: nn.Sequential, x_NI: Tensor, y_N: Tensor) -> float:
    with torch.no_grad(), _unheeding(network):
        return float(nn.functional.cross_entropy(network(x_NI), y_N))


def _accuracy(network: nn.Sequential, x_NI: Tensor, y_N: Tensor) -> float:
    with torch.no_grad():
        return float((network(x_NI).argmax(1) == y_N).float().mean())
