"""XOR: what one layer cannot separate and one hidden layer can.

Shapes: S seeds trained side by side, N = 4 points, H hidden units, G grid points a side.
"""

from __future__ import annotations

import itertools

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.initializers import default_linear
from nnviz.experiments.nonlinearity.records import XorRecord
from nnviz.randomness import torch_generator
from nnviz.records import FloatArray

POINTS_N2 = torch.tensor([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
LABELS_N = torch.tensor([0.0, 1.0, 1.0, 0.0])
GRID = 48
REACH = 1.6
N_RECORDED = 40


def xor(
    n_hidden: int,
    activation: str = "tanh",
    n_steps: int = 200,
    learning_rate: float = 0.05,
    n_seeds: int = 20,
) -> XorRecord:
    """Fit the four points with Adam from many seeds; 0 hidden units is a perceptron.

    Weights start as nn.Linear draws them; all seeds are independent and run in one batch.
    Minsky & Papert 1969: no line is right on more than 3 of the 4 points.
    """
    parameters = [part.requires_grad_() for part in _start(n_hidden, n_seeds)]
    phi = ACTIVATIONS[activation].make()
    averages = [(torch.zeros_like(part), torch.zeros_like(part)) for part in parameters]
    recorded = np.unique(np.linspace(0, n_steps, N_RECORDED).round().astype(int))
    losses, kept = [], []
    labels_SN = LABELS_N.expand(n_seeds, -1)
    for step in range(n_steps + 1):
        logit_SN = _logits(parameters, phi, POINTS_N2)
        loss_S = F.binary_cross_entropy_with_logits(logit_SN, labels_SN, reduction="none").mean(1)
        if step in recorded:
            losses.append(loss_S.detach().numpy())
            kept.append([part.detach().clone() for part in parameters])
        if step < n_steps:
            gradients = torch.autograd.grad(loss_S.sum(), parameters)
            for part, gradient, pair in zip(parameters, gradients, averages, strict=True):
                _adam(part.data, gradient, *pair, step + 1, learning_rate)
    accuracy_S = ((logit_SN > 0) == (labels_SN > 0.5)).double().mean(dim=1)
    return XorRecord(
        name=f"{n_hidden} hidden {activation} unit{'s' * (n_hidden > 1)}".replace("_", " ")
        if n_hidden
        else "a single layer",
        activation=activation,
        n_hidden=n_hidden,
        steps_T=recorded,
        loss_TS=np.stack(losses),
        accuracy_S=accuracy_S.numpy(),
        parameters_T=[[part.numpy() for part in parts] for parts in kept],
    )


def xor_answer(
    record: XorRecord, seed: int, place: int = -1, n_side: int = GRID
) -> tuple[FloatArray, FloatArray]:
    """Logit of class 1 at a recorded step over the plane: (side,) and (side, side), row 0 low."""
    grid_G = torch.linspace(-REACH, REACH, n_side)
    y_GG, x_GG = torch.meshgrid(grid_G, grid_G, indexing="ij")
    points_N2 = torch.stack([x_GG.ravel(), y_GG.ravel()], dim=1)
    parameters = [torch.from_numpy(part[seed : seed + 1]) for part in record.parameters_T[place]]
    with torch.no_grad():
        logits = _logits(parameters, ACTIVATIONS[record.activation].make(), points_N2)
    return grid_G.numpy(), logits.reshape(n_side, n_side).numpy()


def _adam(
    part: Tensor, gradient: Tensor, mean: Tensor, square: Tensor, step: int, rate: float
) -> None:
    """One update in place, as torch.optim.Adam does it, without the second that importing costs."""
    mean.lerp_(gradient, 1 - 0.9)
    square.mul_(0.999).addcmul_(gradient, gradient, value=1 - 0.999)
    size = (square / (1 - 0.999**step)).sqrt_().add_(1e-8)
    part.addcdiv_(mean, size, value=-rate / (1 - 0.9**step))


def _start(n_hidden: int, n_seeds: int) -> list[Tensor]:
    """Weights and biases of every layer, stacked over seeds: (S, out, in) and (S, 1, out)."""
    sizes = [2, n_hidden, 1] if n_hidden else [2, 1]
    drawn: list[list[Tensor]] = []
    for seed in range(n_seeds):
        generator = torch_generator(seed)
        layers = [default_linear(a, b, generator) for a, b in itertools.pairwise(sizes)]
        drawn.append([p for layer in layers for p in (layer.weight.data, layer.bias.data[None])])
    return [torch.stack(parts) for parts in zip(*drawn, strict=True)]


def _logits(parameters: list[Tensor], phi: nn.Module, points_N2: Tensor) -> Tensor:
    """(S, N): positive means class 1."""
    h_SND = points_N2.expand(len(parameters[0]), -1, -1)
    for place in range(0, len(parameters), 2):
        h_SND = torch.baddbmm(parameters[place + 1], h_SND, parameters[place].mT)
        if place + 2 < len(parameters):
            h_SND = phi(h_SND)
    return h_SND[..., 0]
