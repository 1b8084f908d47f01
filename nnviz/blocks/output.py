"""The output layer: one linear map to the answers, which the data and not the reader asks for."""

from __future__ import annotations

from typing import ClassVar, Literal

from torch import nn

from nnviz.base import SpecError
from nnviz.blocks.convolution import batched_convolution
from nnviz.blocks.dense import batched_linear, linear
from nnviz.blocks.kind import Block, Core
from nnviz.blocks.layout import Layer
from nnviz.blocks.sample import Sample, Shape
from nnviz.catalog.calls import Call


class OutputBlock(Block):
    """A linear layer to `shape`: (answers,), or (answers, steps) for an answer at each step.

    An answer at each step is the same linear layer at every step, a convolution of kernel 1.
    """

    brief: ClassVar[str] = "output"

    kind: Literal["output"] = "output"
    shape: Shape

    def core(self, arrives: Sample) -> Core:
        """One weight from each number, or each channel of a step, to each answer."""
        if len(self.shape) == 1:
            return linear(arrives, self.shape[0])
        n_answers, steps = self.shape
        if len(arrives.shape) != 2 or arrives.shape[1] != steps:
            raise SpecError(
                f"answers at each of {steps} steps, but gets {arrives.shape}; it needs (channels,"
                f" {steps}): let the blocks before it keep all steps"
            )
        call = Call(nn.Conv1d, arrives.shape[0], n_answers, 1)
        work = arrives.shape[0] * n_answers * steps
        return Core(Sample(self.shape), {"convolution": call}, "convolution", work)

    def batched(self, name: str, part: nn.Module, arrives: Shape) -> Layer | None:
        """One product or one grouped convolution."""
        return batched_linear(name, part) or batched_convolution(name, part)
