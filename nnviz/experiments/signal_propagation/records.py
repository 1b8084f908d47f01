"""What was measured and what theory expects of a signal on its way through depth.

Shapes: S seeds, L layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nnviz.records import FloatArray

VANISHING, EXPLODING = 1e-3, 1e3
"""Of a gradient, first layer over last; a convention of ours."""
Fate = Literal["vanishes", "arrives", "explodes", "is lost"]


@dataclass(frozen=True)
class SignalRecord:
    """One network at its start, measured layer by layer for each seed; layer 1 first."""

    second_moment_SL: FloatArray
    """E z² over samples and units, z the pre-activations."""
    activation_std_SL: FloatArray
    """Standard deviation of the activations a = φ(z), pooled over samples and units."""
    delta_rms_SL: FloatArray
    """Root mean square of ∂L/∂z over samples and units."""
    weight_grad_norm_SL: FloatArray
    """L2 norm of ∂L/∂W."""

    @property
    def depth(self) -> int:
        """Number of layers."""
        return int(self.delta_rms_SL.shape[1])

    @property
    def growth_by_seed(self) -> FloatArray:
        """χ̂ = (δ₁² / δ_L²)^(1/(L−1)): factor on the squared gradient a layer; NaN for L = 1."""
        return growth(self.delta_rms_SL)

    @property
    def last_to_first(self) -> float:
        """E z² of the last layer over that of the first, the geometric mean over seeds."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            logs_SL = np.log(self.second_moment_SL)
            return float(np.exp((logs_SL[:, -1] - logs_SL[:, 0]).mean()))

    @property
    def first_to_last(self) -> float:
        """RMS of the gradient at the first layer over that at the last; NaN where it is 0."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            logs_S = np.log(self.delta_rms_SL[:, 0]) - np.log(self.delta_rms_SL[:, -1])
            return float(np.exp(np.mean(logs_S)))

    @property
    def fate(self) -> Fate:
        """What becomes of the gradient on its way back, in a word."""
        ratio = self.first_to_last
        if np.isnan(ratio):
            return "is lost"
        if ratio < VANISHING:
            return "vanishes"
        return "explodes" if ratio > EXPLODING else "arrives"


@dataclass(frozen=True)
class TheoryRecord:
    """What mean-field theory expects of the same network in the limit of many units.

    `…_spread_L` is how far ln of the measured value (its mean over seeds) may be from the
    theory's, as it follows from the width and the number of seeds: three standard deviations.
    Weights with a mean have a forward theory only, and no spread is claimed (NaN).
    """

    second_moment_L: FloatArray
    delta_rms_L: FloatArray
    forward_spread_L: FloatArray
    backward_spread_L: FloatArray

    @property
    def growth(self) -> float:
        """χ of the whole stack, defined as the measured one."""
        return float(growth(self.delta_rms_L[None])[0])

    def holds(self, signal: SignalRecord) -> bool | None:
        """Whether E z² stays within the spread in every layer; None where none is claimed."""
        if not np.isfinite(self.forward_spread_L).all():
            return None
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            measured_L = np.log(signal.second_moment_SL).mean(axis=0)
            gap_L = np.abs(measured_L - np.log(self.second_moment_L))
        return bool((gap_L <= self.forward_spread_L).all())


@dataclass(frozen=True)
class NoTheory:
    """Why there is nothing to draw over a measurement."""

    reason: str


def growth(delta_rms_SL: FloatArray) -> FloatArray:
    """χ̂ of each row of RMS gradients; NaN where it does not exist."""
    depth = delta_rms_SL.shape[1]
    if depth < 2:
        return np.full(len(delta_rms_SL), np.nan)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio_S = delta_rms_SL[:, 0] / delta_rms_SL[:, -1]
        return np.asarray(ratio_S ** (2 / (depth - 1)))
