"""Which network: blocks in order, with defaults of the network that a block may override."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from nnviz.base import Spec
from nnviz.blocks import BlockSpec
from nnviz.blocks.dense import DenseBlock
from nnviz.blocks.initialization import InitializationSpec
from nnviz.blocks.learned import (
    ActivationName,
    DropoutKind,
    Groups,
    LearnedBlock,
    Momentum,
    NormalizationName,
    Placement,
    Probability,
    ResolvedBlock,
)
from nnviz.blocks.residual import ResidualBlock

MAX_BLOCKS = 64


class NetworkSpec(Spec):
    """Hidden blocks in order, then a linear output layer; and defaults for all blocks."""

    blocks: Annotated[tuple[BlockSpec, ...], Field(max_length=MAX_BLOCKS)] = (
        DenseBlock(width=8),
        DenseBlock(width=8),
    )
    activation: ActivationName = Field(
        "relu",
        title="Activation",
        description="The function behind every hidden layer that does not choose its own.",
    )
    normalization: NormalizationName = Field(
        "none", title="Normalization", description="Which numbers share a mean and a variance."
    )
    placement: Placement = Field("before", title="Normalization stands")
    groups: Groups = Field(
        4, title="Groups", description="Of channels (or units) that are normalized together."
    )
    momentum: Momentum = Field(
        0.1,
        title="Running momentum",
        description="Weight of the newest batch in the running mean and variance; cumulative"
        " averages over all batches.",
        json_schema_extra={"choices": [0.01, 0.1, 0.3, 1.0, "cumulative"]},
    )
    track_running_stats: bool = Field(
        True,
        title="Running statistics",
        description="Keep the running mean and variance, and use them in evaluation.",
    )
    dropout: Probability = Field(
        0.0,
        title="Dropout",
        description="Probability of dropping a unit in training.",
        json_schema_extra={"step": 0.05},
    )
    dropout_kind: DropoutKind = Field("auto", title="Dropout drops")
    initialization: InitializationSpec = InitializationSpec()

    def resolved(self, block: LearnedBlock) -> ResolvedBlock:
        """The block's settings, the network's where the block leaves one out."""
        fields: dict[str, Any] = {
            name: own if (own := getattr(block, name)) is not None else getattr(self, name)
            for name in LearnedBlock.model_fields
        }
        return ResolvedBlock(**fields)

    @property
    def depth(self) -> int:
        """Number of hidden layers with weights, those inside residual blocks too."""
        inner = [
            block.blocks if isinstance(block, ResidualBlock) else (block,) for block in self.blocks
        ]
        return sum(block.learns for blocks in inner for block in blocks)
