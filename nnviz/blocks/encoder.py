"""The encoder block: transformer layers in which every step looks at every other."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from nnviz.base import SpecError
from nnviz.blocks.kind import Block, Core, LearnedTensor, Need, Seen, steps_of
from nnviz.blocks.sample import Sample
from nnviz.catalog.calls import Call

_ROLES = {
    "self_attn.in_proj_weight": ("query", "key", "value"),
    "self_attn.out_proj.weight": ("mix of the heads",),
    "linear1.weight": ("feed-forward, first",),
    "linear2.weight": ("feed-forward, second",),
}


MAX_SEEN_STEPS = 32


class Encoder(nn.Module):
    """`nn.TransformerEncoderLayer`s over samples (width, steps), each drawn for itself.

    With normalization first one more stands at the end, as Xiong et al. (2020) have it. Dropout
    drops what each sublayer adds and the feed-forward units, not the attention weights.
    """

    reads_steps = True

    def __init__(
        self,
        width: int,
        heads: int,
        feedforward: int,
        layers: int = 1,
        norm_first: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        own = [
            nn.TransformerEncoderLayer(
                width, heads, feedforward, dropout, batch_first=True, norm_first=norm_first
            )
            for _ in range(layers)
        ]
        self.layers = nn.ModuleList(own)
        for layer in own:
            layer.self_attn.dropout = 0.0
        self.norm = nn.LayerNorm(width) if norm_first else None

    def reset_parameters(self) -> None:
        """As torch starts each part."""
        start_attention(self)

    def forward(self, x: Tensor) -> Tensor:
        """(N, width, steps) to the same shape."""
        x = x.mT
        for layer in self.layers:
            x = layer(x)
        return (x if self.norm is None else self.norm(x)).mT


def start_attention(module: nn.Module) -> None:
    """Start all parts of a transformer as torch does, drawn from torch's own generator."""
    for part in module.modules():
        if isinstance(part, nn.Linear | nn.LayerNorm | nn.Embedding):
            part.reset_parameters()
    for part in module.modules():
        if isinstance(part, nn.MultiheadAttention):
            part._reset_parameters()


class EncoderBlock(Block):
    """Transformer encoder layers; their width is the number of channels that arrive."""

    needs: ClassVar[Need] = "sequence"
    brief: ClassVar[str] = "encoder"
    sized_by: ClassVar[str | None] = "layers"

    kind: Literal["encoder"] = "encoder"
    heads: Annotated[int, Field(ge=1, le=16)] = Field(
        4, title="Heads", description="Attentions beside each other; they must divide the width."
    )
    feedforward: Annotated[int, Field(ge=1, le=1024)] = Field(
        64, title="Feed-forward units", description="Hidden units of the two dense layers a step."
    )
    layers: Annotated[int, Field(ge=1, le=8)] = Field(1, title="Layers")
    norm_first: bool = Field(
        False,
        title="Normalization first",
        description="Layer normalization before each sublayer, instead of after its sum.",
    )
    dropout: Annotated[float, Field(ge=0, le=0.95)] = Field(
        0.0, title="Dropout", json_schema_extra={"step": 0.05}
    )

    @property
    def n_layers(self) -> int:
        """As many as asked for."""
        return self.layers

    def core(self, arrives: Sample) -> Core:
        """4d² + 2df multiplications a step and layer, and 2d for each pair of steps."""
        steps, width = steps_of(arrives), arrives.shape[0]
        if width % self.heads:
            raise SpecError(f"heads must divide the {width} arriving channels; got {self.heads}")
        call = Call(
            Encoder,
            width,
            self.heads,
            self.feedforward,
            layers=self.layers,
            norm_first=self.norm_first,
            dropout=self.dropout,
        )
        f = self.feedforward
        work = self.layers * steps * (4 * width**2 + 2 * width * f + 2 * steps * width)
        inside = self.layers * steps * (8 * width + 2 * f + 2 * self.heads * steps)
        dropped = {
            f"layers.{k}.{name}": (steps, size)
            for k in range(self.layers if self.dropout else 0)
            for name, size in (("dropout", f), ("dropout1", width), ("dropout2", width))
        }
        return Core(arrives, {"encoder": call}, "encoder", work, inside, dropped)

    def tensors(self, part: nn.Module) -> tuple[LearnedTensor, ...]:
        """Queries, keys and values, as torch packs them, the heads' mix and the feed-forward."""
        found = []
        for name, parameter in part.named_parameters():
            if parameter.dim() == 1:
                continue
            _, number, own = name.split(".", 2)
            roles = _ROLES[own]
            height = len(parameter) // len(roles)
            place = f", layer {int(number) + 1}" if self.layers > 1 else ""
            for k, role in enumerate(roles):
                rows = slice(k * height, (k + 1) * height)
                found.append(LearnedTensor(role + place, name, rows, parameter[rows]))
        return tuple(found)

    def seen(self, part: nn.Module, given: Tensor) -> tuple[Seen, ...]:
        """Whom each step looks at, in every layer and head: rows add up to 1."""
        if given.shape[2] > MAX_SEEN_STEPS:
            return ()
        weights, x = [], given.mT
        for layer in part.get_submodule("layers").children():
            assert isinstance(layer, nn.TransformerEncoderLayer)
            asks = layer.norm1(x) if layer.norm_first else x
            _, of_heads = layer.self_attn(asks, asks, asks, average_attn_weights=False)
            weights.append(of_heads)
            x = layer(x)
        axes = ("example", "layer", "head", "step", "looked at")
        return (Seen("attention", axes, torch.stack(weights, dim=1)),)
