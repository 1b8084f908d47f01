"""Normalizations: which numbers share a mean, and on which tensors each one makes sense."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from torch import nn

from nnviz.catalog.calls import Call

Shape = tuple[int, ...]
"""One sample at the normalized place: (width,), (channels, length), (C, H, W), (C, D, H, W)."""


@dataclass(frozen=True)
class NormalizationOptions:
    """`groups` for group; `momentum` (None: cumulative) and `track_running_stats` for batch."""

    groups: int = 4
    momentum: float | None = 0.1
    track_running_stats: bool = True


@dataclass(frozen=True)
class Normalization:
    """One normalization: `call(shape, options)` is its module, `refuse` says why it can't be.

    `caution` says why what can be will hardly learn, and what would do instead.
    """

    name: str
    averages_over: str
    call: Callable[[Shape, NormalizationOptions], Call]
    refuse: Callable[[Shape, NormalizationOptions], str | None] = lambda shape, options: None
    uses_batch: bool = False
    caution: Callable[[Shape, NormalizationOptions], str | None] = lambda shape, options: None

    def make(self, shape: Shape, options: NormalizationOptions) -> nn.Module:
        """The module itself."""
        module: nn.Module = self.call(shape, options)()
        return module


def _batch(shape: Shape, options: NormalizationOptions) -> Call:
    kind = {3: nn.BatchNorm2d, 4: nn.BatchNorm3d}.get(len(shape), nn.BatchNorm1d)
    tracks = options.track_running_stats
    return Call(kind, shape[0], momentum=options.momentum, track_running_stats=tracks)


def _instance(shape: Shape, options: NormalizationOptions) -> Call:
    kind = {3: nn.InstanceNorm2d, 4: nn.InstanceNorm3d}.get(len(shape), nn.InstanceNorm1d)
    return Call(kind, shape[0])


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
        return (
            f"groups must divide the {channels} units or channels; got {groups}:"
            f" {_offered_groups(shape)}"
        )
    if channels == groups and all(size == 1 for size in shape[1:]):
        return f"{groups} groups of one unit each give 0 everywhere: {_offered_groups(shape)}"
    return None


def _caution_instance(shape: Shape, options: NormalizationOptions) -> str | None:
    if math.prod(shape[1:]) != 2:
        return None
    return (
        "instance normalization over two positions makes them +1 and -1, whichever is larger, and"
        " only their order is left: pool less before it, or use another normalization"
    )


def _caution_layer(shape: Shape, options: NormalizationOptions) -> str | None:
    if math.prod(shape) != 2:
        return None
    return (
        "layer normalization of two values makes them +1 and -1, whichever is larger, and only"
        " their order is left: use 3 or more units"
    )


def _caution_group(shape: Shape, options: NormalizationOptions) -> str | None:
    if _values_a_group(shape, options.groups) != 2:
        return None
    return (
        f"{options.groups} groups of two values each: normalization makes every pair +1 and -1,"
        f" and only their order is left: {_offered_groups(shape)}"
    )


def working_groups(shape: Shape) -> list[int]:
    """The numbers of groups that divide the channels and leave three values or more in each.

    Fewer values say next to nothing once they are normalized: one is 0, two are about ±1.
    """
    whole = (g for g in range(1, shape[0] + 1) if shape[0] % g == 0)
    return [g for g in whole if _values_a_group(shape, g) >= 3]


def fitting_groups(shapes: Iterable[Shape]) -> int:
    """The most groups up to the usual 4 that work at all these places, or 1."""
    usual = NormalizationOptions.groups
    offered = set(range(1, usual + 1)).intersection(*map(working_groups, shapes))
    return max(offered, default=1)


def _values_a_group(shape: Shape, groups: int) -> int:
    return math.prod(shape) // groups


def _offered_groups(shape: Shape) -> str:
    found = working_groups(shape)
    if not found:
        return "no number of groups works here; use more units, or another normalization"
    *others, last = map(str, found)
    return "use " + (f"{', '.join(others)} or {last}" if others else last)


NORMALIZATIONS: dict[str, Normalization] = {
    entry.name: entry
    for entry in (
        Normalization("none", "nothing", lambda shape, options: Call(nn.Identity)),
        Normalization("batch", "the batch and space, per channel", _batch, uses_batch=True),
        Normalization(
            "layer",
            "all units of a sample",
            lambda shape, options: Call(nn.LayerNorm, shape),
            _refuse_layer,
            caution=_caution_layer,
        ),
        Normalization(
            "instance",
            "space, per sample and channel",
            _instance,
            _refuse_instance,
            caution=_caution_instance,
        ),
        Normalization(
            "group",
            "a group of channels and space, per sample",
            lambda shape, options: Call(nn.GroupNorm, options.groups, shape[0]),
            _refuse_group,
            caution=_caution_group,
        ),
    )
}
