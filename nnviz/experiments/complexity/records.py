"""What a sweep over one setting measured.

Shapes: V values of the axis in a piece, R replicates, N evaluation points, C classes, G points
along the first input, K surfaces of H × H points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nnviz.experiments.bias_variance.jackknife import LEAST_REPLICATES
from nnviz.records import BoolArray, FloatArray, IntArray

RecordLoss = Literal["squared", "cross_entropy", "brier", "domingos", "kohavi_wolpert"]
UNITS: dict[RecordLoss, str] = {
    "squared": "squared error",
    "cross_entropy": "nats",
    "brier": "squared error, summed over classes",
    "domingos": "share wrong",
    "kohavi_wolpert": "share wrong",
}


@dataclass(frozen=True)
class EvaluationRecord:
    """Where every replicate is asked, and what is known there.

    `truth_N` are noiseless values, or what stands for them on real data (`truth_is_noisy`);
    `labels_N` the classes. `points` (N, …) are as the network sees them, for drawing.
    """

    points: FloatArray
    truth_N: FloatArray | None
    labels_N: IntArray | None
    truth_is_noisy: bool
    class_names: tuple[str, ...] = ()
    image_shape: tuple[int, int] | None = None
    line_x_G: FloatArray | None = None
    """Points along the only (or first) input, others at 0, in the data's own unit."""
    line_truth_G: FloatArray | None = None
    line_is_points: bool = False
    """Whether the line holds the evaluation points themselves."""
    grid_x_H: FloatArray | None = None
    grid_y_H: FloatArray | None = None


@dataclass(frozen=True)
class PieceRecord:
    """What some replicates answer at some values of the axis."""

    places: tuple[int, ...]
    start: int
    """Number of the first replicate."""
    stop: int
    answers: FloatArray
    """Values (V, R, N) or log-probabilities (V, R, N, C); NaN where a replicate has diverged."""
    noise_variance: float
    lines_VRG: FloatArray | None = None
    """Answers along the line, where it does not hold the evaluation points."""
    surfaces_VKHH: FloatArray | None = None
    """Winning class, or the share of class 1 where there are two."""
    train_x: FloatArray | None = None
    """Training inputs of the first replicates, (few, M), to be drawn."""
    train_y: FloatArray | None = None


@dataclass(frozen=True)
class ValueRecord:
    """Bias, variance, noise and risk at one value of the axis: risk is their sum exactly.

    With Domingos' 0-1 loss `variance` is what the variance adds to the error (negative where it
    helps), and `spread` is P(predicted ≠ main): plug-in values without an interval. `x_low` and
    `x_high` are the ends of the interval of `x`, which aims at 95 % and holds the truth at least
    90 times in 100 (nnviz.experiments.bias_variance.jackknife); NaN for fewer than 8 replicates.
    """

    value: float
    loss: RecordLoss
    n_replicates: int
    n_diverged: int
    bias: float
    variance: float
    noise: float
    risk: float
    risk_low: float
    risk_high: float
    bias_N: FloatArray
    variance_N: FloatArray
    risk_N: FloatArray
    bias_low: float = float("nan")
    bias_high: float = float("nan")
    variance_low: float = float("nan")
    variance_high: float = float("nan")
    median_risk: float = float("nan")
    lower_quartile: float = float("nan")
    """Of the replicates' risks."""
    upper_quartile: float = float("nan")
    spread: float = float("nan")
    tied_fraction: float = 0.0
    main_N: IntArray | None = None
    """The main prediction of a classifier."""
    lines_RG: FloatArray | None = None
    """Fits of a few replicates along the line."""
    mean_line_G: FloatArray | None = None
    bias_line_G: FloatArray | None = None
    variance_line_G: FloatArray | None = None
    surfaces_KHH: FloatArray | None = None
    train_x: FloatArray | None = None
    train_y: FloatArray | None = None

    def interval_words(self, part: str) -> str:
        """The interval of a part as [low, high], or why there is none."""
        low, high = (getattr(self, f"{part}_{end}") for end in ("low", "high"))
        if np.isfinite(low) and np.isfinite(high):
            return f"[{low:.3g}, {high:.3g}]"
        if self.loss == "domingos" and part != "risk":
            return "(plug-in, no interval)"
        too_few = self.n_replicates < LEAST_REPLICATES
        return "(too few for an interval)" if too_few else "(no interval: all replicates agree)"


@dataclass(frozen=True)
class ComplexityRecord:
    """The curves: one record for each value of the axis, None where nothing has arrived."""

    axis: str
    title: str
    unit: str
    log: bool
    grows: bool
    values: tuple[float, ...]
    at: tuple[ValueRecord | None, ...]
    loss: RecordLoss
    bias_name: str
    """"bias²", "bias² + noise" where the truth is noisy, "bias" for classes."""
    evaluation: EvaluationRecord
    threshold: float | None = None
    """Where parameters = training points (times outputs)."""

    def part_name(self, part: str) -> str:
        """A part of the risk as the reader sees it."""
        effect = "variance's effect" if self.loss == "domingos" else "variance"
        return {"bias": self.bias_name, "variance": effect}.get(part, part)

    def curve(self, name: str) -> FloatArray:
        """One field over the axis, NaN where missing, (V,)."""
        return np.array([np.nan if v is None else float(getattr(v, name)) for v in self.at])

    @property
    def best(self) -> int | None:
        """Place of the lowest (mean) risk so far."""
        risk = self.curve("risk")
        return int(np.nanargmin(risk)) if np.isfinite(risk).any() else None

    def nearest(self, value: float | None) -> int:
        """Place of the value of the axis nearest to this one; without one that of the best."""
        if value is None:
            return self.best or 0
        return int(np.argmin(np.abs(np.asarray(self.values) - value)))


def finite_rows(values: FloatArray) -> BoolArray:
    """Which rows (first axis) hold finite numbers only."""
    return np.asarray(np.isfinite(values).reshape(len(values), -1).all(axis=1))
