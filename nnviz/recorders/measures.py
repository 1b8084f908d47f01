"""Numbers from tensors: histograms, fractions, ranks and cosines.

Shapes: N reference points, D units (channels of a convolution), F features of a sample.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from nnviz.records import N_BINS, Histogram

SMALLEST_LIMIT = 2.0**-40
MAX_RANK_FEATURES = 256


def histogram(values: Tensor) -> Histogram:
    """64 equal bins over ±limit, the smallest power of two that holds every finite value."""
    flat = values.detach().reshape(-1).float()
    low, high = (float(bound) for bound in flat.aminmax()) if len(flat) else (0.0, 0.0)
    n_nonfinite = 0
    if not (math.isfinite(low) and math.isfinite(high)):
        finite = flat[torch.isfinite(flat)]
        n_nonfinite = len(flat) - len(finite)
        flat = finite
        low, high = (float(bound) for bound in flat.aminmax()) if len(flat) else (0.0, 0.0)
    largest = max(abs(low), abs(high), SMALLEST_LIMIT)
    limit = 2.0 ** math.ceil(math.log2(largest))
    index = ((flat + limit) * (N_BINS / 2 / limit)).long().clamp_(0, N_BINS - 1)
    counts_B = torch.bincount(index, minlength=N_BINS).to(torch.int32)
    return Histogram(limit, counts_B.cpu().numpy(), n_nonfinite)


def by_unit(values: Tensor) -> Tensor:
    """(N, D, …) → (all positions of all points, D)."""
    return values.movedim(1, -1).reshape(-1, values.shape[1])


def unit_moments(values: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Mean and (biased) standard deviation of each unit over points and space, shape (D,)."""
    variance, mean = torch.var_mean(by_unit(values), dim=0, correction=0)
    return mean.cpu().numpy(), variance.sqrt().cpu().numpy()


def dead_units(activation_input: Tensor, dead_below: float) -> np.ndarray:
    """Which units get nothing above `dead_below` at any point or position, shape (D,)."""
    return np.asarray((by_unit(activation_input) <= dead_below).all(dim=0).cpu().numpy())


def saturated_fraction(activation: Tensor, low: float, high: float) -> float:
    """Share of activations below `low` or above `high`."""
    return float(((activation < low) | (activation > high)).float().mean())


def effective_rank(output: Tensor) -> float:
    """exp(-Σ p ln p), p the centred output's singular values over their sum; NaN if too wide."""
    samples_NF = output.reshape(len(output), -1).double()
    if samples_NF.shape[1] > MAX_RANK_FEATURES or not bool(torch.isfinite(samples_NF).all()):
        return math.nan
    centred_NF = samples_NF - samples_NF.mean(dim=0)
    power = torch.linalg.eigvalsh(centred_NF.T @ centred_NF).clamp_(min=0)
    singular = (power * (power > power[-1] * 1e-14)).sqrt()
    total = float(singular.sum())
    if total == 0:
        return math.nan
    share = singular[singular > 0] / total
    return math.exp(-float((share * share.log()).sum()))


def sample_cosine(output: Tensor) -> float:
    """Mean cosine between two different points' outputs, from the length of the mean direction."""
    samples_NF = output.reshape(len(output), -1)
    norm_N = samples_NF.norm(dim=1)
    directions = samples_NF[norm_N > 0] / norm_N[norm_N > 0, None]
    n = len(directions)
    if n < 2:
        return math.nan
    return float((directions.sum(dim=0).square().sum() - n) / (n * (n - 1)))
