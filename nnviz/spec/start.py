"""The blocks to begin with on a data set: the simplest that can learn it."""

from __future__ import annotations

from typing import Any

from nnviz.blocks import BlockSpec
from nnviz.blocks.embedding import EmbeddingBlock
from nnviz.blocks.encoder import EncoderBlock
from nnviz.blocks.positions import PositionsBlock
from nnviz.blocks.recurrent import RecurrentBlock
from nnviz.catalog.dataset_entry import DatasetEntry
from nnviz.spec.network import NetworkSpec


def starting_blocks(entry: DatasetEntry) -> tuple[BlockSpec, ...]:
    """Tokens are embedded; an answer a place needs a look at all the others."""
    if not entry.token_names:
        return NetworkSpec().blocks
    if entry.per_position:
        return EmbeddingBlock(width=32), PositionsBlock(), EncoderBlock()
    return EmbeddingBlock(), RecurrentBlock()


def with_starting_blocks(network: Any, entry: DatasetEntry) -> Any:
    """A document of a network, or the network itself, with these blocks where it names none."""
    blocks = starting_blocks(entry)
    if isinstance(network, NetworkSpec) and "blocks" not in network.model_fields_set:
        return network.model_copy(update={"blocks": blocks})
    if isinstance(network, dict) and "blocks" not in network:
        return {**network, "blocks": blocks}
    return network
