"""A curve fitted with dropout whose masks stay on afterwards: Monte-Carlo dropout.

Shapes: N training points, G grid points, T passes. Source: Gal & Ghahramani 2016. The spread is
that of the network's answers; noise of the data is not part of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from nnviz.experiments.dropout.records import UncertaintyRecord
from nnviz.experiments.dropout.seeded import seeded
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

    def network(self) -> nn.Sequential:
        """A fresh network; call it inside `seeded`."""
        return nn.Sequential(
            nn.Linear(1, WIDTH), nn.ReLU(), nn.Dropout(self.q),
            nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Dropout(self.q),
            nn.Linear(WIDTH, 1),
        )  # fmt: skip


def fit_curve(fit: CurveFit) -> UncertaintyRecord:
    """Train in full batches with Adam, then answer `n_passes` times with dropout left on."""
    with seeded(derived_seed(fit.seed, "curve")):
        x_N1 = _points(fit)
        y_N1 = torch.sin(torch.pi * x_N1) + NOISE * torch.randn(N_POINTS, 1)
        net = fit.network()
        optimizer = torch.optim.Adam(net.parameters(), lr=LEARNING_RATE, fused=True)
        for _ in range(fit.n_steps):
            optimizer.zero_grad()
            nn.functional.mse_loss(net(x_N1), y_N1).backward()
            optimizer.step()
        x_G1 = torch.linspace(-1.6, 1.6, N_GRID)[:, None]
        with torch.no_grad():
            passes_TG = net(x_G1.repeat(fit.n_passes, 1)).view(fit.n_passes, N_GRID)
            net.eval()
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


def _points(fit: CurveFit) -> torch.Tensor:
    """Points spread over [-1, 1] outside of the gap, (N, 1)."""
    low = fit.gap[0]
    share_N = torch.rand(N_POINTS).sort().values * (2 - fit.gap_width)
    return torch.where(share_N < low + 1, share_N - 1, share_N - 1 + fit.gap_width)[:, None]
