"""The dense block: a linear layer over all numbers of a sample."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from nnviz.blocks.kind import Core
from nnviz.blocks.layout import Layer, Pass
from nnviz.blocks.learned import LearnedBlock
from nnviz.blocks.sample import Sample, Shape
from nnviz.catalog.calls import Call


class DenseBlock(LearnedBlock):
    """Linear layer of `width` units; what comes before is flattened if it must be."""

    brief: ClassVar[str] = "dense"
    sized_by: ClassVar[str | None] = "width"

    kind: Literal["dense"] = "dense"
    width: Annotated[int, Field(ge=1, le=1024)] = Field(8, title="Units")

    @property
    def keeps_positions(self) -> bool:
        """It mixes all of them."""
        return False

    def core(self, arrives: Sample) -> Core:
        """One weight from each number to each unit, and a bias a unit."""
        return linear(arrives, self.width)

    def batched(self, name: str, part: nn.Module, arrives: Shape) -> Layer | None:
        """One batched matrix product."""
        return batched_linear(name, part)


def linear(arrives: Sample, n_units: int) -> Core:
    """A linear layer over samples of any shape."""
    n_in = math.prod(arrives.shape)
    flatten = {"flatten": Call(nn.Flatten)} if len(arrives.shape) > 1 else {}
    parts = {**flatten, "linear": Call(nn.Linear, n_in, n_units)}
    return Core(Sample((n_units,)), parts, "linear", n_in * n_units)


def batched_linear(name: str, part: nn.Module) -> Layer | None:
    """Linear layers with weights (R·O, D), biases (R·O,); None for another module."""
    if not isinstance(part, nn.Linear):
        return None
    weight, bias = f"{name}.weight", f"{name}.bias"

    def layer(x_RDB: Tensor, run: Pass) -> Tensor:
        weight_ROD = run.tensors[weight].view(run.n_replicates, -1, x_RDB.shape[1])
        bias_RO1 = run.tensors[bias].view(run.n_replicates, -1, 1)
        return torch.baddbmm(bias_RO1, weight_ROD, x_RDB)

    return layer
