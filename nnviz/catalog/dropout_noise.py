"""What a dropout layer multiplies by and adds, drawn from a generator of its own.

torch's dropout functions draw from a global generator and take no other. Here is their arithmetic,
number for number: on the CPU a seed gives the same mask, and the same training, as torch's own.

Shapes: R networks, B samples, … noise of one sample.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from nnviz.randomness import reseeded, torch_generator

ALPHA = 1.7580993408473766
"""What AlphaDropout puts in the place of a dropped number, negated (Klambauer et al. 2017)."""

_ELEMENTWISE = (nn.Dropout, nn.AlphaDropout)
_WHOLE_CHANNELS = (nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)


class _Part(NamedTuple):
    own: list[Tensor]
    factor: Tensor
    shift: Tensor | None


class DropoutNoise:
    """The noise of one dropout layer of R networks: output = input · factor (+ shift).

    `factor` and, with AlphaDropout, `shift` have shape (R, B, …) and keep their place in memory.
    Raises TypeError for a dropout module whose arithmetic is not known here.
    """

    def __init__(
        self, module: nn.Module, sample_shape: tuple[int, ...], n_rows: int, n_networks: int = 1
    ) -> None:
        if not isinstance(module, (*_ELEMENTWISE, *_WHOLE_CHANNELS)):
            raise TypeError(f"the noise of {type(module).__name__} is not known")
        if isinstance(module, _WHOLE_CHANNELS):
            sample_shape = (sample_shape[0], *(1 for _ in sample_shape[1:]))
        self._p, self._generator = module.p, torch_generator(0)
        self.factor = torch.ones((n_networks, n_rows, *sample_shape))
        has_shift = isinstance(module, nn.AlphaDropout)
        self.shift: Tensor | None = torch.zeros_like(self.factor) if has_shift else None
        self._parts: dict[int, _Part] = {}

    def draw(self, seeds: Sequence[int], n_rows: int) -> None:
        """Fill the first `n_rows` samples' noise, of each network from its own seed."""
        p, generator = self._p, self._generator
        part = self._parts.get(n_rows) or self._part(n_rows)
        for seed, own in zip(seeds, part.own, strict=True):
            own.bernoulli_(1 - p, generator=reseeded(generator, seed))
        if part.shift is None:
            part.factor.div_(1 - p)
            return
        a = 1 / math.sqrt((ALPHA * ALPHA * p + 1) * (1 - p))
        part.shift.copy_(part.factor).sub_(1).mul_(ALPHA * a).add_(ALPHA * a * p)
        part.factor.mul_(a)

    def _part(self, n_rows: int) -> _Part:
        """Views of the first samples' noise; batches have two sizes at most, so few are kept."""
        factor = self.factor[:, :n_rows]
        shift = None if self.shift is None else self.shift[:, :n_rows]
        return self._parts.setdefault(n_rows, _Part(list(factor), factor, shift))
