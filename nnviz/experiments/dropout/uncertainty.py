"""A curve fitted with dropout whose masks stay on afterwards: Monte-Carlo dropout.

Shapes: N training points, G grid points, T passes. Source: Gal & Ghahramani 2016. The spread is
that of the network's answers; noise of the data is not part of it.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    """Train in full batches with Adam, then answer `n_passes` times with dropout left on."""
    generator = torch_generator(derived_seed(fit.seed, "curve"))
    x_N1 = _points(fit, generator)
    y_N1 = torch.sin(torch.pi * x_N1) + NOISE * torch.randn(N_POINTS, 1, generator=generator)
    net = fit.network(generator)
    optimizer = torch.optim.Adam(net.parameters(), lr=LEARNING_RATE, fused=True)
    for _ in range(fit.n_steps):
        optimizer.zero_grad()
        nn.functional.mse_loss(_answers(net, x_N1, fit.q, generator), y_N1).backward()
        optimizer.step()
    x_G1 = torch.linspace(-1.6, 1.6, N_GRID)[:, None]
    with torch.no_grad():
        many_x = x_G1.repeat(fit.n_passes, 1)
        passes_TG = _answers(net, many_x, fit.q, generator).view(fit.n_passes, N_GRID)
        evaluation_G = net(x_G1)[:, 0].numpy()
        loss = float(nn.functional.mse_loss(net(x_N1), y_N1))
    return UncertaintyRecord(
        fit.q,
        fit.n_steps,
        x_N1[:, 0].numpy(),
        y_N1[:, 0].numpy(),
        x_G1[:, 0].numpy(),
        np.sin(np.pi * x_G1[:, 0].numpy()),
        evaluation_G,
        passes_TG.mean(dim=0).numpy(),
        passes_TG.std(dim=0).numpy(),
        passes_TG[:N_DRAWN].numpy(),
        fit.gap,
        loss,
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
