"""What flows on the wires of a network: the values that each part hands on to the next.

A wire is named by the part that it leaves, "dense1.linear"; a residual block, which has no parts of
its own, by the block; what enters the network is "input".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.blocks.residual import Residual
from nnviz.recorders.measures import SMALLEST_LIMIT, histogram
from nnviz.recorders.parts import named_blocks
from nnviz.records import N_BINS, WiresRecord

INPUT = "input"
_MOVES = (nn.Flatten, nn.Identity, nn.ZeroPad1d, nn.ZeroPad2d, nn.ZeroPad3d)
MAX_VALUES = 65_536
MAX_COUNT = np.iinfo(np.uint16).max


def wired_parts(network: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Each part that hands on other values than it gets, in the order of computation."""
    for block_name, block in named_blocks(network):
        if isinstance(block, Residual):
            yield block_name, block
            continue
        for name, part in block.named_children():
            if not isinstance(part, _MOVES):
                yield f"{block_name}.{name}", part


def wires_record(values: Mapping[str, Tensor]) -> WiresRecord:
    """Histogram, mean, standard deviation, zeros and negatives of each wire.

    Wires with equally many values are measured together; of more than `MAX_VALUES` only those of
    the first samples are.
    """
    names = list(values)
    flat = {name: _some(values[name].detach()).reshape(-1).float() for name in names}
    counts_WB = np.zeros((len(names), N_BINS), np.int64)
    limit_W, numbers_W4 = np.ones(len(names)), np.zeros((len(names), 4))
    for size in {len(one) for one in flat.values()}:
        places = [place for place, name in enumerate(names) if len(flat[name]) == size]
        rows = [flat[names[place]] for place in places]
        values_WN = torch.stack(rows) if len(rows) > 1 else rows[0][None]
        limit_W[places], counts_WB[places] = _counted(values_WN)
        numbers_W4[places] = _numbers(values_WN)
    is_small = counts_WB.max(initial=0) <= MAX_COUNT
    return WiresRecord(
        tuple(names),
        limit_W,
        counts_WB.astype(np.uint16 if is_small else np.int32),
        *numbers_W4.T.astype(np.float32),
    )


def _some(values: Tensor) -> Tensor:
    return values[: max(1, MAX_VALUES * len(values) // max(values.numel(), 1))]


def _counted(values_WN: Tensor) -> tuple[list[float], np.ndarray]:
    """Limits and counts of each row, as `histogram` has them."""
    low_W, high_W = values_WN.aminmax(dim=1)
    bounds = torch.maximum(low_W.abs(), high_W.abs()).tolist()
    if not all(map(math.isfinite, bounds)):
        found = [histogram(row) for row in values_WN]
        return [one.limit for one in found], np.stack([one.counts_B for one in found])
    limits = [2.0 ** math.ceil(math.log2(max(bound, SMALLEST_LIMIT))) for bound in bounds]
    scale_W1 = torch.tensor([N_BINS / 2 / limit for limit in limits]).to(values_WN.device)[:, None]
    index_WN = (values_WN * scale_W1).floor_().long().add_(N_BINS // 2).clamp_(max=N_BINS - 1)
    index_WN += N_BINS * torch.arange(len(limits), device=values_WN.device)[:, None]
    counts = torch.bincount(index_WN.reshape(-1), minlength=N_BINS * len(limits))
    return limits, counts.view(-1, N_BINS).cpu().numpy()


def _numbers(values_WN: Tensor) -> np.ndarray:
    """Mean, standard deviation, share of zeros and of negative values of each row."""
    variance_W, mean_W = torch.var_mean(values_WN, dim=1, correction=0)
    zero_W = (values_WN == 0).count_nonzero(dim=1) / values_WN.shape[1]
    negative_W = (values_WN < 0).count_nonzero(dim=1) / values_WN.shape[1]
    return torch.stack([mean_W, variance_W.sqrt(), zero_W, negative_W], dim=1).cpu().numpy()
