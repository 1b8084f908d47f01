"""torch's dropout in training mode, its mask drawn from a generator of the caller's own."""

from __future__ import annotations

import torch
from torch import Tensor


def dropped(x: Tensor, q: float, generator: torch.Generator) -> Tensor:
    """`F.dropout(x, q)` for 0 ≤ q < 1, number for number on the CPU; that takes no generator."""
    if q == 0:
        return x
    return x * torch.empty_like(x).bernoulli_(1 - q, generator=generator).div_(1 - q)
