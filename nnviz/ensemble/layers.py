"""Layers with weights, activations and pooling, for all replicates at once.

Shapes: R replicates, B points, D and O inputs and outputs of a dense layer, C channels.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nnviz.ensemble.layout import Layer, Pass


def dense(name: str) -> Layer:
    """Linear layer: weights (R·O, D), biases (R·O,)."""
    weight, bias = f"{name}.weight", f"{name}.bias"

    def layer(x_RDB: Tensor, run: Pass) -> Tensor:
        weight_ROD = run.tensors[weight].view(run.n_replicates, -1, x_RDB.shape[1])
        bias_RO1 = run.tensors[bias].view(run.n_replicates, -1, 1)
        return torch.baddbmm(bias_RO1, weight_ROD, x_RDB)

    return layer


def convolution(name: str, module: nn.Conv1d | nn.Conv2d) -> Layer:
    """Convolution with one group of channels a replicate."""
    convolve = F.conv2d if isinstance(module, nn.Conv2d) else F.conv1d
    stride, padding = module.stride, module.padding
    weight, bias = f"{name}.weight", f"{name}.bias"

    def layer(x: Tensor, run: Pass) -> Tensor:
        kernels, shifts = run.tensors[weight], run.tensors[bias]
        return convolve(x, kernels, shifts, stride, padding, groups=run.n_replicates)

    return layer


def flatten(x: Tensor, run: Pass) -> Tensor:
    """From samples with space, (B, R·C, …), to flat ones, (R, D, B)."""
    return x.reshape(len(x), run.n_replicates, -1).permute(1, 2, 0)


def elementwise(module: nn.Module) -> Layer:
    """What treats every number, or every channel of (B, R·C, …), alike."""

    def layer(x: Tensor, run: Pass) -> Tensor:
        return module(x)  # type: ignore[no-any-return]

    return layer


def prelu(name: str, flat: bool) -> Layer:
    """One learned slope a replicate."""

    def layer(x: Tensor, run: Pass) -> Tensor:
        groups = (1, len(x), -1) if flat else (len(x), run.n_replicates, -1)
        return F.prelu(x.reshape(groups), run.tensors[f"{name}.weight"]).view(x.shape)

    return layer
