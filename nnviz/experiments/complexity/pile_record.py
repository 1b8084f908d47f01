"""The fits of polynomials to many training sets, and what is expected of them.

Shapes: D degrees, R training sets, M training points, G points of a line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnviz.experiments.bias_variance import SquaredRecord, decompose_squared
from nnviz.records import FloatArray

DEGREES = tuple(range(7))
MOST_SETS = 64


@dataclass(frozen=True)
class PileRecord:
    """The fits of every degree to the same training sets, and what is expected of them.

    `expected_bias_D` and `expected_variance_D` are averaged over the noise in closed form, for
    the inputs that were drawn: what the estimates from all sets would be without the luck of the
    noise.
    """

    noise: float
    """Variance of the targets' noise, σ²."""
    x_RM: FloatArray
    y_RM: FloatArray
    line_G: FloatArray
    truth_G: FloatArray
    fits_DRG: FloatArray
    expected_bias_D: FloatArray
    expected_variance_D: FloatArray

    @property
    def expected_risk(self) -> FloatArray:
        """The three parts together, (D,)."""
        return self.expected_bias_D + self.expected_variance_D + self.noise

    def parts(self, degree: int, n_sets: int) -> SquaredRecord:
        """Bias², variance and risk of the first sets' fits; at least two of them."""
        return decompose_squared(self.fits_DRG[degree, :n_sets], self.truth_G, self.noise)

    def missed(self, degree: int, n_sets: int) -> float:
        """Mean squared distance of the first fits from the truth: bias² + variance, not split."""
        return float(((self.fits_DRG[degree, :n_sets] - self.truth_G) ** 2).mean())

    def darts(self, degree: int, n_sets: int, places: tuple[float, float]) -> FloatArray:
        """What the first fits answer at two places, (R, 2)."""
        return self.fits_DRG[degree, :n_sets][:, [self.nearest(place) for place in places]]

    def aside(self, degree: int, n_sets: int, places: tuple[float, float]) -> tuple[float, float]:
        """How far the darts' mean is from the truth, and they from it (root mean square)."""
        darts_R2 = self.darts(degree, n_sets, places)
        truth_2 = self.truth_G[[self.nearest(place) for place in places]]
        missed = float(np.linalg.norm(darts_R2.mean(axis=0) - truth_2))
        return missed, float(np.sqrt(darts_R2.var(axis=0, ddof=1).sum()))

    def nearest(self, x: float) -> int:
        """Place on the line nearest to an input."""
        return int(np.argmin(np.abs(self.line_G - x)))
