"""Kinds of block: a file for each, with its settings, its shapes, its module and its weights."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from nnviz.blocks.kind import Block
from nnviz.blocks.kinds import KINDS, PlainBlock
from nnviz.blocks.residual import ResidualBlock

if TYPE_CHECKING:
    BlockSpec = Block
else:
    BlockSpec = Annotated[PlainBlock | ResidualBlock, Field(discriminator="kind")]

_ALL: tuple[type[Block], ...] = (*KINDS, ResidualBlock)
BLOCKS: dict[str, type[Block]] = {kind.model_fields["kind"].default: kind for kind in _ALL}
"""The kinds of block by name."""
