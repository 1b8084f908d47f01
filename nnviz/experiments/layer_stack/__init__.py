"""What comes out of a layer, and of a stack of them: shapes, parameters, or why it does not fit."""

from nnviz.experiments.layer_stack.answer import LayerAnswer, answer_of
from nnviz.experiments.layer_stack.known import KNOWN, KnownLayer
from nnviz.experiments.layer_stack.reading import Asked, ReadError, read_layer, read_shape
from nnviz.experiments.layer_stack.stack import LineAnswer, StackAnswer, answers_of

__all__ = [
    "KNOWN",
    "Asked",
    "KnownLayer",
    "LayerAnswer",
    "LineAnswer",
    "ReadError",
    "StackAnswer",
    "answer_of",
    "answers_of",
    "read_layer",
    "read_shape",
]
