"""Finding the named parts of a block: its learned layer, normalization and activation."""

from __future__ import annotations

from torch import nn

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


def part(block: nn.Module, name: str) -> nn.Module | None:
    """The block's part of that name, or None."""
    return block._modules.get(name)


def learned_part(block: nn.Module) -> nn.Linear | nn.Conv1d | nn.Conv2d | None:
    """The block's layer with weights, or None for pooling and flattening."""
    found = part(block, "linear") or part(block, "convolution")
    return found if isinstance(found, (nn.Linear, nn.Conv1d, nn.Conv2d)) else None
