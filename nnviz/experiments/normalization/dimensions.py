"""BatchNorm1d, 2d and 3d on inputs of two to five axes: what each takes, keeps and refuses.

Shapes: N samples, C channels, then space: nothing, L, H × W, or D × H × W.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import nn

from nnviz.experiments.normalization.groups import drawn_block
from nnviz.records import FloatArray

ModuleName = Literal["BatchNorm1d", "BatchNorm2d", "BatchNorm3d"]
TAKES: dict[ModuleName, str] = {
    "BatchNorm1d": "(N, C) or (N, C, L)",
    "BatchNorm2d": "(N, C, H, W)",
    "BatchNorm3d": "(N, C, D, H, W)",
}


@dataclass(frozen=True)
class DimensionsRecord:
    """One of torch's BatchNorm modules on a block."""

    values: FloatArray
    outputs: FloatArray | None
    """None where torch refuses the block."""
    torch_says: str
    n_parameters: int
    n_buffers: int
    """Running mean, running variance, and one count of the batches."""


def try_dimensions(module: ModuleName, shape: tuple[int, ...], seed: int = 0) -> DimensionsRecord:
    """The module in training mode on a drawn block; torch's own words where it refuses."""
    values = drawn_block(shape, seed)
    layer: nn.Module = getattr(nn, module)(shape[1], dtype=torch.float64)
    outputs, says = None, ""
    try:
        with torch.no_grad():
            outputs = layer(torch.from_numpy(values)).numpy()
    except ValueError as error:
        says = f"{type(error).__name__}: {error}"
    return DimensionsRecord(
        values,
        outputs,
        says,
        sum(parameter.numel() for parameter in layer.parameters()),
        sum(int(np.prod(buffer.shape)) for buffer in layer.buffers()),
    )
