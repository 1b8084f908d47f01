"""Normalizations of all replicates at once; each replicate's numbers stay its own.

Shapes: R replicates, B points, D units or channels, … space.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nnviz.blocks.layout import Layer, Pass


def batch(name: str, module: nn.modules.batchnorm._BatchNorm, flat: bool) -> Layer:
    """Batch normalization over R·D channels: of (1, R·D, B) for flat samples."""
    tracks, momentum, eps = module.track_running_stats, module.momentum, module.eps
    weight, bias, mean, var, count = (
        f"{name}.{part}"
        for part in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    )

    def layer(x: Tensor, run: Pass) -> Tensor:
        own = run.tensors
        if run.training and tracks:
            own[count].add_(1)
        normalized = torch.batch_norm(
            x.reshape(1, -1, x.shape[2]) if flat else x,
            own[weight],
            own[bias],
            own.get(mean),
            own.get(var),
            run.training or not tracks,
            1 / (run.step + 1) if momentum is None else momentum,
            eps,
            cudnn_enabled=True,
        )
        return normalized.view(x.shape)

    return layer


def layer(name: str, module: nn.LayerNorm, flat: bool) -> Layer:
    """Layer normalization of each sample of each replicate, then its own scale and shift."""
    shape, eps = list(module.normalized_shape), module.eps

    def apply(x: Tensor, run: Pass) -> Tensor:
        weight, bias = (
            run.tensors[f"{name}.{part}"].view(run.n_replicates, *shape)
            for part in ("weight", "bias")
        )
        if flat:
            return (F.layer_norm(x.mT, shape, eps=eps) * weight[:, None] + bias[:, None]).mT
        samples = x.unflatten(1, (run.n_replicates, -1))
        return (F.layer_norm(samples, shape, eps=eps) * weight + bias).flatten(1, 2)

    return apply


def group(name: str, module: nn.GroupNorm, flat: bool) -> Layer:
    """Group normalization, with R·G groups of channels in all."""

    def layer(x: Tensor, run: Pass) -> Tensor:
        groups = run.n_replicates * module.num_groups
        channels = x.flatten(0, 1).T if flat else x
        weight, bias = run.tensors[f"{name}.weight"], run.tensors[f"{name}.bias"]
        normalized = F.group_norm(channels, groups, weight, bias, module.eps)
        return normalized.T.reshape(x.shape) if flat else normalized

    return layer


def instance(module: nn.modules.instancenorm._InstanceNorm) -> Layer:
    """Instance normalization without scale, shift or running statistics."""

    def layer(x: Tensor, run: Pass) -> Tensor:
        return F.instance_norm(x, eps=module.eps)

    return layer
