"""Kernels by name: the classic 3 × 3 filters, and simple ones of any size and number of axes."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from nnviz.records import FloatArray

FilterName = Literal[
    "identity", "blur", "sharpen", "edges x", "edges y", "sobel x", "sobel y", "laplacian", "emboss"
]
FILTERS: dict[str, tuple[tuple[float, ...], ...]] = {
    "identity": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
    "blur": ((1 / 9,) * 3,) * 3,
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "edges x": ((0, 0, 0), (-1, 0, 1), (0, 0, 0)),
    "edges y": ((0, -1, 0), (0, 0, 0), (0, 1, 0)),
    "sobel x": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "sobel y": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "laplacian": ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
    "emboss": ((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
}
"""Rows from top to bottom; torch slides them as they stand (cross-correlation)."""

KernelName = Literal["edges", "blur", "sharpen", "one pixel"]


def kernel(name: KernelName, size: int, n_axes: int) -> FloatArray:
    """A kernel of `size` along each of the axes: (size,) * n_axes."""
    middle = (size // 2,) * n_axes
    values = np.zeros((size,) * n_axes)
    match name:
        case "edges":
            values[..., 0], values[..., -1] = -1, 1
        case "blur":
            values[:] = 1 / size**n_axes
        case "sharpen":
            values[:] = -1
            values[middle] = size**n_axes
        case "one pixel":
            values[middle] = 1
    return values


def recut(numbers: tuple[float, ...], shape: tuple[int, ...]) -> FloatArray:
    """A reader's own numbers as a kernel of this shape (filters, channels, size, …).

    Where they were set for another size, their middle stays in the middle; zeros fill the rest.
    """
    n_axes, size = len(shape) - 2, shape[-1]
    if len(numbers) == math.prod(shape):
        return np.array(numbers, dtype=np.float64).reshape(shape)
    side = math.ceil(len(numbers) ** (1 / n_axes) - 1e-9)
    old = np.zeros(side**n_axes)
    old[: len(numbers)] = numbers
    old = old.reshape((side,) * n_axes)
    cut, start = np.zeros((size,) * n_axes), size // 2 - side // 2
    here = slice(max(start, 0), min(start + side, size))
    there = slice(max(-start, 0), max(-start, 0) + here.stop - here.start)
    cut[(here,) * n_axes] = old[(there,) * n_axes]
    return np.broadcast_to(cut, shape).copy()
