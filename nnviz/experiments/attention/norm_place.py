"""Layer normalization before or after each sublayer: gradients at the start, by depth.

Shapes: R seeds, P placements (after, before), N depths, L layers. Source: Xiong et al. 2020,
"On Layer Normalization in the Transformer Architecture".
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from nnviz.blocks.encoder import Encoder
from nnviz.experiments.attention.records import NormPlaceRecord
from nnviz.randomness import lent, torch_generator
from nnviz.seeds import derived_seed

DEPTHS = (1, 2, 4, 6, 8, 12)
BATCH, STEPS = 16, 8


def start_seed(seed: int, replicate: int) -> int:
    """What a network and its batch are drawn from; the same for both placements."""
    return derived_seed(seed, "placement", replicate)


def gradients(width: int, heads: int, depth: int, norm_first: bool, seed: int) -> list[float]:
    """Norms layer by layer, for the squared error of random inputs against random targets."""
    generator = torch_generator(seed)
    x_NDT, target_NDT = torch.randn(2, BATCH, width, STEPS, generator=generator)
    with lent(generator):
        encoder = Encoder(width, heads, 4 * width, depth, norm_first)
    for parameter in encoder.parameters():
        if parameter.dim() > 1:
            nn.init.xavier_normal_(parameter, generator=generator)
    nn.functional.mse_loss(encoder(x_NDT), target_NDT).backward()
    return [_norm(layer) for layer in encoder.layers]


def _norm(layer: nn.Module) -> float:
    gradient = layer.get_parameter("linear2.weight").grad
    return float("nan") if gradient is None else float(gradient.norm())


def norm_place(
    width: int = 64, heads: int = 4, depth: int = 6, n_seeds: int = 3, seed: int = 0
) -> NormPlaceRecord:
    """Both placements at all depths, the same weights and batches for both."""
    seeds = [start_seed(seed, replicate) for replicate in range(n_seeds)]
    found = {
        (first, own, n): gradients(width, heads, n, first, own)
        for first in (False, True)
        for own in seeds
        for n in sorted({*DEPTHS, depth})
    }
    last = [[[found[p, r, n][-1] for n in DEPTHS] for r in seeds] for p in (False, True)]
    by_layer = [[found[p, r, depth] for r in seeds] for p in (False, True)]
    return NormPlaceRecord(np.array(DEPTHS), np.array(last), np.array(by_layer))
