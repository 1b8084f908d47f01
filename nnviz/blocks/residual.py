"""The residual block: a stretch of blocks, and what arrived added to what they give."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field
from torch import Tensor, nn

from nnviz.blocks.dense import DenseBlock
from nnviz.blocks.kind import Block
from nnviz.blocks.kinds import PlainBlock

MAX_INSIDE = 8


class Residual(nn.Sequential):
    """Blocks in order, and what arrived added to their answer (He et al. 2016)."""

    def forward(self, x: Tensor) -> Tensor:
        """x + f(x)."""
        given = x
        for block in self:
            given = block(given)
        return x + given


class ResidualBlock(Block):
    """x + f(x), f the blocks inside: they must give the shape that they get."""

    brief: ClassVar[str] = "residual"
    learns: ClassVar[bool] = False

    kind: Literal["residual"] = "residual"
    blocks: Annotated[tuple[PlainBlock, ...], Field(min_length=1, max_length=MAX_INSIDE)] = (
        DenseBlock(width=8),
    )

    @property
    def n_layers(self) -> int:
        """Those of the blocks inside."""
        return sum(block.n_layers for block in self.blocks)
