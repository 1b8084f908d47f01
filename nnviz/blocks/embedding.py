"""The embedding block: a learned vector for each token."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from nnviz.base import SpecError
from nnviz.blocks.kind import Block, Core, LearnedTensor, Need, Seen
from nnviz.blocks.layout import Layer, Pass
from nnviz.blocks.sample import Sample, Shape
from nnviz.catalog.calls import Call


class Embedding(nn.Module):
    """`nn.Embedding` of samples (1, steps) of token numbers; gives (width, steps)."""

    def __init__(self, vocabulary: int, width: int) -> None:
        super().__init__()
        self.table = nn.Embedding(vocabulary, width)

    def reset_parameters(self) -> None:
        """N(0, 1), as torch starts it."""
        self.table.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        """The vector of each token, (N, width, steps) from (N, 1, steps)."""
        vectors: Tensor = self.table(x[:, 0].long())
        return vectors.mT


class EmbeddingBlock(Block):
    """A vector of `width` numbers for each token; the vocabulary is the data's."""

    needs: ClassVar[Need] = "tokens"
    brief: ClassVar[str] = "embed"
    sized_by: ClassVar[str | None] = "width"

    kind: Literal["embedding"] = "embedding"
    width: Annotated[int, Field(ge=1, le=256)] = Field(16, title="Width")

    def core(self, arrives: Sample) -> Core:
        """vocabulary · width numbers; a look-up takes no multiplication."""
        if not arrives.vocabulary:
            raise SpecError(
                f"needs tokens, but gets {arrives.shape} numbers; put it first, on data such as"
                " reversal or brackets"
            )
        if len(arrives.shape) != 2 or arrives.shape[0] != 1:
            raise SpecError(f"needs one row of tokens, (1, steps), but gets {arrives.shape}")
        call = Call(Embedding, arrives.vocabulary, self.width)
        return Core(Sample((self.width, arrives.shape[1])), {"embedding": call}, "embedding")

    def tensors(self, part: nn.Module) -> tuple[LearnedTensor, ...]:
        """The table, one row a token."""
        table = part.get_parameter("table.weight")
        return (LearnedTensor("vector of each token", "table.weight", slice(None), table),)

    def seen(self, part: nn.Module, given: Tensor) -> tuple[Seen, ...]:
        """The table."""
        table = part.get_parameter("table.weight").detach()
        return (Seen("vectors", ("token", "number"), table),)

    def batched(self, name: str, part: nn.Module, arrives: Shape) -> Layer | None:
        """Rows of one table that holds the replicates' tables end to end."""
        n_tokens = part.get_parameter("table.weight").shape[0]

        def layer(x_BRT: Tensor, run: Pass) -> Tensor:
            first_R = torch.arange(run.n_replicates, device=x_BRT.device) * n_tokens
            rows_BRT = x_BRT.long() + first_R[:, None]
            vectors_BRTD = F.embedding(rows_BRT, run.tensors[f"{name}.table.weight"])
            return vectors_BRTD.mT.flatten(1, 2)

        return layer
