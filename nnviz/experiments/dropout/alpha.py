"""Alpha dropout, which keeps mean 0 and variance 1, beside ordinary dropout.

Shapes: M numbers, N samples, D units, L layers, K networks. Source: Klambauer et al. 2017; a
dropped number becomes α' = -λα ≈ -1.758 before all are shifted and scaled back to N(0, 1).
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn

from nnviz.experiments.distributions import distribution_of, shared_edges
from nnviz.experiments.dropout.records import AlphaRecord
from nnviz.randomness import lent, torch_generator
from nnviz.records import FloatArray
from nnviz.seeds import derived_seed

SATURATION = -1.0507009873554805 * 1.6732632423543772
"""SELU's value far to the left."""
N_NUMBERS, N_SAMPLES, WIDTH = 20_000, 400, 128
NAMES = ("no dropout", "alpha dropout", "dropout")


def dropped_value(q: float) -> float:
    """Where torch puts dropped numbers: a·α' + b with a² = 1/((1 - q)(1 + q α'²)), b = -a q α'."""
    scale = 1 / math.sqrt((1 - q) * (1 + q * SATURATION**2))
    return scale * SATURATION * (1 - q)


def compare_alpha(q: float, n_layers: int, seed: int, n_numbers: int = N_NUMBERS) -> AlphaRecord:
    """Numbers N(0, 1) through both layers, and SELU networks of `n_layers` with each."""
    generator = torch_generator(derived_seed(seed, "alpha"))
    with torch.no_grad():
        x_M = torch.randn(n_numbers, generator=generator, dtype=torch.float64)
        with lent(generator):
            samples = [x_M, nn.Dropout(q)(x_M), nn.AlphaDropout(q)(x_M)]
        layers = [nn.Identity(), nn.AlphaDropout(q), nn.Dropout(q)]
        moments = np.array([_through_depth(layer, n_layers, seed) for layer in layers])
    numbers = [sample.numpy() for sample in samples]
    edges = shared_edges(*numbers)
    original, ordinary, alpha = (
        distribution_of(name, values, edges)
        for name, values in zip(("input", "dropout", "alpha dropout"), numbers, strict=True)
    )
    return AlphaRecord(
        q, original, ordinary, alpha, dropped_value(q), NAMES, moments[:, 0], moments[:, 1]
    )


def _through_depth(dropout: nn.Module, n_layers: int, seed: int) -> FloatArray:
    """Mean and deviation after each block Linear → SELU → dropout, shape (2, L)."""
    generator = torch_generator(derived_seed(seed, "selu network"))
    x_ND = torch.randn(N_SAMPLES, WIDTH, generator=generator)
    weights = torch.randn(n_layers, WIDTH, WIDTH, generator=generator) / math.sqrt(WIDTH)
    moments = []
    for weight_DD in weights:
        x_ND = nn.functional.selu(x_ND @ weight_DD)
        with lent(generator):
            x_ND = dropout(x_ND)
        moments.append((float(x_ND.mean()), float(x_ND.std())))
    return np.array(moments).T
