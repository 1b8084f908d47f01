"""Which input pixels a unit reads, layer by layer: by formula, and where its gradient is not 0.

Source: Dumoulin & Visin 2016; Araujo et al. 2019; the effective field: Luo et al. 2016.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nnviz.records import BoolArray, FloatArray

MOST_PIXELS = 127
"""Layers that reach farther are left out."""
_CONVOLVED: dict[int, Any] = {1: F.conv1d, 2: F.conv2d}
_POOLED: dict[int, Any] = {1: F.avg_pool1d, 2: F.avg_pool2d}


@dataclass(frozen=True)
class FieldLayer:
    """A convolution or an average pooling without zeros around."""

    kernel_size: int
    stride: int = 1
    dilation: int = 1
    is_pool: bool = False


@dataclass(frozen=True)
class FieldRecord:
    """What the middle unit of one layer reads.

    `sensitivity` (r, r) is ∂(unit)/∂(pixel) from the first pixel that it reads to the last, with
    equal weights; `read` says, for the input and each layer up to this one, which positions along
    one axis it reads, and `centres` where they lie in input pixels.
    """

    layer: FieldLayer
    by_formula: int
    jump: int
    """Π s of the layers before this one: input pixels from one position it reads to the next."""
    start: int
    sensitivity: FloatArray
    read: tuple[BoolArray, ...]
    centres: tuple[FloatArray, ...]

    @property
    def measured(self) -> int:
        """Pixels from the first with a gradient to the last, along an axis."""
        return len(self.sensitivity)

    @property
    def n_pixels(self) -> int:
        """Pixels with a gradient."""
        return int(np.count_nonzero(self.sensitivity))

    @property
    def effective(self) -> int:
        """Side of the middle square that holds half of the sensitivity."""
        size, total = self.measured, self.sensitivity.sum()
        for side in range(2 - size % 2, size, 2):
            cut = slice((size - side) // 2, (size + side) // 2)
            if self.sensitivity[cut, cut].sum() >= total / 2:
                return side
        return size


def reaches(layers: Sequence[FieldLayer]) -> list[tuple[int, int]]:
    """r_l = r_{l-1} + (k_l - 1) d_l Π s and that product, for each layer."""
    found, reach, jump = [], 1, 1
    for layer in layers:
        reach += (layer.kernel_size - 1) * layer.dilation * jump
        found.append((reach, jump))
        jump *= layer.stride
    return found


def receptive_fields(layers: Sequence[FieldLayer]) -> tuple[int, tuple[FieldRecord, ...]]:
    """The side of the input, and what each layer's middle unit reads, as far as it is measured."""
    known = [found for found in reaches(layers) if found[0] <= MOST_PIXELS]
    size = max([reach for reach, _ in known], default=1)
    return size, tuple(
        _field(layers[: depth + 1], size, *known[depth]) for depth in range(len(known))
    )


def _field(layers: Sequence[FieldLayer], size: int, reach: int, jump: int) -> FieldRecord:
    (*_, gradient), _ = _gradients(layers, size, 2)
    rows = np.flatnonzero(gradient.any(axis=1))
    read = slice(rows[0], rows[-1] + 1)
    along, centres = _gradients(layers, size, 1)
    return FieldRecord(
        layers[-1], reach, jump, int(rows[0]), gradient[read, read],
        tuple(found != 0 for found in along[::-1]), tuple(centres),
    )  # fmt: skip


def _gradients(
    layers: Sequence[FieldLayer], size: int, n_axes: int
) -> tuple[list[FloatArray], list[FloatArray]]:
    """∂(middle unit)/∂(each layer), the last layer's own first; where positions lie."""
    x = torch.ones((1, 1, *(size,) * n_axes), dtype=torch.float64, requires_grad=True)
    outputs: list[Tensor] = [x]
    centres: list[FloatArray] = [np.arange(size, dtype=np.float64)]
    for layer in layers:
        outputs.append(_forward(layer, outputs[-1], n_axes))
        first = centres[-1][0]
        step = centres[-1][1] - centres[-1][0] if len(centres[-1]) > 1 else 0.0
        reach = (layer.kernel_size - 1) * layer.dilation
        n_out = outputs[-1].shape[-1]
        centres.append(first + step * (reach / 2 + layer.stride * np.arange(n_out)))
    last = outputs[-1]
    middle = (0, 0, *(n // 2 for n in last.shape[2:]))
    found = torch.autograd.grad(last[middle], outputs[::-1])
    return [gradient[0, 0].numpy() for gradient in found], centres


def _forward(layer: FieldLayer, x: Tensor, n_axes: int) -> Tensor:
    if layer.is_pool:
        pooled: Tensor = _POOLED[n_axes](x, layer.kernel_size, layer.stride)
        return pooled
    shape = (1, 1, *(layer.kernel_size,) * n_axes)
    weight = torch.full(shape, 1 / layer.kernel_size**n_axes, dtype=torch.float64)
    answer: Tensor = _CONVOLVED[n_axes](x, weight, None, layer.stride, 0, layer.dilation)
    return answer
