"""What can be said of lanes over seeds: frozen records.

Shapes: T checkpoints.
"""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.experiments.seed_records import Metric
from nnviz.records import FloatArray, IntArray


@dataclass(frozen=True)
class StabilityRecord:
    """Which of two lanes diverges more often, by the end of the training."""

    n_seeds: int
    n_diverged: tuple[int, int]
    n_alone: tuple[int, int]
    """Seeds on which the first alone, and the second alone, has diverged."""
    p_value: float
    """Two-sided, of the exact sign test over these seeds (McNemar 1947)."""
    ahead: int
    """1 where the first lane is more stable beyond seed noise, -1 where the second is, else 0."""


@dataclass(frozen=True)
class DifferenceRecord:
    """First lane minus second, per checkpoint (T,): mean over seeds and simultaneous interval.

    Over the seeds on which neither has diverged. The interval assumes that the differences are
    symmetric about their mean on every seed, and seeds independent.
    """

    mean_T: FloatArray
    low_T: FloatArray
    high_T: FloatArray
    ahead_T: IntArray
    """1 where the first lane is better beyond seed noise, -1 where the second is, else 0."""


@dataclass(frozen=True)
class PairVerdict:
    """What can be said of two lanes."""

    first: int
    second: int
    stability: StabilityRecord
    differences: dict[Metric, DifferenceRecord]
    n_seeds: int
    """Seeds on which neither lane has diverged: those that `differences` are of."""
    level: float
    """The error rate of `differences`; `stability` has the rest of the pair's."""
    sentence: str
    """Divergences first, then where the lanes differ, and `at_end` last."""
    at_end: str
    """One plain sentence about the last checkpoint."""

    @property
    def n_diverged(self) -> tuple[int, int]:
        """Seeds on which the first and the second lane has diverged."""
        return self.stability.n_diverged


@dataclass(frozen=True)
class VerdictRecord:
    """All pairs of lanes; the chance of any wrong claim in it is at most 5 %, if `assumption`."""

    pairs: tuple[PairVerdict, ...]
    level: float
    method: str
    assumption: str
