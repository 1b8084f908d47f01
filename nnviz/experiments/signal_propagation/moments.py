"""Expectations of an activation and its slope over normal pre-activations.

Shapes: K normal distributions N(μ_k, v_k), G points of the integration grid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.records import FloatArray

N_GRID = 1024
REACH = 9.0
CONCENTRATION = 8.0
KINK_SLOPES = {"identity": 1.0, "relu": 0.0, "leaky_relu": 0.01, "prelu": 0.25}
"""Activations that are z above 0 and this times z below: their moments have a closed form."""


@dataclass(frozen=True)
class Moments:
    """E φ, E φ², E φ⁴, E φ', E φ'², E φ'⁴, each of shape (K,)."""

    mean_K: FloatArray
    square_K: FloatArray
    fourth_K: FloatArray
    slope_K: FloatArray
    slope_square_K: FloatArray
    slope_fourth_K: FloatArray


def moments(
    activation: str, mean_K: FloatArray, variance_K: FloatArray, n_grid: int = N_GRID
) -> Moments:
    """The moments of φ(z) and φ'(z) for z ~ N(μ_k, v_k).

    ReLU and its leaky kin use the closed form for all but the fourth moments: quadrature with a
    node on the kink is wrong. The others are integrated over a grid that is dense around z = 0,
    whatever the variance.
    """
    found = _integrated(activation, mean_K, variance_K, n_grid)
    slope = KINK_SLOPES.get(activation)
    return found if slope is None else _kinked(slope, mean_K, variance_K, found)


def _kinked(a: float, mean_K: FloatArray, variance_K: FloatArray, found: Moments) -> Moments:
    std_K = np.sqrt(variance_K)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio_K = np.where(std_K > 0, mean_K / std_K, np.sign(mean_K) * np.inf)
    above_K = np.array([0.5 * (1 + math.erf(r / math.sqrt(2))) for r in np.nan_to_num(ratio_K)])
    density_K = np.exp(-(np.nan_to_num(ratio_K) ** 2) / 2) / math.sqrt(2 * math.pi) * std_K
    raw_K = mean_K**2 + variance_K
    positive_K = raw_K * above_K + mean_K * density_K
    return Moments(
        (1 - a) * (mean_K * above_K + density_K) + a * mean_K,
        np.maximum((1 - a**2) * positive_K, 0) + a**2 * raw_K,
        found.fourth_K,
        (1 - a) * above_K + a,
        (1 - a**2) * above_K + a**2,
        (1 - a**4) * above_K + a**4,
    )


def _integrated(
    activation: str, mean_K: FloatArray, variance_K: FloatArray, n_grid: int
) -> Moments:
    std_K = np.sqrt(np.maximum(variance_K, 1e-300))
    unit_G, step_G = _grid(n_grid)
    center_K = np.clip(-mean_K / std_K, -REACH, REACH)
    t_KG = center_K[:, None] + unit_G * (2 * REACH)
    weight_KG = np.exp(-(t_KG**2) / 2) * step_G
    weight_KG = weight_KG / weight_KG.sum(axis=1, keepdims=True)
    value_KG, slope_KG = _values(activation, mean_K[:, None] + std_K[:, None] * t_KG)

    def expected(values_KG: FloatArray) -> FloatArray:
        return np.asarray((values_KG * weight_KG).sum(axis=1))

    square_KG, slope_square_KG = value_KG**2, slope_KG**2
    return Moments(
        expected(value_KG),
        expected(square_KG),
        expected(square_KG**2),
        expected(slope_KG),
        expected(slope_square_KG),
        expected(slope_square_KG**2),
    )


@lru_cache(maxsize=4)
def _grid(n_grid: int) -> tuple[FloatArray, FloatArray]:
    """Midpoints on (−1, 1), dense around 0 and none on it, with their cells' widths."""
    edges = np.linspace(-1, 1, n_grid + 1)
    edges = np.sinh(CONCENTRATION * edges) / math.sinh(CONCENTRATION)
    return (edges[1:] + edges[:-1]) / 2, np.diff(edges)


def _values(activation: str, z_KG: FloatArray) -> tuple[FloatArray, FloatArray]:
    """φ(z) and φ'(z) by torch's own module and autograd."""
    z = torch.from_numpy(z_KG).requires_grad_()
    phi = ACTIVATIONS[activation].make().double()(z)
    (slope,) = torch.autograd.grad(phi.sum(), z)
    return phi.detach().numpy(), slope.numpy()
