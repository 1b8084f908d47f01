"""Normalizations: which numbers share a mean, and on which tensors each one makes sense."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

Shape = tuple[int, ...]
"""Shape of one sample at the normalized place: (width,), (channels, length) or (C, H, W)."""


@dataclass(frozen=True)
class NormalizationOptions:
    """`groups` for group; `momentum` (None: cumulative) and `track_running_stats` for batch."""

    groups: int = 4
    momentum: float | None = 0.1
    track_running_stats: bool = True


@dataclass(frozen=True)
class Normalization:
    """One normalization: `make(shape, options)` builds it, `refuse` says why it can't be."""

    name: str
    averages_over: str
    make: Callable[[Shape, NormalizationOptions], nn.Module]
    refuse: Callable[[Shape, NormalizationOptions], str | None] = lambda shape, options: None
    uses_batch: bool = False


def _batch(shape: Shape, options: NormalizationOptions) -> nn.Module:
    kind = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
    return kind(
        shape[0], momentum=options.momentum, track_running_stats=options.track_running_stats
    )


def _instance(shape: Shape, options: NormalizationOptions) -> nn.Module:
    kind = nn.InstanceNorm2d if len(shape) == 3 else nn.InstanceNorm1d
    return kind(shape[0])


def _refuse_instance(shape: Shape, options: NormalizationOptions) -> str | None:
    if len(shape) == 1:
        return "instance normalization averages over space, and a dense layer has none"
    if all(size == 1 for size in shape[1:]):
        return "instance normalization over a single position gives 0 everywhere"
    return None


def _refuse_layer(shape: Shape, options: NormalizationOptions) -> str | None:
    if all(size == 1 for size in shape):
        return "layer normalization of a single number gives 0"
    return None


def _refuse_group(shape: Shape, options: NormalizationOptions) -> str | None:
    channels, groups = shape[0], options.groups
    if channels % groups:
        return f"groups must divide the {channels} units or channels; got {groups}"
    if channels == groups and all(size == 1 for size in shape[1:]):
        return f"{groups} groups of one unit each give 0 everywhere; use fewer groups"
    return None


NORMALIZATIONS: dict[str, Normalization] = {
    entry.name: entry
    for entry in (
        Normalization("none", "nothing", lambda shape, options: nn.Identity()),
        Normalization("batch", "the batch and space, per channel", _batch, uses_batch=True),
        Normalization(
            "layer",
            "all units of a sample",
            lambda shape, options: nn.LayerNorm(shape),
            _refuse_layer,
        ),
        Normalization("instance", "space, per sample and channel", _instance, _refuse_instance),
        Normalization(
            "group",
            "a group of channels and space, per sample",
            lambda shape, options: nn.GroupNorm(options.groups, shape[0]),
            _refuse_group,
        ),
    )
}
