"""The kinds of block in the order in which they are offered, each from a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Field

from nnviz.blocks.convolution import ConvolutionBlock
from nnviz.blocks.dense import DenseBlock
from nnviz.blocks.embedding import EmbeddingBlock
from nnviz.blocks.encoder import EncoderBlock
from nnviz.blocks.flatten import FlattenBlock
from nnviz.blocks.kind import Block
from nnviz.blocks.pool import PoolBlock
from nnviz.blocks.positions import PositionsBlock
from nnviz.blocks.recurrent import RecurrentBlock
from nnviz.blocks.sequence_to_sequence import SequenceToSequenceBlock

KINDS: tuple[type[Block], ...] = (
    DenseBlock,
    ConvolutionBlock,
    PoolBlock,
    FlattenBlock,
    EmbeddingBlock,
    PositionsBlock,
    RecurrentBlock,
    EncoderBlock,
    SequenceToSequenceBlock,
)
"""All but those that hold blocks themselves."""

if TYPE_CHECKING:
    PlainBlock = Block
else:
    PlainBlock = Annotated[Union[KINDS], Field(discriminator="kind")]  # noqa: UP007
