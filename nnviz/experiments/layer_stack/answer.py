"""What one layer makes of a shape, asked of torch itself on its meta device: nothing is allocated.

Shapes are those of whole batches, the batch first.
"""

from __future__ import annotations

import inspect
import math
import warnings
from dataclasses import dataclass
from typing import Any

import torch
from pydantic import ValidationError
from torch import Tensor, nn

from nnviz.base import SpecError, readable_errors
from nnviz.blocks.sample import Sample, Shape
from nnviz.catalog.initializers import made as initial
from nnviz.experiments.layer_stack.arithmetic import arithmetic
from nnviz.experiments.layer_stack.reading import Asked
from nnviz.experiments.layer_stack.reasons import reason_of
from nnviz.network import part_calls
from nnviz.spec import NetworkSpec, layer_shapes

VOCABULARY = 10
"""Number of tokens that an embedding block is shown with."""
_REFUSALS = (
    RuntimeError, ValueError, TypeError, AssertionError, AttributeError, LookupError,
    ArithmeticError,
)  # fmt: skip
"""What torch's layers raise for arguments and shapes that do not fit."""


@dataclass(frozen=True)
class LayerAnswer:
    """What comes out, or `reason`: why nothing does.

    `tensors` are the learned ones with their shapes; `torch_lines` what computes it. A layer that
    `gives_more` hands on a tuple whose first part has the shape `output`.
    """

    output: Shape | None
    tensors: tuple[tuple[str, Shape], ...] = ()
    torch_lines: tuple[str, ...] = ()
    reason: str | None = None
    gives_more: bool = False
    arithmetic: tuple[str, ...] = ()
    """The rule with its numbers, where it is a formula."""

    @property
    def n_parameters(self) -> int:
        """Number of learned numbers."""
        return sum(math.prod(shape) for _, shape in self.tensors)


def answer_of(asked: Asked, shape: Shape) -> LayerAnswer:
    """The layer's answer to a batch of this shape."""
    return _of_block(asked, shape) if asked.layer.is_block else _of_torch(asked, shape)


def made(asked: Asked) -> nn.Module:
    """torch's layer on the device in force. Raises what torch raises."""
    positional = [asked.arguments[n] for n in asked.layer.defaults if _is_needed(asked, n)]
    named = {n: v for n, v in asked.arguments.items() if not _is_needed(asked, n)}
    make: Any = asked.layer.make
    layer: nn.Module = make(*positional, **named)
    return layer


def _is_needed(asked: Asked, name: str) -> bool:
    return asked.layer.defaults[name] is inspect.Parameter.empty


def _of_torch(asked: Asked, shape: Shape) -> LayerAnswer:
    module: nn.Module | None = None
    tensors: tuple[tuple[str, Shape], ...] = ()
    try:
        with warnings.catch_warnings(), torch.device("meta"), torch.no_grad():
            warnings.simplefilter("ignore")
            module = made(asked)
            tensors = tuple((n, tuple(p.shape)) for n, p in module.named_parameters())
            x = torch.empty(shape, dtype=torch.long if asked.layer.takes_tokens else None)
            output = _passed(module, x, asked.layer.n_inputs)
    except _REFUSALS as e:
        return LayerAnswer(None, tensors, (asked.code,), reason_of(asked, module, shape, e))
    more = isinstance(module, nn.RNNBase | nn.MultiheadAttention)
    rows = arithmetic(module, shape)
    return LayerAnswer(output, tensors, (asked.code,), None, more, rows)


def _passed(module: nn.Module, x: Tensor, n_inputs: int) -> Shape:
    if isinstance(module, nn.RNNBase):  # torch would walk over every step, on meta too
        if x.dim() not in (2, 3):
            raise ValueError(f"it takes 2 axes or 3, and gets {x.dim()}")
        module.check_input(x if x.dim() == 3 else x[None], None)
        ways = 2 if module.bidirectional else 1
        return (*x.shape[:-1], ways * (module.proj_size or module.hidden_size))
    answer: Any = module(*[x] * n_inputs)
    return tuple((answer[0] if isinstance(answer, tuple) else answer).shape)


def document_of(asked: Asked) -> dict[str, Any]:
    """A block's document."""
    inside = {"blocks": [document_of(block) for block in asked.blocks]} if asked.blocks else {}
    return {"kind": asked.layer.name, **asked.arguments, **inside}


def _of_block(asked: Asked, shape: Shape) -> LayerAnswer:
    sample = Sample(shape[1:], VOCABULARY if asked.layer.takes_tokens else 0)
    if not sample.shape:
        return LayerAnswer(None, reason="a block needs a batch of samples, such as 32, 64")
    try:
        network = NetworkSpec.model_validate({"blocks": [document_of(asked)]})
        *layers, _ = layer_shapes(network, sample, 1)
    except ValidationError as error:
        return LayerAnswer(None, reason="; ".join(readable_errors(error)[:2]))
    except SpecError as error:
        return LayerAnswer(None, reason=str(error))
    parts = [(layer, part_calls(layer)) for layer in layers]
    with torch.device("meta"):
        tensors = tuple(
            (f"{layer.name}." * (len(parts) > 1) + f"{part}.{name}", tuple(parameter.shape))
            for layer, calls in parts
            for part, call in calls.items()
            for name, parameter in initial(call).named_parameters()
        )
    lines = tuple(
        f"{call.source()}  # {layer.name}.{part}"
        for layer, calls in parts
        for part, call in calls.items()
    )
    return LayerAnswer((shape[0], *layers[-1].output_shape), tensors, lines)
