"""A small network under one dropout mask, and its output under many.

Shapes: D units of a layer, M masks. Source: Srivastava et al. 2014; torch.nn.Dropout scales the
survivors by 1/(1 - q) in training and does nothing in evaluation ("inverted dropout").
"""

from __future__ import annotations

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


def draw_mask(network: SmallNetwork, draw: int) -> MaskRecord:
    """The network under mask number `draw`, and the distribution of its output over masks."""
    start = torch_generator(derived_seed(network.seed, "small network"))
    this_mask = torch_generator(derived_seed(network.seed, "mask", draw))
    many_masks = torch_generator(derived_seed(network.seed, "many masks"))
    with torch.no_grad():
        net = network.make(start)
        x_D = torch.randn(N_INPUTS, generator=start, dtype=torch.float64)
        plain = _layers(net.eval(), x_D, this_mask)
        masked = _layers(net.train(), x_D, this_mask)
        with lent(many_masks):
            outputs_M = net(x_D.expand(N_MASKS, -1)).numpy().ravel()
    final = net[-1]
    assert isinstance(final, nn.Linear)
    evaluation_output = float(plain[-1][0][0])
    marked = np.append(outputs_M, evaluation_output)
    return MaskRecord(
        network.q,
        tuple(
            MaskedLayer(_name(place, len(plain)), before, after, kept)
            for place, ((before, _), (after, kept)) in enumerate(zip(plain, masked, strict=True))
        ),
        tuple(part.weight.detach().numpy() for part in net if isinstance(part, nn.Linear)),
        distribution_of("training mode", outputs_M, shared_edges(marked)),
        evaluation_output,
        _output_variance(network, final, plain[-2][0]),
    )


def _name(place: int, n_layers: int) -> str:
    if place == 0:
        return "input"
    return "output" if place == n_layers - 1 else f"hidden {place}"


def _layers(
    net: nn.Sequential, x_D: Tensor, masks: torch.Generator
) -> list[tuple[FloatArray, BoolArray | None]]:
    """What each layer hands on, and its mask: input, hidden layers, output."""
    handed: list[tuple[FloatArray, BoolArray | None]] = []
    for part in net:
        if isinstance(part, nn.Dropout):
            x_D, kept_D = _dropped(part, x_D, masks)
            handed.append((x_D.numpy(), kept_D if part.p > 0 else None))
        else:
            x_D = part(x_D)
    return [*handed, (x_D.numpy(), None)]


def _dropped(dropout: nn.Dropout, x_D: Tensor, masks: torch.Generator) -> tuple[Tensor, BoolArray]:
    """The layer's output and its mask, which ones passed through under the same state show."""
    same_masks = masks.clone_state()
    with lent(masks):
        dropped_D = dropout(x_D)
    with lent(same_masks):
        return dropped_D, (dropout(torch.ones_like(x_D)) != 0).numpy()


def _output_variance(network: SmallNetwork, final: nn.Linear, hidden_D: FloatArray) -> float:
    if network.depth > 1 or network.input_q > 0:
        return float("nan")
    weight_D = final.weight.detach().numpy()[0]
    return float(network.q / (1 - network.q) * np.sum((weight_D * hidden_D) ** 2))
