"""Why dot products are divided by √d: their spread, and what softmax makes of it.

Shapes: Q queries, K keys each, D numbers, W widths, B bins. Source: Vaswani et al. 2017, §3.2.1,
footnote 4: for q, k ~ N(0, 1) the variance of q·k is d.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from nnviz.experiments.attention.records import ScaleRecord
from nnviz.randomness import torch_generator
from nnviz.records import FloatArray
from nnviz.seeds import derived_seed

WIDTHS = (1, 4, 16, 64, 256, 1024)
N_QUERIES = 600
N_BINS = 121


def products(width: int, n_keys: int, seed: int) -> Tensor:
    """q·k of random queries with keys of their own, (Q, K)."""
    generator = torch_generator(width_seed(width, seed))
    query_QD = torch.randn(N_QUERIES, width, generator=generator)
    key_QKD = torch.randn(N_QUERIES, n_keys, width, generator=generator)
    return torch.einsum("qd,qkd->qk", query_QD, key_QKD)


def width_seed(width: int, seed: int) -> int:
    """What queries and keys of a width are drawn from."""
    return derived_seed(seed, "scale", width)


def both(product_QK: Tensor, width: int) -> Tensor:
    """Products as they are and divided by √d, (2, Q, K)."""
    return torch.stack([product_QK, product_QK / width**0.5])


def scale(width: int = 64, n_keys: int = 8, seed: int = 0) -> ScaleRecord:
    """Products at all widths, and the chosen one in detail."""
    pair_W = [both(products(each, n_keys, seed), each) for each in WIDTHS]
    share_W = [pair.softmax(dim=-1) for pair in pair_W]
    largest_W2Q = torch.stack([share.amax(dim=-1) for share in share_W])
    low, high = largest_W2Q.quantile(torch.tensor([0.1, 0.9]), dim=-1)
    chosen = WIDTHS.index(width)
    edges_B = _edges(pair_W[chosen])
    density_2B = [
        np.histogram(values.numpy().ravel(), edges_B, density=True)[0] for values in pair_W[chosen]
    ]
    return ScaleRecord(
        np.array(WIDTHS, dtype=float),
        torch.stack([pair.flatten(1).var(dim=1) for pair in pair_W], dim=1).numpy(),
        largest_W2Q.mean(dim=-1).T.numpy(),
        low.T.numpy(),
        high.T.numpy(),
        torch.stack([softmax_slope(share).mean(dim=-1) for share in share_W], dim=1).numpy(),
        edges_B,
        np.stack(density_2B),
    )


def softmax_slope(share: Tensor) -> Tensor:
    """‖diag(p) − p pᵀ‖ of weights p along the last axis: Σp² − 2Σp³ + (Σp²)², its root."""
    second, third = share.square().sum(-1), share.pow(3).sum(-1)
    return (second - 2 * third + second.square()).clamp(min=0).sqrt()


def _edges(pair_2QK: Tensor) -> FloatArray:
    limit = float(pair_2QK.abs().max())
    return np.linspace(-limit, limit, N_BINS + 1)
