"""A curve fitted with dropout whose masks stay on afterwards: Monte-Carlo dropout.

Shapes: N training points, G grid points, T passes. Source: Gal & Ghahramani 2016. The spread is
that of the network's answers; noise of the data is not part of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.catalog.initializers import default_linear
from nnviz.experiments.dropout.records import UncertaintyRecord
from nnviz.experiments.dropped import dropped
from nnviz.randomness import torch_generator
from nnviz.seeds import derived_seed

WIDTH, N_POINTS, N_GRID, N_DRAWN = 32, 48, 121, 6
NOISE = 0.1
LEARNING_RATE = 0.01
LOOKS = (0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)
"""Shares of the training at which the network is asked on the way."""
N_ON_THE_WAY = 50
REACH = 1.6
"""The curve is asked from -REACH to REACH; data lie within [-1, 1]."""


@dataclass(frozen=True)
class CurveFit:
    """sin(πx) with noise on [-1, 1] without a gap, fitted by 1-32-32-1 with ReLU and dropout."""

    q: float = 0.1
    n_steps: int = 300
    n_passes: int = 200
    gap_width: float = 0.6
    seed: int = 0

    @property
    def gap(self) -> tuple[float, float]:
        """The interval around 0.2 that holds no training point."""
        return 0.2 - self.gap_width / 2, 0.2 + self.gap_width / 2

    def network(self, generator: torch.Generator) -> nn.Sequential:
        """A fresh network with torch's default weights; `_answers` adds the dropout."""
        sizes = [(1, WIDTH), (WIDTH, WIDTH), (WIDTH, 1)]
        first, second, last = (default_linear(*size, generator) for size in sizes)
        return nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), last)


def fit_curve(fit: CurveFit) -> UncertaintyRecord:
    """Train in full batches with Adam, then answer `n_passes` times with dropout left on.

    A few of its answers on the way are kept too, and change nothing.
    """
    generator = torch_generator(derived_seed(fit.seed, "curve"))
    x_N1 = _points(fit, generator)
    y_N1 = torch.sin(torch.pi * x_N1) + NOISE * torch.randn(N_POINTS, 1, generator=generator)
    net = fit.network(generator)
    optimizer = torch.optim.Adam(net.parameters(), lr=LEARNING_RATE, fused=True)
    looks = {round(share * fit.n_steps) for share in LOOKS}
    before = []
    for step in range(fit.n_steps):
        if step in looks:
            few = replace(fit, n_passes=N_ON_THE_WAY)
            before.append(_asked(net, few, step, (x_N1, y_N1), generator.clone_state()))
        optimizer.zero_grad()
        nn.functional.mse_loss(_answers(net, x_N1, fit.q, generator), y_N1).backward()
        optimizer.step()
    return replace(_asked(net, fit, fit.n_steps, (x_N1, y_N1), generator), before=tuple(before))


@torch.no_grad()
def _asked(
    net: nn.Sequential,
    fit: CurveFit,
    step: int,
    points: tuple[Tensor, Tensor],
    masks: torch.Generator,
) -> UncertaintyRecord:
    x_N1, y_N1 = points
    x_G1 = torch.linspace(-REACH, REACH, N_GRID)[:, None]
    passes_TG = _answers(net, x_G1.repeat(fit.n_passes, 1), fit.q, masks).view(-1, N_GRID)
    return UncertaintyRecord(
        fit.q,
        step,
        x_N1[:, 0].numpy(),
        y_N1[:, 0].numpy(),
        x_G1[:, 0].numpy(),
        np.sin(np.pi * x_G1[:, 0].numpy()),
        net(x_G1)[:, 0].numpy(),
        passes_TG.mean(dim=0).numpy(),
        passes_TG.std(dim=0).numpy(),
        passes_TG[:N_DRAWN].numpy(),
        fit.gap,
        float(nn.functional.mse_loss(net(x_N1), y_N1)),
    )


def _answers(net: nn.Sequential, x_N1: Tensor, q: float, masks: torch.Generator) -> Tensor:
    """The network's answers with dropout behind its activations, (N, 1)."""
    values = x_N1
    for part in net:
        values = part(values)
        if isinstance(part, nn.ReLU):
            values = dropped(values, q, masks)
    return values


def _points(fit: CurveFit, generator: torch.Generator) -> Tensor:
    """Points spread over [-1, 1] outside of the gap, (N, 1)."""
    low = fit.gap[0]
    share_N = torch.rand(N_POINTS, generator=generator).sort().values * (2 - fit.gap_width)
    return torch.where(share_N < low + 1, share_N - 1, share_N - 1 + fit.gap_width)[:, None]
