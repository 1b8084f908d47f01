"""Send a signal forward and a gradient back through untrained layers, and measure both.

Shapes: S seeds, N samples, D units, L layers. All seeds are computed side by side in double
precision: 60 sigmoid layers shrink a gradient beyond what single precision can hold.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from nnviz.catalog.activations import ACTIVATIONS, gain
from nnviz.catalog.initializers import default_linear, fits, initialize
from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.experiments.signal_propagation.records import SignalRecord
from nnviz.experiments.signal_propagation.specs import SignalSpec
from nnviz.randomness import torch_generator
from nnviz.records import FloatArray
from nnviz.spec import InitializationSpec, SpecError

SEED_STRIDE = 1000
"""Layer l of seed s is drawn from the seed 1000·s + l; inputs and loss from 1000·s."""
MOST_KEPT_WIDTH = 128
"""Layers up to this width are kept once drawn: a change of depth draws only the new ones."""


def measure_signal(spec: SignalSpec) -> SignalRecord:
    """Second moments, gradients and their norms in each layer, for each seed.

    The loss is L = mean over samples of r·h / √D with h the network's output and r ~ N(0, 1): a
    gradient of random direction and size 1, as theory assumes it. Its scale is arbitrary, its
    growth from layer to layer is not. Errors: SpecError where the initializer does not fit.
    """
    inputs_SND, readout_SND = _inputs(spec)
    parameters = [_layer(spec, layer) for layer in range(1, spec.depth + 1)]
    zs, activations, output_SND = _forward(spec, inputs_SND, parameters)
    scale = spec.n_samples * math.sqrt(spec.width)
    loss = (readout_SND * output_SND).sum() / scale
    weights = [weight for weight, _ in parameters]
    gradients = torch.autograd.grad(loss, [*zs, *weights])
    deltas, weight_gradients = gradients[: spec.depth], gradients[spec.depth :]
    return SignalRecord(
        _stack([z.square().mean(dim=(1, 2)) for z in zs]),
        _stack([a.std(dim=(1, 2), correction=0) for a in activations]),
        _stack([delta.square().mean(dim=(1, 2)).sqrt() for delta in deltas]),
        _stack([gradient.norm(dim=(1, 2)) for gradient in weight_gradients]),
    )


def measure_jacobian(spec: SignalSpec) -> FloatArray:
    """Singular values of ∂z_L/∂x at one random input of seed 0, without normalization.

    For linear layers this is the product of the weights (Saxe et al. 2013: all 1 for orthogonal
    ones). Values below 1e-16 of the largest are rounding.
    """
    if spec.normalization != "none":
        raise SpecError("the Jacobian is computed without normalization")
    one = spec.model_copy(update={"n_seeds": 1, "n_samples": 2})
    phi = ACTIVATIONS[spec.activation].make().double()
    h_D = _inputs(one)[0][0, 0]
    jacobian_DD = torch.eye(spec.width, dtype=torch.float64)
    for layer in range(1, spec.depth + 1):
        weight_SDD, bias_S1D = (part.detach() for part in _layer(one, layer))
        jacobian_DD = weight_SDD[0] @ jacobian_DD
        z_D = (weight_SDD[0] @ h_D + bias_S1D[0, 0]).requires_grad_()
        if layer < spec.depth:
            h_D = phi(z_D)
            (slope_D,) = torch.autograd.grad(h_D.sum(), z_D)
            jacobian_DD, h_D = slope_D[:, None] * jacobian_DD, h_D.detach()
    if not bool(torch.isfinite(jacobian_DD).all()):
        return np.full(spec.width, np.nan)
    return np.asarray(torch.linalg.svdvals(jacobian_DD))


def _inputs(spec: SignalSpec) -> tuple[Tensor, Tensor]:
    drawn = []
    for seed in range(spec.n_seeds):
        generator = torch_generator(SEED_STRIDE * seed)
        size = (2, spec.n_samples, spec.width)
        drawn.append(torch.randn(size, generator=generator, dtype=torch.float64))
    inputs_SND, readout_SND = torch.stack(drawn, dim=1)
    return inputs_SND, readout_SND


def _layer(spec: SignalSpec, layer: int) -> tuple[Tensor, Tensor]:
    """Weights (S, D, D) that need a gradient, and biases (S, 1, D)."""
    draw = _kept_draw if spec.width <= MOST_KEPT_WIDTH else _draw
    drawn = [
        draw(spec.initialization, gain(spec.activation), spec.width, SEED_STRIDE * seed + layer)
        for seed in range(spec.n_seeds)
    ]
    weights, biases = zip(*drawn, strict=True)
    return torch.stack(weights).requires_grad_(), torch.stack(biases)[:, None]


def _draw(
    initialization: InitializationSpec, factor: float, width: int, seed: int
) -> tuple[Tensor, Tensor]:
    """One layer's weights (D, D) and biases (D,)."""
    if not fits(initialization.name, 2):
        raise SpecError(f"{initialization.name} does not fit the weights of dense layers")
    if initialization.name == "default":
        linear = default_linear(width, width, torch_generator(seed), torch.float64)
        return linear.weight.data, linear.bias.data
    weight_DD = torch.empty(width, width, dtype=torch.float64)
    initialize(weight_DD, initialization.name, factor, initialization.arguments, seed)
    return weight_DD, weight_DD.new_full((width,), initialization.bias or 0.0)


_kept_draw = lru_cache(maxsize=256)(_draw)


def _forward(
    spec: SignalSpec, h_SND: Tensor, parameters: list[tuple[Tensor, Tensor]]
) -> tuple[list[Tensor], list[Tensor], Tensor]:
    phi = ACTIVATIONS[spec.activation].make().double()
    before = spec.placement == "before"
    zs, activations = [], []
    for weight_SDD, bias_S1D in parameters:
        z_SND = torch.baddbmm(bias_S1D, h_SND, weight_SDD.mT)
        a_SND = phi(_normalized(spec, z_SND) if before else z_SND)
        h_SND = a_SND if before else _normalized(spec, a_SND)
        zs.append(z_SND)
        activations.append(a_SND.detach())
    return zs, activations, h_SND


def _normalized(spec: SignalSpec, values_SND: Tensor) -> Tensor:
    """The catalog's normalization in training mode, each seed by itself."""
    if spec.normalization == "none":
        return values_SND
    S, N, D = values_SND.shape
    make, options = NORMALIZATIONS[spec.normalization].make, spec.options
    if spec.normalization == "batch":
        values_NC = values_SND.transpose(0, 1).reshape(N, S * D)
        normalized_NC = make((S * D,), options).double()(values_NC)
        return normalized_NC.reshape(N, S, D).transpose(0, 1)  # type: ignore[no-any-return]
    return make((D,), options).double()(values_SND.reshape(S * N, D)).reshape(S, N, D)  # type: ignore[no-any-return]


def _stack(values: list[Tensor]) -> FloatArray:
    return torch.stack([value.detach() for value in values], dim=1).numpy()
