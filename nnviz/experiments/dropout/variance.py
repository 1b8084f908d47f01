"""How dropout changes means and variances, measured beside the formula.

Shapes: M samples, D inputs of a linear unit. q is the probability of dropping, c and v the mean
and variance of what comes in: Var = (v + q c²)/(1 - q), and after a linear unit
Var_train - Var_eval = q/(1 - q)·Σ w² E[x²] for independent inputs.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from nnviz.catalog.initializers import default_linear
from nnviz.experiments.distributions import distribution_of, shared_edges
from nnviz.experiments.dropout.records import VarianceRecord
from nnviz.randomness import lent, torch_generator
from nnviz.seeds import derived_seed

N_SAMPLES = 6000


def expected_variance(q: float, c: float, v: float) -> float:
    """Variance after dropout in training mode of numbers with mean c and variance v."""
    return (v + q * c**2) / (1 - q)


def measure_variance(
    q: float, c: float, std: float, n_inputs: int, seed: int, n_samples: int = N_SAMPLES
) -> VarianceRecord:
    """Normal numbers N(c, std²) through nn.Dropout, then through one unit of nn.Linear."""
    generator = torch_generator(derived_seed(seed, "variance"))
    with torch.no_grad():
        unit_MD = torch.randn(n_samples, n_inputs, generator=generator, dtype=torch.float64)
        x_MD = c + std * unit_MD
        linear = default_linear(n_inputs, 1, generator).double()
        with lent(generator):
            dropped_MD = nn.Dropout(q)(x_MD)
        after, after_dropped = linear(x_MD).numpy(), linear(dropped_MD).numpy()
        squares = float((linear.weight**2).sum())
    plain, dropped = x_MD.numpy(), dropped_MD.numpy()
    edges, linear_edges = shared_edges(plain, dropped), shared_edges(after, after_dropped)
    return VarianceRecord(
        q,
        distribution_of("evaluation", plain, edges),
        distribution_of("training", dropped, edges),
        expected_variance(q, c, std**2),
        distribution_of("evaluation", after, linear_edges),
        distribution_of("training", after_dropped, linear_edges),
        float(q / (1 - q) * squares * (std**2 + np.square(c))),
    )
