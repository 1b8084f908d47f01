"""Dropout: which kind drops what, and on which tensors each kind makes sense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import nn

from nnviz.catalog.calls import Call


@dataclass(frozen=True)
class DropoutKind:
    """One kind of dropout; `modules`: rank of a sample → what drops in it, none where refused."""

    name: str
    drops: str
    modules: Mapping[int, type[nn.Module]]

    def call(self, rank: int, probability: float) -> Call:
        """The module for samples of `rank` dimensions."""
        return Call(self.modules[rank], probability)


_CHANNELS: dict[int, type[nn.Module]] = {2: nn.Dropout1d, 3: nn.Dropout2d, 4: nn.Dropout3d}

DROPOUT_KINDS: dict[str, DropoutKind] = {
    entry.name: entry
    for entry in (
        DropoutKind(
            "auto",
            "single units after dense layers, whole channels after convolutions",
            {1: nn.Dropout, **_CHANNELS},
        ),
        DropoutKind("elementwise", "single numbers", dict.fromkeys((1, 2, 3, 4), nn.Dropout)),
        DropoutKind("channel", "whole channels; needs a convolution", _CHANNELS),
        DropoutKind(
            "alpha",
            "single numbers, replaced so that mean 0 and variance 1 stay (for SELU)",
            dict.fromkeys((1, 2, 3, 4), nn.AlphaDropout),
        ),
    )
}


def refuse_dropout(kind: str, rank: int) -> str | None:
    """Why this kind can't follow a block whose samples have `rank` dimensions, or None."""
    if rank < min(DROPOUT_KINDS[kind].modules):
        return f"{kind} dropout after a dense layer would drop whole samples; use elementwise"
    return None
