"""What the units of an update are called: features, classes, units, channels and their places."""

from __future__ import annotations

import numpy as np
from torch import nn

from nnviz.experiments.update.looked import Looked
from nnviz.experiments.update.taken import Taken

SYMBOLS = {"normalization": "y", "activation": "a", "dropout": "d", "switches": "o"}
"""What stands behind z, by the part that gives it."""


def unit_name(taken: Taken, block: str, unit: int) -> str:
    """A unit of a block, or of the input, in a word or two."""
    record = taken.trainer.data.record
    if block == "input":
        names, n_units = record.feature_names, taken.x.shape[1]
    elif block == "output":
        names, n_units = record.class_names, taken.blocks[-1].output.shape[1]
        if n_units == 1 and not names:
            return "answer"
    else:
        names, n_units = (), 0
    if len(names) == n_units and unit < n_units:
        return names[unit]
    return f"{'channel' if _has_positions(taken, block) else 'unit'} {unit}"


def _has_positions(taken: Taken, block: str) -> bool:
    outputs = {"input": taken.x, **{each.name: each.output for each in taken.blocks}}
    return outputs[block].dim() > 2


def feeds(taken: Taken, looked: Looked) -> str:
    """The block whose outputs the unit's weights multiply."""
    before = "input"
    for block in taken.blocks:
        if block is looked.block:
            return before
        if block.shape.kind != "flatten":
            before = block.name
    raise AssertionError(looked.block.name)


def source(taken: Taken, looked: Looked, weight: int) -> tuple[str, int]:
    """What one weight of the unit multiplies: its name, and the unit that it comes from."""
    module = looked.learned.module
    before = feeds(taken, looked)
    if not isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d):
        shape = tuple(looked.learned.given.shape[1:]) if before == "input" else ()
        shape = tuple(_shape_of(taken, before)) or shape
        if len(shape) < 2:
            return unit_name(taken, before, weight), weight
        channel, *at = (int(n) for n in np.unravel_index(weight, shape))
        return _placed(channel, at, shape), channel
    channel, *at = (int(n) for n in np.unravel_index(weight, module.weight.shape[1:]))
    channel += looked.unit // (module.out_channels // module.groups) * module.weight.shape[1]
    given, space = looked.learned.given.shape[1:], looked.learned.result.shape[2:]
    where = [int(n) for n in np.unravel_index(looked.position, space)]
    zeros = module.padding
    assert not isinstance(zeros, str)
    at = [
        p * s + k * d - z
        for p, s, k, d, z in zip(where, module.stride, at, module.dilation, zeros, strict=True)
    ]
    inside = all(0 <= n < size for n, size in zip(at, given[1:], strict=True))
    return (_placed(channel, at, tuple(given)) if inside else "padding"), channel


def _shape_of(taken: Taken, block: str) -> tuple[int, ...]:
    for each in taken.blocks:
        if each.name == block:
            return tuple(each.output.shape[1:])
    return tuple(taken.x.shape[1:])


def _placed(channel: int, at: list[int], shape: tuple[int, ...]) -> str:
    where = ", ".join(map(str, at))
    if all(size == 1 for size in shape[1:]):
        return f"channel {channel}"
    return f"({where})" if shape[0] == 1 else f"channel {channel} ({where})"
