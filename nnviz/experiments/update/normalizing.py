"""Whose mean and variance normalize a number, and what they are; biased, as torch normalizes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nnviz.experiments.update.looked import Looked, cells, gradient
from nnviz.experiments.update.taken import PartPass


@dataclass(frozen=True)
class Shared:
    """One normalized number among those that share its mean and variance.

    `mean_slope` is their mean of γ·∂L/∂y, `mean_product` of γ·∂L/∂y·ẑ.
    """

    words: str
    n: int
    mean: float
    variance: float
    eps: float
    gamma: float
    beta: float | None
    given: float
    slope: float
    mean_slope: float
    mean_product: float

    @property
    def normal(self) -> float:
        """ẑ."""
        return float((self.given - self.mean) / (self.variance + self.eps) ** 0.5)


def shared(looked: Looked, part: PartPass, sample: int) -> Shared:
    """The number of the sample at the place, and what it is normalized by."""
    given = part.given.detach().double()
    slopes = gradient(part.result).double() * _spread(part.module, given)
    words, chosen = _set(part.module, given, sample, looked.unit)
    own, own_slopes = given[chosen], slopes[chosen]
    mean, variance = own.mean(), own.var(correction=0)
    eps = float(part.module.eps)  # type: ignore[arg-type]
    normal = (own - mean) / (variance + eps).sqrt()
    at = (sample, looked.unit, looked.position)
    has = "gamma" in looked.kinds
    flat = looked.taken.before
    return Shared(
        words, own.numel(), float(mean), float(variance), eps,
        looked.number(flat, "gamma", 0) if has else 1.0,
        looked.number(flat, "beta", 0) if has else None,
        float(cells(given)[at]), float(cells(gradient(part.result))[at]),
        float(own_slopes.mean()), float((own_slopes * normal).mean()),
    )  # fmt: skip


def uses_batch(part: PartPass) -> bool:
    """Whether all samples share one mean and variance."""
    return isinstance(part.module, nn.modules.batchnorm._BatchNorm)


def _spread(module: nn.Module, given: Tensor) -> Tensor:
    """γ in the shape of the values, 1 where there is none."""
    weight = getattr(module, "weight", None)
    if not isinstance(weight, Tensor):
        return torch.ones_like(given)
    if isinstance(module, nn.LayerNorm):
        return weight.detach().double().expand_as(given)
    return weight.detach().double().view(-1, *[1] * (given.dim() - 2)).expand_as(given)


def _set(
    module: nn.Module, given: Tensor, sample: int, unit: int
) -> tuple[str, tuple[slice | int, ...]]:
    """In words, and as an index, the numbers that share mean and variance with a unit's."""
    if isinstance(module, nn.modules.batchnorm._BatchNorm):
        where = "the batch" if given.dim() == 2 else "the batch and all positions"
        return f"{where}, this unit", (slice(None), unit)
    if isinstance(module, nn.LayerNorm):
        return "all units of the sample", (sample,)
    if isinstance(module, nn.GroupNorm):
        size = module.num_channels // module.num_groups
        first = unit // size * size
        return "its group in the sample", (sample, slice(first, first + size))
    return "all positions of the channel in the sample", (sample, unit)
