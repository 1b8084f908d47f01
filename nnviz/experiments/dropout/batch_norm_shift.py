"""Dropout before BatchNorm: the variance learned in training is not the one met in evaluation.

Shapes: B samples of a batch, D inputs, O outputs. Source: Li et al. 2018, "Understanding the
Disharmony between Dropout and Batch Normalization by Variance Shift". For independent inputs with
mean c and variance v the ratio of variances after dropout and a linear layer is
(v + q c²)/((1 - q) v), whatever the weights are.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.catalog.initializers import default_linear
from nnviz.experiments.distributions import distribution_of, shared_edges
from nnviz.experiments.dropout.records import InputKind, Order, ShiftRecord
from nnviz.experiments.dropout.variance import expected_variance
from nnviz.randomness import lent, torch_generator
from nnviz.seeds import derived_seed

N_BATCHES, BATCH, N_INPUTS, N_OUTPUTS = 16, 256, 64, 24
MOMENTS: dict[InputKind, tuple[float, float]] = {
    "rectified": (1 / math.sqrt(2 * math.pi), 0.5 - 1 / (2 * math.pi)),
    "half_normal": (math.sqrt(2 / math.pi), 1 - 2 / math.pi),
    "normal": (0.0, 1.0),
}
"""Mean and variance of max(z, 0), of |z| and of z itself, z standard normal."""


def expected_ratio(q: float, inputs: InputKind, order: Order = "dropout_first") -> float:
    """Training over evaluation variance of what BatchNorm meets."""
    if order == "batch_norm_first":
        return 1.0
    c, v = MOMENTS[inputs]
    return expected_variance(q, c, v) / v


def _inputs(kind: InputKind, size: tuple[int, ...], generator: torch.Generator) -> Tensor:
    z = torch.randn(size, generator=generator, dtype=torch.float64)
    return {"rectified": z.clamp(min=0), "half_normal": z.abs(), "normal": z}[kind]


@lru_cache(maxsize=64)
def measure_shift(
    q: float, inputs: InputKind, order: Order, seed: int, n_batches: int = N_BATCHES
) -> ShiftRecord:
    """Train BatchNorm's statistics behind dropout and a linear layer, then evaluate."""
    generator = torch_generator(derived_seed(seed, "variance shift"))
    with torch.no_grad():
        linear = default_linear(N_INPUTS, N_OUTPUTS, generator).double()
        norm = nn.BatchNorm1d(N_OUTPUTS, momentum=None, affine=False, dtype=torch.float64)
        before = nn.Dropout(q) if order == "dropout_first" else nn.Identity()
        behind = nn.Dropout(q) if order == "batch_norm_first" else nn.Identity()
        net = nn.Sequential(before, linear, norm, behind)
        batches = _inputs(inputs, (n_batches, BATCH, N_INPUTS), generator)
        training = torch.cat([_in_turn(net, batch_BD, generator) for batch_BD in batches])
        evaluation = net.eval()(batches.flatten(0, 1))
        met = linear(batches.flatten(0, 1)).numpy()
    assert norm.running_var is not None
    edges = shared_edges(training.numpy(), evaluation.numpy())
    q_G = np.linspace(0, 0.9, 46)
    return ShiftRecord(
        q,
        order,
        norm.running_var.numpy().copy(),
        met.var(axis=0, ddof=1),
        math.sqrt(2 / len(met)),
        expected_ratio(q, inputs, order),
        q_G,
        np.array([expected_ratio(float(p), inputs, order) for p in q_G]),
        distribution_of("training", training.numpy(), edges),
        distribution_of("evaluation", evaluation.numpy(), edges),
    )


def _in_turn(net: nn.Sequential, batch_BD: Tensor, masks: torch.Generator) -> Tensor:
    with lent(masks):
        answers: Tensor = net(batch_BD)
    return answers
