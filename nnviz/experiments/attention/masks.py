"""What a mask cuts: which inputs an output depends on, by autograd.

Shapes: T steps, D numbers, L layers.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nnviz.experiments.attention.records import MaskRecord
from nnviz.randomness import lent, torch_generator
from nnviz.seeds import derived_seed

WIDTH, HEADS, FEEDFORWARD = 8, 2, 16


def layers(n_layers: int, seed: int) -> list[nn.TransformerEncoderLayer]:
    """Encoder layers that are not trained, computing with 16 digits."""
    with lent(torch_generator(layers_seed(seed))):
        made = [
            nn.TransformerEncoderLayer(WIDTH, HEADS, FEEDFORWARD, 0.0, batch_first=True)
            for _ in range(n_layers)
        ]
    return [layer.double() for layer in made]


def layers_seed(seed: int) -> int:
    """What the layers are drawn from."""
    return derived_seed(seed, "masks")


def inputs_seed(seed: int) -> int:
    """What the inputs are drawn from."""
    return derived_seed(seed, "inputs")


def influence(is_open: Sequence[Sequence[bool]], n_layers: int = 2, seed: int = 0) -> MaskRecord:
    """Random inputs through layers with this mask, and the derivative of all by all."""
    open_TT = torch.tensor(is_open)
    generator = torch_generator(inputs_seed(seed))
    x_TD = torch.randn(len(open_TT), WIDTH, generator=generator).double()
    stack, shares = layers(n_layers, seed), []

    def forward(x_TD: Tensor) -> Tensor:
        out = x_TD[None]
        for layer in stack:
            out = layer(out, src_mask=~open_TT)
        return out[0]

    jacobian_TDTD: Tensor = torch.autograd.functional.jacobian(forward, x_TD)
    with torch.no_grad():
        out = x_TD[None]
        for layer in stack:
            shares.append(layer.self_attn(out, out, out, attn_mask=~open_TT)[1][0])
            out = layer(out, src_mask=~open_TT)
    steps_TT = open_TT | torch.eye(len(open_TT), dtype=torch.bool)
    reach_TT = torch.linalg.matrix_power(steps_TT.double(), n_layers) > 0
    return MaskRecord(
        open_TT.numpy(),
        torch.stack(shares).numpy(),
        jacobian_TDTD.square().sum(dim=(1, 3)).sqrt().numpy(),
        reach_TT.numpy(),
    )
