"""The positions block: what says where in a sequence a step stands."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from nnviz.blocks.kind import Block, Core, LearnedTensor, Need, steps_of
from nnviz.blocks.sample import Sample
from nnviz.catalog.calls import Call


class Positions(nn.Module):
    """Adds a vector a step to samples (width, steps).

    Sinusoidal: sin(t / 10000^(2i / width)) in even rows and the cosine in odd ones (Vaswani 2017);
    learned: an `nn.Embedding` of the steps, which starts as N(0, 1); none: nothing.
    """

    def __init__(self, width: int, steps: int, form: str) -> None:
        super().__init__()
        self.table = nn.Embedding(steps, width) if form == "learned" else None
        if form == "sinusoidal":
            self.register_buffer("vectors", sinusoids(width, steps))
        else:
            self.vectors = None

    def reset_parameters(self) -> None:
        """What is learned starts as torch starts it."""
        if self.table is not None:
            self.table.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        """x + vectors, (N, width, steps)."""
        if self.table is not None:
            return x + self.table.weight.T
        return x if self.vectors is None else x + self.vectors


def sinusoids(width: int, steps: int) -> Tensor:
    """(width, steps); rows 2i and 2i + 1 share a wavelength of 2π·10000^(2i / width) steps."""
    even_W = torch.arange(width) // 2 * 2
    angle_WT = torch.arange(steps) * torch.exp(even_W * (-math.log(10000.0) / width))[:, None]
    return torch.where((torch.arange(width) % 2 == 0)[:, None], angle_WT.sin(), angle_WT.cos())


class PositionsBlock(Block):
    """Adds what tells the steps of a sequence apart: attention alone sees none of their order."""

    needs: ClassVar[Need] = "sequence"
    brief: ClassVar[str] = "positions"
    learns: ClassVar[bool] = False

    kind: Literal["positions"] = "positions"
    form: Literal["sinusoidal", "learned", "none"] = Field(
        "sinusoidal", title="Positions", description="'none' leaves every step like every other."
    )

    def core(self, arrives: Sample) -> Core:
        """One number for each channel and step."""
        steps = steps_of(arrives)
        call = Call(Positions, arrives.shape[0], steps, self.form)
        learned = "positions" if self.form == "learned" else None
        return Core(arrives, {"positions": call}, learned)

    def tensors(self, part: nn.Module) -> tuple[LearnedTensor, ...]:
        """One vector a step."""
        vectors = part.get_parameter("table.weight")
        return (LearnedTensor("vector of each step", "table.weight", slice(None), vectors),)
