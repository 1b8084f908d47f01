"""The sequence-to-sequence block: an encoder that reads, and a decoder that asks it."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from nnviz.base import SpecError
from nnviz.blocks.encoder import MAX_SEEN_STEPS, start_attention
from nnviz.blocks.kind import Block, Core, LearnedTensor, Need, Seen, steps_of
from nnviz.blocks.sample import Sample
from nnviz.catalog.calls import Call

_ATTENTION = {
    "in_proj_weight": ("query", "key", "value"),
    "out_proj.weight": ("mix of the heads",),
}


class EncoderDecoder(nn.Module):
    """torch's encoder and decoder layers over samples (width, steps) (Vaswani et al. 2017).

    Instead of the answers so far the decoder gets one learned question a step (Carion et al.
    2020), so that all steps are answered at once and nothing has to be told to it in training. With
    normalization first one more stands at the end of both. Dropout drops what each sublayer adds
    and the feed-forward units, not the attention weights.
    """

    reads_steps = True

    def __init__(
        self,
        width: int,
        steps: int,
        heads: int,
        feedforward: int,
        layers: int = 1,
        norm_first: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        sizes = width, heads, feedforward, dropout
        kinds = nn.TransformerEncoderLayer, nn.TransformerDecoderLayer
        self.encoder, self.decoder = (
            nn.ModuleList(
                kind(*sizes, batch_first=True, norm_first=norm_first) for _ in range(layers)
            )
            for kind in kinds
        )
        self.questions = nn.Embedding(steps, width)
        self.read = nn.LayerNorm(width) if norm_first else nn.Identity()
        self.answered = nn.LayerNorm(width) if norm_first else nn.Identity()
        for part in self.modules():
            if isinstance(part, nn.MultiheadAttention):
                part.dropout = 0.0

    def reset_parameters(self) -> None:
        """As torch starts each part."""
        start_attention(self)

    def forward(self, x: Tensor) -> Tensor:
        """(N, width, steps) to the same shape."""
        memory = x.mT
        for layer in self.encoder:
            memory = layer(memory)
        memory = self.read(memory)
        answer: Tensor = self.questions.weight.expand(len(x), -1, -1)
        for layer in self.decoder:
            answer = layer(answer, memory)
        answer = self.answered(answer)
        return answer.mT


class SequenceToSequenceBlock(Block):
    """An encoder and a decoder of as many layers; their width is the channels that arrive."""

    needs: ClassVar[Need] = "sequence"
    brief: ClassVar[str] = "seq2seq"
    sized_by: ClassVar[str | None] = "layers"

    kind: Literal["sequence_to_sequence"] = "sequence_to_sequence"
    heads: Annotated[int, Field(ge=1, le=16)] = Field(
        4, title="Heads", description="Attentions beside each other; they must divide the width."
    )
    feedforward: Annotated[int, Field(ge=1, le=1024)] = Field(64, title="Feed-forward units")
    layers: Annotated[int, Field(ge=1, le=4)] = Field(
        1, title="Layers", description="Of the encoder, and of the decoder."
    )
    norm_first: bool = Field(False, title="Normalization first")
    dropout: Annotated[float, Field(ge=0, le=0.95)] = Field(
        0.0, title="Dropout", json_schema_extra={"step": 0.05}
    )

    @property
    def n_layers(self) -> int:
        """Those of the encoder, and as many of the decoder."""
        return 2 * self.layers

    def core(self, arrives: Sample) -> Core:
        """4d² + 2df a step and encoder layer, 8d² + 2df a decoder layer; 2d a pair of steps."""
        steps, d, f = steps_of(arrives), arrives.shape[0], self.feedforward
        if d % self.heads:
            raise SpecError(f"heads must divide the {d} arriving channels; got {self.heads}")
        call = Call(
            EncoderDecoder,
            d,
            steps,
            self.heads,
            f,
            layers=self.layers,
            norm_first=self.norm_first,
            dropout=self.dropout,
        )
        work = self.layers * steps * (12 * d**2 + 4 * d * f + 6 * steps * d)
        inside = self.layers * steps * (20 * d + 4 * f + 6 * self.heads * steps)
        dropped = {
            f"{side}.{k}.{name}": (steps, f if name == "dropout" else d)
            for side, last in (("encoder", 2), ("decoder", 3))
            for k in range(self.layers if self.dropout else 0)
            for name in ("dropout", *(f"dropout{number}" for number in range(1, last + 1)))
        }
        parts = {"sequence_to_sequence": call}
        return Core(arrives, parts, "sequence_to_sequence", work, inside, dropped)

    def tensors(self, part: nn.Module) -> tuple[LearnedTensor, ...]:
        """Each weight by its side, its layer and what it is for; attention as torch packs it."""
        found = []
        for name, parameter in part.named_parameters():
            if parameter.dim() == 1:
                continue
            if name == "questions.weight":
                found.append(LearnedTensor("question of each step", name, slice(None), parameter))
                continue
            side, number, place, *own = name.split(".")
            roles = _ATTENTION.get(".".join(own), ("feed-forward",))
            looks = {"multihead_attn": ", at the encoder", "self_attn": ""}.get(place, f", {place}")
            where = f"{side} {int(number) + 1}{looks}"
            height = len(parameter) // len(roles)
            for k, role in enumerate(roles):
                rows = slice(k * height, (k + 1) * height)
                found.append(LearnedTensor(f"{role}, {where}", name, rows, parameter[rows]))
        return tuple(found)

    def seen(self, part: nn.Module, given: Tensor) -> tuple[Seen, ...]:
        """Whom each step looks at: the encoder's layers, then the decoder's at the encoder."""
        if given.shape[2] > MAX_SEEN_STEPS:
            return ()
        weights: list[Tensor] = []

        def keep(module: Any, inputs: tuple[Any, ...], answer: object) -> None:
            asks, keys, values = inputs
            weights.append(module.forward(asks, keys, values, average_attn_weights=False)[1])

        asked: list[Any] = [layer.self_attn for layer in part.get_submodule("encoder").children()]
        asked += [layer.multihead_attn for layer in part.get_submodule("decoder").children()]
        handles = [module.register_forward_hook(keep) for module in asked]
        part(given)
        for handle in handles:
            handle.remove()
        axes = ("example", "layer", "head", "step", "looked at")
        return (Seen("attention", axes, torch.stack(weights, dim=1)),)
