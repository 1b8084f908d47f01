"""What an encoder layer is made of: the numbers it learns, and the multiplications it takes."""

from __future__ import annotations

import torch
from torch import nn

from nnviz.experiments.attention.records import CountRecord, Part
from nnviz.randomness import lent, torch_generator


def count(width: int, heads: int, feedforward: int, n_layers: int, steps: int) -> CountRecord:
    """4d² + 4d + 2df + f + d + 4d parameters a layer, heads or not; multiplications by part."""
    d, f, t = width, feedforward, steps
    parts = (
        Part("queries, keys, values", "3d² + 3d", 3 * d * d + 3 * d, "3Td²", 3 * t * d * d),
        Part("who looks at whom: Q Kᵀ", "0", 0, "T²d", t * t * d),
        Part("mix of the values", "0", 0, "T²d", t * t * d),
        Part("mix of the heads", "d² + d", d * d + d, "Td²", t * d * d),
        Part("feed-forward, first", "df + f", d * f + f, "Tdf", t * d * f),
        Part("feed-forward, second", "df + d", d * f + d, "Tdf", t * d * f),
        Part("two normalizations", "4d", 4 * d, "2Td", 2 * t * d),
    )
    with lent(torch_generator(0)), torch.device("meta"):
        layer = nn.TransformerEncoderLayer(d, heads, f, batch_first=True)
    return CountRecord(parts, n_layers * sum(p.numel() for p in layer.parameters()))
