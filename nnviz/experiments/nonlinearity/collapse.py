"""Why depth needs a bend: a stack of Linear layers is one Linear layer.

Shapes: L layers, G grid points a side, D units.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.initializers import default_linear
from nnviz.experiments.nonlinearity.records import CollapseRecord
from nnviz.randomness import torch_generator

GRID = 41
REACH = 2.0


def linear_stack(n_layers: int, width: int, seed: int = 0) -> list[nn.Linear]:
    """Linear layers 2 → width → … → width → 1 with Xavier weights and small random biases."""
    sizes = [2, *[width] * (n_layers - 1), 1]
    generator = torch_generator(seed)
    layers = [default_linear(a, b, generator) for a, b in itertools.pairwise(sizes)]
    for layer in layers:
        nn.init.xavier_normal_(layer.weight, generator=generator)
    return layers


def product(layers: list[nn.Linear]) -> tuple[Tensor, Tensor]:
    """The one weight matrix and bias that the layers multiply to: W = W_L … W_1."""
    with torch.no_grad():
        weight, bias = layers[0].weight.data, layers[0].bias.data
        for layer in layers[1:]:
            weight, bias = layer.weight @ weight, layer.weight @ bias + layer.bias
    return weight, bias


def collapse(
    n_layers: int, width: int, activation: str, bend_after: int = 0, seed: int = 0
) -> CollapseRecord:
    """The stack, its product and, with `bend_after` = k ≥ 1, the stack with φ after layer k.

    Everything is computed in single precision, as a network would: what is left between stack
    and product is rounding.
    """
    layers = linear_stack(n_layers, width, seed)
    grid_G = torch.linspace(-REACH, REACH, GRID)
    y_GG, x_GG = torch.meshgrid(grid_G, grid_G, indexing="ij")
    points_N2 = torch.stack([x_GG.ravel(), y_GG.ravel()], dim=1)
    weight_12, bias_1 = product(layers)
    with torch.no_grad():
        stack = _through(layers, points_N2)
        single = points_N2 @ weight_12.T + bias_1
        bent = _through(layers, points_N2, activation, bend_after) if bend_after else None
    square = (GRID, GRID)
    return CollapseRecord(
        grid_G=grid_G.numpy(),
        stack_GG=stack.reshape(square).numpy(),
        product_GG=single.reshape(square).numpy(),
        bent_GG=None if bent is None else bent.reshape(square).numpy(),
        max_difference=float((stack - single).abs().max()),
        bend=math.nan if bent is None else float((bent - single).abs().max()),
        weight_2=np.asarray(weight_12[0].detach().numpy()),
        bias=float(bias_1),
    )


def _through(
    layers: list[nn.Linear], h_ND: Tensor, activation: str = "identity", bend_after: int = 0
) -> Tensor:
    phi = ACTIVATIONS[activation].make()
    for number, layer in enumerate(layers, start=1):
        h_ND = layer(h_ND)
        if number == bend_after:
            h_ND = phi(h_ND)
    return h_ND
