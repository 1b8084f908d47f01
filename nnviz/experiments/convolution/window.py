"""A window that glides over an input: the sizes by formula, the numbers by torch, the cost.

Shapes: C channels that arrive, O filters, G groups, K numbers along a kernel's axis.
Source: Dumoulin & Visin 2016, a guide to convolution arithmetic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from nnviz.records import FloatArray

_CONVOLVED: dict[int, Any] = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


@dataclass(frozen=True)
class Glide:
    """How a window glides: the same along every axis."""

    kernel_size: int = 3
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    groups: int = 1

    @property
    def reach(self) -> int:
        """Positions from the first that the window reads to the last."""
        return self.dilation * (self.kernel_size - 1) + 1

    def length(self, n: int) -> int:
        """⌊(n + 2p - d(k - 1) - 1) / s⌋ + 1 positions of the output along an axis of n."""
        return (n + 2 * self.padding - self.reach) // self.stride + 1


@dataclass(frozen=True)
class WindowRecord:
    """One convolution. `padded` (C, …) is the input with its zeros, `output` (O, …) torch's."""

    glide: Glide
    padded: FloatArray
    kernel_OC: FloatArray
    """(O, C / G, K, …)."""
    bias: float
    output: FloatArray
    input_space: tuple[int, ...]
    n_parameters: int
    n_multiplications: int
    n_dense_parameters: int
    n_dense_multiplications: int

    @property
    def formula_space(self) -> tuple[int, ...]:
        """Sizes of the output by the formula."""
        return tuple(map(self.glide.length, self.input_space))


def slide(x: FloatArray, kernel_OC: FloatArray, bias: float, glide: Glide) -> WindowRecord:
    """torch's convolution of one input (C, …) in double precision, and what it costs.

    The dense layer that it is compared with has the same input and output.
    """
    space = x.shape[1:]
    output = _CONVOLVED[len(space)](
        torch.from_numpy(x)[None], torch.from_numpy(kernel_OC),
        torch.full((len(kernel_OC),), bias, dtype=torch.float64),
        glide.stride, glide.padding, glide.dilation, glide.groups,
    )[0].numpy()  # fmt: skip
    n_dense = x.size * output.size
    pads = [(0, 0), *[(glide.padding, glide.padding)] * len(space)]
    return WindowRecord(
        glide, np.pad(x, pads), kernel_OC, bias, output, space,
        kernel_OC.size + len(kernel_OC),
        kernel_OC.size * math.prod(output.shape[1:]),
        n_dense + output.size,
        n_dense,
    )  # fmt: skip
