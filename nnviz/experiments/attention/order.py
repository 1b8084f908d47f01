"""What attention sees of the order of words: nothing, until positions are added.

Shapes: T words, D numbers. Source: Vaswani et al. 2017, §3.5.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from nnviz.blocks.encoder import Encoder
from nnviz.blocks.positions import sinusoids
from nnviz.experiments.attention.records import OrderRecord
from nnviz.experiments.attention.words import word_vectors
from nnviz.randomness import lent, torch_generator
from nnviz.seeds import derived_seed

WIDTH, HEADS, FEEDFORWARD, LAYERS = 6, 2, 12, 2


def encoder_seed(seed: int) -> int:
    """What the encoder's weights are drawn from."""
    return derived_seed(seed, "encoder")


def encoder(seed: int) -> Encoder:
    """Two layers that are not trained, computing with 16 digits."""
    with lent(torch_generator(encoder_seed(seed))):
        made = Encoder(WIDTH, HEADS, FEEDFORWARD, LAYERS)
    return made.double().eval()


def reorder(
    words: Sequence[str], order: Sequence[int], positions: bool, seed: int = 0
) -> OrderRecord:
    """The words as they come, and as `order` has them, through the same encoder."""
    x_TD = word_vectors(words, WIDTH, seed).double()
    order_T = torch.tensor(order)
    model = encoder(seed)
    before_TD = _encoded(model, x_TD, positions)
    after_TD = _encoded(model, x_TD[order_T], positions)
    change_T = (after_TD - before_TD[order_T]).abs().amax(dim=1)
    return OrderRecord(
        tuple(words), np.array(order), before_TD.numpy(), after_TD.numpy(), change_T.numpy()
    )


def _encoded(model: Encoder, x_TD: Tensor, positions: bool) -> Tensor:
    added = sinusoids(WIDTH, len(x_TD)).double() if positions else 0
    with torch.no_grad():
        out: Tensor = model((x_TD.T + added)[None])[0].T
    return out
