"""Over how many values a normalization averages while it trains."""

from __future__ import annotations

import math

from torch import nn

from nnviz.records import NormalizationRecord


def normalization_record(
    module: nn.Module | None, shape: tuple[int, ...], batch_size: int, smallest_batch: int
) -> NormalizationRecord | None:
    """The record of a normalization whose samples have this shape, (C, …); None for no module.

    Raises TypeError for a module whose averages are not known here.
    """
    space = math.prod(shape[1:])
    match module:
        case None:
            return None
        case nn.BatchNorm1d() | nn.BatchNorm2d() | nn.BatchNorm3d():
            fewest = smallest_batch * space
            return NormalizationRecord("batch", batch_size * space, batch_size, fewest)
        case nn.LayerNorm():
            return _of_a_sample("layer", math.prod(module.normalized_shape))
        case nn.InstanceNorm1d() | nn.InstanceNorm2d() | nn.InstanceNorm3d():
            return _of_a_sample("instance", space)
        case nn.GroupNorm():
            n_channels = module.num_channels // module.num_groups
            return _of_a_sample("group", n_channels * space)
        case _:
            raise TypeError(f"it is not known over what {type(module).__name__} averages")


def _of_a_sample(name: str, n_values: int) -> NormalizationRecord:
    return NormalizationRecord(name, n_values, 1, n_values)
