"""All parameters of a network as views of one vector, and their gradients as views of another."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class FlatParameters:
    """`values` holds every parameter end to end, `gradient` every gradient, in the same places.

    `penalized` is 1 where the L1 term counts (weights) and 0 elsewhere (biases, normalizations).
    """

    def __init__(self, network: nn.Module) -> None:
        named = list(network.named_parameters())
        flat = torch.cat([parameter.detach().reshape(-1) for _, parameter in named])
        self.gradient, self.penalized = torch.zeros_like(flat), torch.zeros_like(flat)
        self._layout, start = [], 0
        for name, parameter in named:
            end = start + parameter.numel()
            parameter.data = flat[start:end].view(parameter.shape)
            parameter.grad = self.gradient[start:end].view(parameter.shape)
            self.penalized[start:end] = float(parameter.dim() > 1)
            self._layout.append((name, start, parameter.shape))
            start = end
        self.values = nn.Parameter(flat)
        self.values.grad = self.gradient

    def named_copies(self) -> dict[str, Tensor]:
        """Each parameter by its name: views of one copy on the CPU."""
        flat = self.values.detach().to("cpu", copy=True)
        return {
            name: flat[start : start + shape.numel()].view(shape)
            for name, start, shape in self._layout
        }
