"""Finding blocks in a network, and in a block its learned layer, normalization and activation."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from nnviz.blocks.residual import Residual

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
_AROUND = ("normalization", "activation", "dropout")


def named_blocks(network: nn.Module, inside: str = "") -> Iterator[tuple[str, nn.Module]]:
    """Every block by its name, in the order of computation; those of a residual one before it."""
    for name, block in network.named_children():
        if isinstance(block, Residual):
            yield from named_blocks(block, f"{inside}{name}.")
        yield inside + name, block


def part(block: nn.Module, name: str) -> nn.Module | None:
    """The block's part of that name, or None."""
    return block._modules.get(name)


def weight_of(learned: nn.Module) -> Tensor:
    """The weights of a part without its biases: its one tensor, or all of them end to end."""
    own = [parameter.detach() for parameter in learned.parameters() if parameter.dim() > 1]
    return own[0] if len(own) == 1 else torch.cat([weight.flatten() for weight in own])


def learned_part(block: nn.Module) -> nn.Module | None:
    """The block's part with weights, or None for pooling, flattening and what holds blocks."""
    if isinstance(block, Residual):
        return None
    parts = (part for name, part in block.named_children() if name not in _AROUND)
    return next((part for part in parts if any(True for _ in part.parameters())), None)
