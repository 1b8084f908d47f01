"""A signal through depth from the initial weights: measured, expected, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, log10

from nnviz.experiments.initial_weights.weights import draw_weights, scaled
from nnviz.experiments.signal_propagation import (
    NoTheory,
    SignalRecord,
    SignalSpec,
    TheoryRecord,
    expected_signal,
    measure_jacobian,
    measure_signal,
)
from nnviz.records import FloatArray
from nnviz.spec import InitializationSpec

MOST_TRIES, NEAR = 6, 0.02
MOST = 0.6
"""Largest change of the weights at once, in powers of ten."""


@dataclass(frozen=True)
class DepthRecord:
    """Measurement and theory; singular values by name, without normalization only."""

    signal: SignalRecord
    theory: TheoryRecord | NoTheory
    spectra: Mapping[str, FloatArray]


def through_depth(spec: SignalSpec) -> DepthRecord:
    """All seeds side by side; spectra of the first layer and of the whole stack."""
    spectra = {}
    if spec.normalization == "none":
        shape = (spec.width, spec.width)
        spectra = {
            "one layer": draw_weights(spec.initialization, spec.activation, shape, 1).singular_K,
            f"all {spec.depth} layers with activations": measure_jacobian(spec),
        }
    return DepthRecord(measure_signal(spec), expected_signal(spec), spectra)


def start_for(spec: SignalSpec, wanted: float) -> InitializationSpec | None:
    """The initializer, its weights scaled, with which theory ends at an RMS of 10^wanted.

    The factor is found by the secant method. None where weights can't be scaled or there is no
    theory. Raises ValidationError where an argument would leave its bounds.
    """
    start, now = scaled(spec.initialization, spec.activation, 1.0), _last_rms(spec)
    if start is None or now is None:
        return None
    tried, found, step = 0.0, now, (wanted - now) / spec.depth
    for _ in range(MOST_TRIES):
        nearer = min(max(tried + step, -MOST), MOST)
        grown = scaled(spec.initialization, spec.activation, 10**nearer)
        then = _last_rms(spec.model_copy(update={"initialization": grown}))
        if nearer == tried or then is None:
            break
        slope = max((then - found) / (nearer - tried), 0.1)
        start, tried, found, step = grown, nearer, then, (wanted - then) / slope
        if abs(wanted - found) < NEAR:
            break
    return start


def _last_rms(spec: SignalSpec) -> float | None:
    """log10 of √E z² at the last layer, as theory expects it."""
    theory = expected_signal(spec)
    if not isinstance(theory, TheoryRecord):
        return None
    last = float(theory.second_moment_L[-1])
    return log10(last) / 2 if last > 0 and isfinite(last) else None
