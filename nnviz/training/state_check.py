"""Whether a saved training is one that its spec could have reached: names, shapes, counters."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from nnviz.catalog.optimizers import OPTIMIZERS
from nnviz.network import build_network
from nnviz.records import DivergenceRecord
from nnviz.spec import ExperimentSpec, OptimizerSpec, SpecError

MAX_COUNT = 2**53
_QUANTITIES = ("activation", "gradient", "weight", "loss")
_LATER = "momentum_buffer"  # kept from the first update with momentum on


def check_tensors(
    spec: ExperimentSpec,
    parameters: Mapping[str, Tensor],
    buffers: Mapping[str, Tensor],
    optimizer: Mapping[str, Tensor],
) -> None:
    """Raise SpecError where a tensor is missing, unknown, or of another shape or type."""
    network = build_network(spec.network, spec.data.sample, spec.data.output_shape)
    _check_same("parameter", parameters, dict(network.named_parameters()))
    _check_same("buffer", buffers, dict(network.named_buffers()))
    if optimizer:
        _check_memory(optimizer, _memory_of(spec.training.optimizer), spec.n_parameters)


def check_place(
    spec: ExperimentSpec, step: int, epoch: int, position: int, divergence: DivergenceRecord | None
) -> None:
    """Raise SpecError where a counter is out of its range or the divergence names no layer."""
    if not (0 <= step <= MAX_COUNT and 0 <= epoch <= MAX_COUNT):
        raise SpecError("the saved training's step and epoch can't be negative")
    if not 0 <= position < spec.data.n_train:
        raise SpecError(f"position must be below {spec.data.n_train}; got {position}")
    if divergence is None:
        return
    names = {layer.name for layer in spec.layer_shapes}
    known = divergence.layer in names and divergence.quantity in _QUANTITIES
    if not known or type(divergence.step) is not int:
        raise SpecError("the saved training's divergence names no layer of its network")


def _memory_of(asked: OptimizerSpec) -> dict[str, Tensor]:
    """What the optimizer keeps of a parameter of two numbers."""
    parameter = nn.Parameter(torch.zeros(2))
    parameter.grad = torch.zeros(2)
    made = OPTIMIZERS[asked.name].make(parameter, 1.0, 0.0, asked.arguments)
    made.step()
    return {name: t for name, t in made.state[parameter].items() if isinstance(t, Tensor)}


def _check_memory(
    memory: Mapping[str, Tensor], expected: Mapping[str, Tensor], n_parameters: int
) -> None:
    if memory.keys() - {_LATER} != expected.keys() - {_LATER}:
        raise SpecError("the saved optimizer is another than the training's")
    for name, tensor in memory.items():
        scalar = name in expected and expected[name].dim() == 0
        if tensor.shape != (() if scalar else (n_parameters,)) or tensor.dtype != torch.float32:
            raise SpecError(f"the saved optimizer's {name} has the wrong shape or type")
        if scalar and not (math.isfinite(float(tensor)) and float(tensor) >= 0):
            raise SpecError(f"the saved optimizer's {name} can't be {float(tensor)}")


def _check_same(what: str, saved: Mapping[str, Tensor], built: Mapping[str, Tensor]) -> None:
    if saved.keys() != built.keys():
        raise SpecError(f"the saved {what}s are those of another network")
    for name, tensor in built.items():
        if saved[name].shape != tensor.shape or saved[name].dtype != tensor.dtype:
            raise SpecError(f"the saved {what} {name} has the wrong shape or type")
