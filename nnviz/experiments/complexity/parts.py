"""The parts of the risk by name, and their intervals in words."""

from __future__ import annotations

import numpy as np

from nnviz.experiments.bias_variance.jackknife import LEAST_REPLICATES
from nnviz.experiments.complexity.records import ComplexityRecord, ValueRecord


def part_name(record: ComplexityRecord, part: str) -> str:
    """A part of the risk as the reader sees it."""
    if part == "bias":
        return record.bias_name
    if part == "variance" and record.loss == "domingos":
        return "variance's effect"
    return part


def interval_words(value: ValueRecord, part: str) -> str:
    """The interval of a part as [low, high], or why there is none."""
    low, high = (getattr(value, f"{part}_{end}") for end in ("low", "high"))
    if np.isfinite(low) and np.isfinite(high):
        return f"[{low:.3g}, {high:.3g}]"
    if value.loss == "domingos" and part != "risk":
        return "(plug-in, no interval)"
    too_few = value.n_replicates < LEAST_REPLICATES
    return "(too few for an interval)" if too_few else "(no interval: all replicates agree)"
