"""What becomes of a dense and a convolutional network when all positions are shuffled alike.

Shapes: N signals, L positions.
Source: Greydanus & Kobak 2020, MNIST-1D.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nnviz.catalog.datasets import DATASETS
from nnviz.experiments.convolution.records import ShuffledRecord
from nnviz.randomness import lent, numpy_generator, torch_generator
from nnviz.records import FloatArray
from nnviz.seeds import derived_seed

NetworkName = Literal["convolutional", "dense"]
NETWORKS: tuple[NetworkName, ...] = ("convolutional", "dense")
_LENGTH, _N_TRAIN, _BATCH, _RATE, _EVERY = 40, 4000, 64, 0.01, 25


def made(name: NetworkName, seed: int) -> nn.Sequential:
    """A small network with torch's default weights of this seed."""
    with lent(torch_generator(derived_seed(seed, "weights", name))):
        if name == "dense":
            layers = [
                nn.Flatten(), nn.Linear(_LENGTH, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(),
                nn.Linear(64, 10),
            ]  # fmt: skip
        else:
            layers = [
                nn.Conv1d(1, 16, 5, 2), nn.ReLU(), nn.Conv1d(16, 16, 5, 2), nn.ReLU(),
                nn.Conv1d(16, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(80, 10),
            ]  # fmt: skip
        return nn.Sequential(*layers).double()


def mnist1d(seed: int) -> tuple[Tensor, Tensor]:
    """All signals (N, 1, L) and their classes, in an order of this seed."""
    entry = DATASETS["mnist1d"]
    x, y = entry.draw(entry.size, 0.0, entry.n_classes, numpy_generator(seed))
    return torch.tensor(x, dtype=torch.float64), torch.tensor(y)


def seed_of_batches(seed: int) -> int:
    """The seed that the batches are drawn with."""
    return derived_seed(seed, "batches")


def order_of(seed: int) -> Tensor:
    """Which position stands where after the shuffling."""
    return torch.randperm(_LENGTH, generator=torch_generator(derived_seed(seed, "order")))


def train_shuffled(n_steps: int, seed: int) -> ShuffledRecord:
    """Four trainings: both networks, as it is and shuffled.

    The shuffled ones start from the same weights; the dense network's first layer is permuted as
    its inputs are, so that it starts as the same function.
    """
    x, y = mnist1d(seed)
    order = order_of(seed)
    plain: dict[str, FloatArray] = {}
    shuffled: dict[str, FloatArray] = {}
    for name in NETWORKS:
        network, other = made(name, seed), made(name, seed)
        if name == "dense":
            with torch.no_grad():
                other[1].get_parameter("weight").copy_(network[1].get_parameter("weight")[:, order])
        plain[name] = _accuracies(network, x, y, n_steps, seed)
        shuffled[name] = _accuracies(other, x[:, :, order], y, n_steps, seed)
    counts: dict[str, int] = {
        name: sum(p.numel() for p in made(name, 0).parameters()) for name in NETWORKS
    }
    steps = np.arange(0, n_steps + 1, _EVERY)
    return ShuffledRecord(steps, plain, shuffled, order.numpy(), x[0, 0].numpy(), counts)


def _accuracies(network: nn.Module, x: Tensor, y: Tensor, n_steps: int, seed: int) -> FloatArray:
    generator = torch_generator(seed_of_batches(seed))
    optimizer = torch.optim.Adam(network.parameters(), _RATE, fused=True)
    found = [_accuracy(network, x[_N_TRAIN:], y[_N_TRAIN:])]
    for step in range(1, n_steps + 1):
        batch = torch.randint(_N_TRAIN, (_BATCH,), generator=generator)
        optimizer.zero_grad()
        F.cross_entropy(network(x[batch]), y[batch]).backward()
        optimizer.step()
        if step % _EVERY == 0:
            found.append(_accuracy(network, x[_N_TRAIN:], y[_N_TRAIN:]))
    return np.array(found)


def _accuracy(network: nn.Module, x: Tensor, y: Tensor) -> float:
    with torch.no_grad():
        return float((network(x).argmax(1) == y).double().mean())
