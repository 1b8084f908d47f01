"""Dropout with the masks each replicate would draw alone.

Shapes: R replicates, B points, … shape of one sample.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nnviz.ensemble.layout import Layer, Pass, joined
from nnviz.seeds import derived_seed

_WHOLE_CHANNELS = (nn.Dropout1d, nn.Dropout2d)
_FACTORS = (nn.Dropout, *_WHOLE_CHANNELS)


def dropout(
    name: str, module: nn.Module, sample_shape: tuple[int, ...], seeds: Sequence[int]
) -> Layer:
    """Draws from the global generator, seeded for each replicate from its seed and the step."""
    bases = [derived_seed(seed, "dropout", name) for seed in seeds]
    flat = len(sample_shape) == 1
    if isinstance(module, _WHOLE_CHANNELS):
        sample_shape = (sample_shape[0], *(1 for _ in sample_shape[1:]))

    def layer(x: Tensor, run: Pass) -> Tensor:
        if not run.training:
            return x
        ones = x.new_ones((x.shape[2] if flat else len(x), *sample_shape))
        factor = joined(_drawn(module, ones, bases, run.step), flat)
        if isinstance(module, _FACTORS):
            return x * factor
        shift = joined(_drawn(module, torch.zeros_like(ones), bases, run.step), flat)
        return x * (factor - shift) + shift

    return layer


def _drawn(module: nn.Module, like: Tensor, bases: Sequence[int], step: int) -> Tensor:
    """What the module makes of the same tensor in each replicate, (R, B, …)."""
    generator = _generator(like.device)
    drawn = like.new_empty((len(bases), *like.shape))
    for base, place in zip(bases, drawn, strict=True):
        generator.manual_seed(derived_seed(base, step))
        place.copy_(module(like))
    return drawn


def _generator(device: torch.device) -> torch.Generator:
    if device.type == "cuda":
        return torch.cuda.default_generators[device.index or 0]
    return torch.default_generator
