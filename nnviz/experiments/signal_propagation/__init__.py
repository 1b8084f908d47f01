"""A signal forward and a gradient back through depth: measured, and as theory expects it."""

from nnviz.experiments.signal_propagation.measured import measure_jacobian, measure_signal
from nnviz.experiments.signal_propagation.records import NoTheory, SignalRecord, TheoryRecord
from nnviz.experiments.signal_propagation.specs import KAIMING, SignalSpec, Start, affordable_seeds
from nnviz.experiments.signal_propagation.theory import expected_signal
from nnviz.experiments.signal_propagation.weight_moments import weight_moments

__all__ = [
    "KAIMING",
    "NoTheory",
    "SignalRecord",
    "SignalSpec",
    "Start",
    "TheoryRecord",
    "affordable_seeds",
    "expected_signal",
    "measure_jacobian",
    "measure_signal",
    "weight_moments",
]
