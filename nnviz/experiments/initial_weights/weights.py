"""A weight tensor as its initializer draws it."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.catalog.activations import gain
from nnviz.catalog.initializers import (
    INITIALIZERS,
    fill_by_default,
    fits,
    initialize,
    undrawn,
)
from nnviz.experiments.initial_weights.records import WeightRecord
from nnviz.experiments.signal_propagation import weight_moments
from nnviz.randomness import torch_generator
from nnviz.spec import InitializationSpec, SpecError

N_BINS = 60
LAYER_KINDS = {"dense": 2, "convolution over signals": 3, "convolution over images": 4}
"""Kind of layer → rank of its weight tensor."""


def draw_weights(
    initialization: InitializationSpec, activation: str, shape: tuple[int, ...], seed: int = 0
) -> WeightRecord:
    """The tensor of that shape (outputs, inputs, …kernel) with its fans, gain and spectrum.

    fan_in = size(1)·receptive field, fan_out = size(0)·receptive field (science §5). Errors:
    SpecError where the initializer does not fit the rank, naming the layers it does fit.
    """
    if refusal := misfit(initialization.name, len(shape)):
        raise SpecError(refusal)
    weight = _drawn(initialization, activation, shape, seed)
    fan_in, fan_out = math.prod(shape[1:]), shape[0] * math.prod(shape[2:])
    moments = weight_moments(initialization, activation, fan_in, fan_out, rows=shape[0])
    matrix_RC = weight.reshape(shape[0], -1)
    values = weight.numpy()
    reach = float(np.abs(values).max()) or 1.0
    counts_B, edges_B = np.histogram(values, bins=N_BINS, range=(-reach * 1.02, reach * 1.02))
    return WeightRecord(
        shape=shape,
        weight_RC=matrix_RC.numpy(),
        fan_in=fan_in,
        fan_out=fan_out,
        gain=gain_in_force(initialization, activation),
        mean=float(values.mean()),
        std=float(values.std()),
        expected_mean=moments[0] if moments else None,
        expected_std=math.sqrt(moments[1]) if moments else None,
        edges_B=edges_B,
        share_B=counts_B / values.size,
        singular_K=torch.linalg.svdvals(matrix_RC).numpy(),
    )


def misfit(name: str, rank: int) -> str | None:
    """Why an initializer does not apply to tensors of this rank, or None."""
    if fits(name, rank):
        return None
    kinds = [kind for kind, its_rank in LAYER_KINDS.items() if fits(name, its_rank)]
    low, high = INITIALIZERS[name].ranks
    ranks = f"rank {low}" if low == high else f"rank {low} to {high}"
    return f"{name} is for weights of {ranks} ({', '.join(kinds)}); this layer's have rank {rank}."


def gain_in_force(initialization: InitializationSpec, activation: str) -> float | None:
    """The gain that the initializer multiplies with, None where it has none."""
    if "gain" not in INITIALIZERS[initialization.name].arguments:
        return None
    return gain(activation) if initialization.gain is None else initialization.gain


SIZES = ("gain", "mean", "std", "a", "b", "value")
"""Arguments that all weights grow with."""


def scaled(
    initialization: InitializationSpec, activation: str, factor: float
) -> InitializationSpec | None:
    """The same initializer with every weight times `factor`; None where it has no such argument.

    Raises ValidationError where an argument would leave its bounds.
    """
    known = INITIALIZERS[initialization.name].arguments
    values = {**known, **initialization.arguments}
    own = {name: values[name] for name in SIZES if name in values}
    if not own:
        return None
    if own.get("gain", 0.0) is None:
        own["gain"] = gain(activation)
    grown = {name: float(f"{factor * float(value or 0):.4g}") for name, value in own.items()}
    document = {**initialization.model_dump(exclude_none=True), **grown}
    return InitializationSpec.model_validate(document)


def _drawn(
    initialization: InitializationSpec, activation: str, shape: tuple[int, ...], seed: int
) -> Tensor:
    if initialization.name == "default":
        return _torch_default(shape, seed)
    weight = torch.empty(shape, dtype=torch.float64)
    arguments = initialization.arguments
    initialize(weight, initialization.name, gain(activation), arguments, seed)
    return weight


def _torch_default(shape: tuple[int, ...], seed: int) -> Tensor:
    kind = {2: nn.Linear, 3: nn.Conv1d, 4: nn.Conv2d}[len(shape)]
    layer = undrawn(kind, shape[1], shape[0], *shape[2:3], dtype=torch.float64)
    fill_by_default(layer, torch_generator(seed))
    weight: Tensor = layer.weight.data
    return weight
