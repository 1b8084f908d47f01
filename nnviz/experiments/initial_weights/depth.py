"""A signal through depth from the initial weights: measured, expected, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nnviz.experiments.initial_weights.weights import draw_weights, scaled
from nnviz.experiments.signal_propagation import (
    NoTheory,
    SignalRecord,
    SignalSpec,
    TheoryRecord,
    expected_signal,
    factor_for,
    measure_jacobian,
    measure_signal,
)
from nnviz.records import FloatArray
from nnviz.spec import InitializationSpec


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
            f"all {spec.depth} layers with activations": measure_jacobian(spec).singular_K,
        }
    return DepthRecord(measure_signal(spec), expected_signal(spec), spectra)


def start_for(spec: SignalSpec, wanted: float) -> InitializationSpec | None:
    """The initializer, its weights scaled, with which theory ends at an RMS of 10^wanted.

    None where weights can't be scaled or there is no theory. Raises ValidationError where an
    argument would leave its bounds.
    """

    def grown(factor: float) -> SignalSpec:
        start = scaled(spec.initialization, spec.activation, factor)
        return spec.model_copy(update={"initialization": start})

    if scaled(spec.initialization, spec.activation, 1.0) is None:
        return None
    factor = factor_for(wanted, spec, grown)
    return None if factor is None else grown(factor).initialization
