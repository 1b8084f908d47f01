"""How much larger weights must be for the signal to arrive at the last layer with a given size."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, log10

from nnviz.experiments.signal_propagation.records import TheoryRecord
from nnviz.experiments.signal_propagation.specs import SignalSpec
from nnviz.experiments.signal_propagation.theory import expected_signal

MOST_TRIES, NEAR = 6, 0.02
MOST = 0.6
"""Largest change of the weights at once, in powers of ten."""


def factor_for(
    wanted: float, spec: SignalSpec, grown: Callable[[float], SignalSpec]
) -> float | None:
    """The factor with which the last layer's RMS is 10^wanted, by theory and the secant method.

    `grown` makes the network with all weights times a factor. None where there is no theory.
    """
    if (now := _last_rms(spec)) is None:
        return None
    tried, found = 0.0, now
    step = (wanted - now) / spec.depth
    for _ in range(MOST_TRIES):
        nearer = min(max(tried + step, -MOST), MOST)
        if nearer == tried or (then := _last_rms(grown(10**nearer))) is None:
            break
        slope = max((then - found) / (nearer - tried), 0.1)
        tried, found, step = nearer, then, (wanted - then) / slope
        if abs(wanted - found) < NEAR:
            break
    return float(10.0**tried)


def _last_rms(spec: SignalSpec) -> float | None:
    """log10 of √E z² at the last layer, as theory expects it."""
    theory = expected_signal(spec)
    if not isinstance(theory, TheoryRecord):
        return None
    last = float(theory.second_moment_L[-1])
    return log10(last) / 2 if last > 0 and isfinite(last) else None
