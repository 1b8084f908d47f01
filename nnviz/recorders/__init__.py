"""Listening to a network: hooks as context managers that turn tensors into records."""

from nnviz.recorders.backward import BackwardRecorder
from nnviz.recorders.finite import FiniteWatch, unfinite_weight
from nnviz.recorders.forward import ForwardRecorder
from nnviz.recorders.layers import layer_record
from nnviz.recorders.measures import histogram

__all__ = [
    "BackwardRecorder",
    "FiniteWatch",
    "ForwardRecorder",
    "histogram",
    "layer_record",
    "unfinite_weight",
]
