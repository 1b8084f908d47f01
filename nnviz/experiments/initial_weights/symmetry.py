"""Units that start alike stay alike: training a network from a constant start.

Shapes: N points, D hidden units, F inputs of a unit with its bias, T recorded steps.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nnviz.catalog.activations import ACTIVATIONS, gain
from nnviz.catalog.initializers import default_linear, initialize
from nnviz.data import load
from nnviz.experiments.dropped import dropped
from nnviz.experiments.initial_weights.records import SymmetryRecord
from nnviz.randomness import torch_generator
from nnviz.records import FloatArray
from nnviz.spec import DataSpec, InitializationSpec

DATA = DataSpec(name="circles", n_samples=160)
N_RECORDED = 30
NOISE = 1e-3
DROPOUT = 0.3
SEEDS = {"hidden": 1, "output": 2, "noise": 3, "dropout": 4}
Breaker = Literal["nothing", "noise", "dropout", "output"]


def train_from(
    initialization: InitializationSpec,
    activation: str = "tanh",
    n_units: int = 6,
    breaker: Breaker = "nothing",
    n_steps: int = 300,
    learning_rate: float = 0.5,
    moved: tuple[float, float] = (0.0, 0.0),
) -> SymmetryRecord:
    """Full-batch gradient descent on two circles, one hidden layer, 2 → n_units → 2.

    Double precision: rounding alone would tell units apart after a few thousand steps.

    `breaker` is what may tell units apart: "noise" of 0.001 on the hidden weights, "dropout" of
    0.3 in training, or an "output" layer drawn at random. The first unit's weights start `moved`
    from where they were drawn. Biases start at 0.
    """
    data = load(DATA)
    x_N2, y_N = data.train_x.double(), data.train_y
    parameters = _start(initialization, activation, n_units, breaker, moved)
    phi = ACTIVATIONS[activation].make().double()
    recorded = set(np.unique(np.geomspace(1, n_steps + 1, N_RECORDED).round().astype(int) - 1))
    rows = []
    masks = torch_generator(SEEDS["dropout"]) if breaker == "dropout" else None
    for step in range(n_steps + 1):
        _hidden_ND, logit_NC = _forward(parameters, phi, x_N2, masks)
        loss = F.cross_entropy(logit_NC, y_N)
        if step in recorded:
            rows.append((step, *_observed(parameters, phi, x_N2, y_N)))
        if step == n_steps:
            break
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter -= learning_rate * gradient
    steps, weights, spreads, ranks, losses, accuracies = zip(*rows, strict=True)
    return SymmetryRecord(
        np.array(steps),
        np.stack(weights),
        np.array(spreads),
        np.array(ranks),
        np.array(losses),
        accuracies[-1],
    )


def _start(
    initialization: InitializationSpec,
    activation: str,
    n_units: int,
    breaker: Breaker,
    moved: tuple[float, float],
) -> list[Tensor]:
    """Hidden weights, hidden biases, output weights, output biases."""
    hidden = _layer(initialization, gain(activation), n_units, 2, SEEDS["hidden"])
    by_chance = InitializationSpec(name="xavier_normal")
    chosen = by_chance if breaker == "output" else initialization
    output = _layer(chosen, 1.0, 2, n_units, SEEDS["output"])
    if breaker == "noise":
        generator = torch_generator(SEEDS["noise"])
        hidden = hidden + NOISE * torch.randn(hidden.shape, generator=generator, dtype=hidden.dtype)
    hidden[0] += hidden.new_tensor(moved)
    start = [hidden, hidden.new_zeros(n_units), output, hidden.new_zeros(2)]
    return [parameter.requires_grad_() for parameter in start]


def _layer(
    initialization: InitializationSpec, factor: float, n_out: int, n_in: int, seed: int
) -> Tensor:
    weight = torch.empty(n_out, n_in, dtype=torch.float64)
    if initialization.name == "default":
        return default_linear(n_in, n_out, torch_generator(seed), weight.dtype).weight.data
    initialize(weight, initialization.name, factor, initialization.arguments, seed)
    return weight


def _forward(
    parameters: list[Tensor], phi: nn.Module, x_N2: Tensor, masks: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Hidden units before dropout, and logits; without `masks` nothing is dropped."""
    weight_D2, bias_D, output_CD, output_C = parameters
    hidden_ND = phi(F.linear(x_N2, weight_D2, bias_D))
    kept_ND = hidden_ND if masks is None else dropped(hidden_ND, DROPOUT, masks)
    return hidden_ND, F.linear(kept_ND, output_CD, output_C)


def _observed(
    parameters: list[Tensor], phi: nn.Module, x_N2: Tensor, y_N: Tensor
) -> tuple[FloatArray, float, float, float, float]:
    """Weights, spread, effective rank, loss and accuracy, without dropout."""
    with torch.no_grad():
        hidden_ND, logit_NC = _forward(parameters, phi, x_N2)
        weight_DF = torch.cat([parameters[0], parameters[1][:, None]], dim=1)
        spread = float((weight_DF[:, None] - weight_DF[None]).norm(dim=2).max())
        loss = float(F.cross_entropy(logit_NC, y_N))
        accuracy = float((logit_NC.argmax(dim=1) == y_N).double().mean())
    return weight_DF.numpy().copy(), spread, effective_rank(hidden_ND), loss, accuracy


def effective_rank(values_ND: Tensor) -> float:
    """exp(−Σ p ln p), p = σ/Σσ, not centred (Roy & Vetterli 2007); NaN where all values are 0."""
    singular_K = torch.linalg.svdvals(values_ND.double())
    singular_K = singular_K[singular_K > 1e-6 * singular_K[0]]
    if not len(singular_K):
        return math.nan
    share_K = singular_K / singular_K.sum()
    return math.exp(-float((share_K * share_K.log()).sum()))
