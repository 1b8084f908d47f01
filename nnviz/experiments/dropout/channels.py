"""Single numbers dropped, or whole channels: the same feature maps under both.

Shapes: N samples, C channels (filters), H × W pixels, L positions, F frames. Source: Tompson et
al. 2015 (SpatialDropout); torch.nn.Dropout1d, Dropout2d, Dropout3d.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import assert_never

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

from nnviz.catalog.dropouts import refuse_dropout
from nnviz.experiments.dropout.records import BlockShape, ChannelRecord
from nnviz.randomness import lent, torch_generator
from nnviz.records import FloatArray
from nnviz.seeds import derived_seed

FILTERS = {
    "as it is": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
    "blurred": ((1, 2, 1), (2, 4, 2), (1, 2, 1)),
    "upright edges": ((1, 0, -1), (2, 0, -2), (1, 0, -1)),
    "level edges": ((1, 2, 1), (0, 0, 0), (-1, -2, -1)),
    "falling edges": ((0, 1, 2), (-1, 0, 1), (-2, -1, 0)),
    "spots": ((0, -1, 0), (-1, 4, -1), (0, -1, 0)),
}
N_IMAGES, N_FRAMES = 3, 3
ROW = 2
"""The row of pixels that serves as a signal."""
LAYERS: dict[BlockShape, tuple[str, int]] = {
    "table": ("Dropout1d", 1),
    "signal": ("Dropout1d", 2),
    "image": ("Dropout2d", 3),
    "volume": ("Dropout3d", 4),
}
"""torch's channel dropout for each shape, and how many dimensions a sample has."""


@lru_cache(maxsize=8)
def feature_maps(shape: BlockShape, first: int = 0) -> FloatArray:
    """Digits seen through six filters: (N, C, H, W), or one row of it, a short film, a table."""
    images = torch.tensor(_digits()[first : first + N_IMAGES, None] / 16)
    match shape:
        case "volume":
            frames = [images.roll(step, dims=-1) for step in range(N_FRAMES)]
            return np.stack([_filtered(frame).numpy() for frame in frames], axis=2)
        case "signal":
            return np.asarray(_filtered(images)[:, :, ROW].numpy())
        case "table":
            return np.asarray(_filtered(images).abs().mean(dim=(2, 3)).numpy())
        case "image":
            return np.asarray(_filtered(images).numpy())
        case _:
            assert_never(shape)


@lru_cache(maxsize=1)
def _digits() -> FloatArray:
    """scikit-learn's 1797 digits in their order, (N, 8, 8) from 0 to 16."""
    return np.asarray(load_digits().images)


def _filtered(images_N1HW: Tensor) -> Tensor:
    kernel_C33 = torch.tensor(list(FILTERS.values()), dtype=torch.float64)
    kernel_C33 = kernel_C33 / kernel_C33.abs().sum(dim=(1, 2), keepdim=True)
    return nn.functional.conv2d(images_N1HW, kernel_C33[:, None], padding=1)


def drop_channels(
    shape: BlockShape,
    q: float,
    seed: int,
    draw: int,
    first: int = 0,
    by_hand: Sequence[int] = (),
) -> ChannelRecord:
    """The feature maps under mask number `draw` of elementwise and of channel dropout.

    `by_hand` are channels that are dropped where the draw keeps them and kept where it drops
    them, counted sample after sample.
    """
    before = torch.from_numpy(feature_maps(shape, first))
    name, rank = LAYERS[shape]
    ones, masks = torch.ones_like(before), torch_generator(derived_seed(seed, shape, draw))
    with lent(masks):
        single, whole = nn.Dropout(q)(ones), getattr(nn, name)(q)(ones)
    for place in by_hand:
        sample, channel = divmod(place, len(FILTERS))
        whole[sample, channel] = 1 / (1 - q) - whole[sample, channel]
    return ChannelRecord(
        shape,
        q,
        before.numpy(),
        (before * single).numpy(),
        (before * whole).numpy(),
        (single != 0).numpy(),
        (whole != 0).numpy(),
        _neighbour_correlation(before.numpy()),
        refuse_dropout("channel", rank),
    )


def _neighbour_correlation(maps: FloatArray) -> float:
    """Correlation of a number with the one to its right, within channels, over all of them."""
    if maps.ndim == 2:
        return float("nan")
    space = tuple(range(2, maps.ndim))
    centered = maps - maps.mean(axis=(0, *space), keepdims=True)
    scaled = centered / centered.std(axis=(0, *space), keepdims=True)
    left, right = scaled[..., :-1].ravel(), scaled[..., 1:].ravel()
    return float(np.corrcoef(left, right)[0, 1])
