"""A signal forward and a gradient back through depth: measured, and as theory expects it."""

from nnviz.experiments.signal_propagation.measured import measure_jacobian, measure_signal
from nnviz.experiments.signal_propagation.records import (
    JacobianRecord,
    NoTheory,
    SignalRecord,
    TheoryRecord,
)
from nnviz.experiments.signal_propagation.sizes import factor_for
from nnviz.experiments.signal_propagation.specs import SignalSpec, affordable_seeds
from nnviz.experiments.signal_propagation.theory import (
    batch_norm_gradient_factor,
    expected_signal,
    gradient_factor,
    second_moment_map,
)
from nnviz.experiments.signal_propagation.weight_moments import weight_moments

__all__ = [
    "JacobianRecord",
    "NoTheory",
    "SignalRecord",
    "SignalSpec",
    "TheoryRecord",
    "affordable_seeds",
    "batch_norm_gradient_factor",
    "expected_signal",
    "factor_for",
    "gradient_factor",
    "measure_jacobian",
    "measure_signal",
    "second_moment_map",
    "weight_moments",
]
