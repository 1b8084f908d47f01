"""A photograph through one filter, through pooling, and laid out in a row.

Shapes: H × W pixels, 0 … 255.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F

from nnviz.experiments.convolution.samples import PhotographName, photograph
from nnviz.records import FloatArray

Pooling = Literal["none", "max", "average"]


@dataclass(frozen=True)
class FilteredRecord:
    """What goes in, what the filter answers with, and what pooling leaves of it."""

    before: FloatArray
    after: FloatArray
    pooled: FloatArray


def filtered(
    name: PhotographName, kernel: FloatArray, rectified: bool, pooling: Pooling, size: int
) -> FilteredRecord:
    """The grey photograph, filtered with zeros around; pooled over windows of `size` pixels.

    `rectified` sets what is negative to 0 (ReLU) before the pooling.
    """
    before = photograph(name).mean(axis=0).round()
    image, weight = torch.from_numpy(before)[None, None], torch.from_numpy(kernel)[None, None]
    after = F.conv2d(image, weight, padding=kernel.shape[0] // 2)
    after = F.relu(after) if rectified else after
    pooled = after
    if pooling != "none":
        pooled = (F.max_pool2d if pooling == "max" else F.avg_pool2d)(after, size)
    return FilteredRecord(before, after[0, 0].numpy(), pooled[0, 0].numpy())
