"""Numbers from tensors: histograms, fractions, ranks and cosines.

Shapes: N reference points, D units (channels of a convolution), F features of a sample.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nnviz.records import N_BINS, BoolArray, FloatArray, Histogram

SMALLEST_LIMIT = 2.0**-40
MAX_RANK_FEATURES = 128


def histogram(values: Tensor) -> Histogram:
    """64 equal bins over ±limit, the smallest power of two that holds every finite value.

    Scaling by a power of two is exact, so that no value slips over an edge.
    """
    flat = values.detach().reshape(-1).float()
    n_values = len(flat)
    low, high = _bounds(flat)
    if not (math.isfinite(low) and math.isfinite(high)):
        flat = flat[torch.isfinite(flat)]
        low, high = _bounds(flat)
    limit = 2.0 ** math.ceil(math.log2(max(abs(low), abs(high), SMALLEST_LIMIT)))
    index = (flat * (N_BINS / 2 / limit)).floor_().to(torch.int32) + N_BINS // 2
    counts = torch.bincount(index, minlength=N_BINS + 1).to(torch.int32).cpu().numpy()
    counts[N_BINS - 1] += counts[N_BINS]  # the last bin holds its upper edge too
    return Histogram(limit, counts[:N_BINS].copy(), n_values - len(flat))


def _bounds(flat: Tensor) -> tuple[float, float]:
    low, high = flat.aminmax() if len(flat) else (0.0, 0.0)
    return float(low), float(high)


def by_unit(values: Tensor) -> Tensor:
    """(N, D, …) → (all positions of all points, D)."""
    return values.movedim(1, -1).reshape(-1, values.shape[1])


@dataclass(frozen=True)
class Moments:
    """Mean and (biased) standard deviation of each unit over points and space, and pooled."""

    mean_D: FloatArray
    std_D: FloatArray
    mean: float
    std: float


def moments(values: Tensor) -> Moments:
    """The moments of (N, D, …), summed in double precision."""
    wide = by_unit(values).double()
    mean_D = wide.mean(dim=0)
    var_D = (wide - mean_D).square_().mean(dim=0)
    mean = mean_D.mean()
    variance = var_D.mean() + (mean_D - mean).square().mean()  # within units and between them
    std_D = var_D.sqrt().float().cpu().numpy()
    return Moments(mean_D.float().cpu().numpy(), std_D, float(mean), math.sqrt(variance))


def norm(values: Tensor) -> float:
    """‖values‖₂, in double precision: squares overflow and vanish long before the values do."""
    return float(torch.linalg.vector_norm(values.detach().cpu(), dtype=torch.float64))


def share(condition: Tensor) -> float:
    """Share of true entries."""
    return int(condition.count_nonzero()) / max(condition.numel(), 1)


def dead_units(activation_input: Tensor, dead_below: float) -> BoolArray:
    """Which units get nothing above `dead_below` at any point or position, shape (D,)."""
    return np.asarray((by_unit(activation_input).amax(dim=0) <= dead_below).cpu().numpy())


def saturated_fraction(activation: Tensor, low: float, high: float) -> float:
    """Share of activations below `low` or above `high`."""
    return share((activation < low) | (activation > high))


def unit_difference(weight: Tensor, bias: Tensor | None) -> float:
    """Largest distance of a unit's (weights, bias) from the first unit's, over the largest norm.

    0 where all units are equal, also all zero; NaN for a single unit.
    """
    parts = [weight.detach().flatten(1)] + ([] if bias is None else [bias.detach()[:, None]])
    unit_DF = torch.cat([part.cpu().double() for part in parts], dim=1)
    if len(unit_DF) < 2:
        return math.nan
    largest = float(unit_DF.norm(dim=1).max())
    farthest = float((unit_DF - unit_DF[0]).norm(dim=1).max())
    return farthest / largest if largest else 0.0


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
    p = singular[singular > 0] / total
    return math.exp(-float((p * p.log()).sum()))


def sample_cosine(output: Tensor) -> float:
    """Mean cosine between two different points' outputs, from the length of the mean direction."""
    samples_NF = output.reshape(len(output), -1)
    norm_N = torch.linalg.vector_norm(samples_NF, dim=1, dtype=torch.float64)
    directions = samples_NF[norm_N > 0] / norm_N[norm_N > 0, None]
    n = len(directions)
    if n < 2:
        return math.nan
    return float((directions.sum(dim=0).square().sum() - n) / (n * (n - 1)))
