"""Why a network needs activations, and how they can stop it from learning."""

from nnviz.experiments.nonlinearity.collapse import collapse, linear_stack, product
from nnviz.experiments.nonlinearity.dead_unit import dead_units
from nnviz.experiments.nonlinearity.records import (
    CollapseRecord,
    CurveRecord,
    DeadUnitRecord,
    ResponseRecord,
    XorRecord,
)
from nnviz.experiments.nonlinearity.response import (
    activation_at,
    activation_curves,
    activation_responses,
    draw_inputs,
)
from nnviz.experiments.nonlinearity.xor import xor, xor_answer

__all__ = [
    "CollapseRecord",
    "CurveRecord",
    "DeadUnitRecord",
    "ResponseRecord",
    "XorRecord",
    "activation_at",
    "activation_curves",
    "activation_responses",
    "collapse",
    "dead_units",
    "draw_inputs",
    "linear_stack",
    "product",
    "xor",
    "xor_answer",
]
