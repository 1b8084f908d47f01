"""A small network under one dropout mask, and its output under many.

Shapes: D units of a layer, M masks. Source: Srivastava et al. 2014; torch.nn.Dropout scales the
survivors by 1/(1 - q) in training and does nothing in evaluation ("inverted dropout").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.catalog.initializers import default_linear
from nnviz.experiments.distributions import distribution_of, shared_edges
from nnviz.experiments.dropout.records import MaskedLayer, MaskRecord
from nnviz.randomness import lent, torch_generator
from nnviz.records import BoolArray, FloatArray
from nnviz.seeds import derived_seed

N_INPUTS = 4
N_MASKS = 4000
PASSES = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100, 200, 400, 800, 1500, 2500, N_MASKS)
"""Of which of the many masks the passes are kept, layer by layer."""

_Handed = tuple[FloatArray, BoolArray | None]


@dataclass(frozen=True)
class SmallNetwork:
    """4 inputs, `depth` hidden layers of `width` ReLU units with dropout, one output."""

    width: int = 6
    depth: int = 2
    q: float = 0.5
    input_q: float = 0.0
    seed: int = 0

    def make(self, generator: torch.Generator) -> nn.Sequential:
        """The network with torch's default weights."""
        layers: list[nn.Module] = [nn.Dropout(self.input_q)]
        size = N_INPUTS
        for _ in range(self.depth):
            linear = default_linear(size, self.width, generator)
            layers += [linear, nn.ReLU(), nn.Dropout(self.q)]
            size = self.width
        return nn.Sequential(*layers, default_linear(size, 1, generator)).double()


def draw_mask(network: SmallNetwork, draw: int, by_hand: Sequence[int] = ()) -> MaskRecord:
    """The network under mask number `draw`, and its output over many masks.

    `by_hand` are units that are dropped where the draw keeps them and kept where it drops them,
    counted from the first input on, layer after layer.
    """
    start = torch_generator(derived_seed(network.seed, "small network"))
    this_mask = torch_generator(derived_seed(network.seed, "mask", draw))
    many_masks = torch_generator(derived_seed(network.seed, "many masks"))
    with torch.no_grad():
        net = network.make(start)
        x_D = torch.randn(N_INPUTS, generator=start, dtype=torch.float64)
        plain = _layers(net.eval(), x_D, this_mask)
        masked = _layers(net.train(), x_D, this_mask, by_hand)
        many = _layers(net, x_D.expand(N_MASKS, -1), many_masks)
    final, outputs_M = net[-1], many[-1][0][:, 0]
    assert isinstance(final, nn.Linear)
    evaluation_output = float(plain[-1][0][0])
    return MaskRecord(
        network.q,
        _masked(plain, masked),
        tuple(part.weight.detach().numpy() for part in net if isinstance(part, nn.Linear)),
        distribution_of(
            "training mode", outputs_M, shared_edges(np.append(outputs_M, evaluation_output))
        ),
        evaluation_output,
        _output_variance(network, final, plain[-2][0]),
        outputs_M,
        {number: _masked(plain, _row(many, number - 1)) for number in PASSES},
    )


def _masked(plain: Sequence[_Handed], passed: Sequence[_Handed]) -> tuple[MaskedLayer, ...]:
    pairs = enumerate(zip(plain, passed, strict=True))
    return tuple(
        MaskedLayer(_name(place, len(plain)), before, after, kept)
        for place, ((before, _), (after, kept)) in pairs
    )


def _row(many: Sequence[_Handed], row: int) -> list[_Handed]:
    return [
        (values[row].copy(), kept if kept is None else kept[row].copy()) for values, kept in many
    ]


def _name(place: int, n_layers: int) -> str:
    if place == 0:
        return "input"
    return "output" if place == n_layers - 1 else f"hidden {place}"


def _layers(
    net: nn.Sequential, x_D: Tensor, masks: torch.Generator, by_hand: Sequence[int] = ()
) -> list[_Handed]:
    """What each layer hands on, and its mask: input, hidden layers, output."""
    handed: list[_Handed] = []
    n_before = 0
    for part in net:
        if not isinstance(part, nn.Dropout):
            x_D = part(x_D)
            continue
        with lent(masks):
            mask_D = part(torch.ones_like(x_D))
        flipped = [unit - n_before for unit in by_hand if 0 <= unit - n_before < x_D.shape[-1]]
        mask_D[..., flipped] = 1 / (1 - part.p) - mask_D[..., flipped]
        x_D, n_before = x_D * mask_D, n_before + x_D.shape[-1]
        kept_D = (mask_D != 0).numpy() if part.p > 0 or flipped else None
        handed.append((x_D.numpy(), kept_D))
    return [*handed, (x_D.numpy(), None)]


def _output_variance(network: SmallNetwork, final: nn.Linear, hidden_D: FloatArray) -> float:
    if network.depth > 1 or network.input_q > 0:
        return float("nan")
    weight_D = final.weight.detach().numpy()[0]
    return float(network.q / (1 - network.q) * np.sum((weight_D * hidden_D) ** 2))
