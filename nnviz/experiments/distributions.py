"""How numbers are spread: a density over given edges, with mean, variance and their errors.

Shapes: M numbers, B bins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnviz.records import FloatArray

N_BINS = 60


@dataclass(frozen=True)
class Distribution:
    """A histogram as a density, and the moments of the numbers themselves."""

    label: str
    edges: FloatArray
    """Bin edges, shape (B + 1,)."""
    density_B: FloatArray
    """Share of all numbers per unit of the quantity; what lies beyond the edges is left out."""
    mean: float
    variance: float
    """Biased variance (divided by M)."""
    n_numbers: int
    variance_error: float
    """Standard error of the variance: √((μ₄ - σ⁴)/M)."""

    @property
    def mean_error(self) -> float:
        """Standard error of the mean."""
        return float(np.sqrt(self.variance / self.n_numbers))


def shared_edges(*samples: FloatArray, n_bins: int = N_BINS) -> FloatArray:
    """Equal bins over the range of all samples, without the outermost 0.1 % of each."""
    low = min(float(np.quantile(sample, 0.001)) for sample in samples)
    high = max(float(np.quantile(sample, 0.999)) for sample in samples)
    constant = high - low <= 1e-9 * max(1.0, abs(low), abs(high))
    margin = 0.5 if constant else 0.05 * (high - low)
    return np.linspace(low - margin, high + margin, n_bins + 1)


def distribution_of(label: str, values: FloatArray, edges: FloatArray) -> Distribution:
    """The distribution of all numbers of an array."""
    values_M = np.asarray(values, float).ravel()
    counts_B, _ = np.histogram(values_M, edges)
    centered_M = values_M - values_M.mean()
    variance = float(np.mean(centered_M**2))
    fourth = float(np.mean(centered_M**4))
    return Distribution(
        label,
        edges,
        counts_B / len(values_M) / np.diff(edges),
        float(values_M.mean()),
        variance,
        len(values_M),
        float(np.sqrt(max(fourth - variance**2, 0.0) / len(values_M))),
    )
