"""The network's shapes, parameters and work by arithmetic, before anything is allocated."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import assert_never

import torch

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.dropouts import refuse_dropout
from nnviz.catalog.initializers import INITIALIZERS, fits
from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.records import LayerKind
from nnviz.spec.base import SpecError
from nnviz.spec.network import (
    BlockSpec,
    ConvolutionBlock,
    DenseBlock,
    FlattenBlock,
    NetworkSpec,
    PoolBlock,
    ResolvedBlock,
)

Shape = tuple[int, ...]
MAX_PARAMETERS = 2_000_000


@dataclass(frozen=True)
class LayerShape:
    """One block as it will be built; shapes are those of one sample."""

    name: str
    kind: LayerKind
    input_shape: Shape
    output_shape: Shape
    block: BlockSpec | None
    settings: ResolvedBlock | None
    n_parameters: int
    n_multiplications: int


def layer_shapes(
    network: NetworkSpec, input_shape: Shape, n_outputs: int
) -> tuple[LayerShape, ...]:
    """Every block and the output layer in order.

    Raises SpecError where a block does not fit what comes before it or the network has more
    than 2 million parameters.
    """
    try:
        return _layer_shapes(network, tuple(input_shape), n_outputs)
    except RecursionError as error:
        raise SpecError("the network is nested too deeply") from error


@lru_cache(maxsize=256)
def _layer_shapes(
    network: NetworkSpec, input_shape: Shape, n_outputs: int
) -> tuple[LayerShape, ...]:
    shape, layers = input_shape, []
    for number, block in enumerate(network.blocks, start=1):
        layer = _layer(network, block, f"{block.kind}{number}", shape)
        layers.append(layer)
        shape = layer.output_shape
    n_in = math.prod(shape)
    layers.append(
        LayerShape(
            "output", "output", shape, (n_outputs,), None, None,
            n_in * n_outputs + n_outputs, n_in * n_outputs,
        )
    )  # fmt: skip
    total = sum(layer.n_parameters for layer in layers)
    if total > MAX_PARAMETERS:
        raise SpecError(
            f"the network would have {total:,} parameters; at most {MAX_PARAMETERS:,} are allowed"
        )
    return tuple(layers)


def _layer(network: NetworkSpec, block: BlockSpec, name: str, shape: Shape) -> LayerShape:
    match block:
        case DenseBlock():
            n_in, n_out = math.prod(shape), block.width
            return _learned(network, block, name, shape, (n_out,), n_in * n_out, n_in * n_out)
        case ConvolutionBlock():
            _needs_space(name, shape)
            space = tuple(_convolved(size, block, name) for size in shape[1:])
            n_weights = shape[0] * block.channels * block.kernel_size ** len(space)
            work = n_weights * math.prod(space)
            return _learned(network, block, name, shape, (block.channels, *space), n_weights, work)
        case PoolBlock():
            _needs_space(name, shape)
            return LayerShape(name, "pool", shape, _pooled(block, name, shape), block, None, 0, 0)
        case FlattenBlock():
            return LayerShape(name, "flatten", shape, (math.prod(shape),), block, None, 0, 0)
        case _:
            assert_never(block)


def _needs_space(name: str, shape: Shape) -> None:
    if len(shape) == 1:
        raise SpecError(
            f"{name} needs an image or a signal, but gets {shape[0]} plain numbers;"
            " put it before dense and flatten blocks, on digits or mnist1d"
        )


def _convolved(size: int, block: ConvolutionBlock, name: str) -> int:
    out = (size + sum(block.zeros) - block.kernel_size) // block.stride + 1
    if out < 1:
        raise SpecError(f"{name}: a kernel of {block.kernel_size} does not fit {size} positions")
    return out


def _pooled(block: PoolBlock, name: str, shape: Shape) -> Shape:
    if block.method == "global_average":
        return (shape[0], *(1 for _ in shape[1:]))
    if any(size < block.size for size in shape[1:]):
        raise SpecError(f"{name}: a window of {block.size} does not fit {min(shape[1:])} positions")
    return (shape[0], *(size // block.size for size in shape[1:]))


def _learned(
    network: NetworkSpec,
    block: DenseBlock | ConvolutionBlock,
    name: str,
    shape: Shape,
    out: Shape,
    n_weights: int,
    work: int,
) -> LayerShape:
    settings = network.resolved(block)
    normalization = NORMALIZATIONS[settings.normalization]
    for reason in (
        normalization.refuse(out, settings.normalization_options),
        refuse_dropout(settings.dropout_kind, len(out)) if settings.dropout else None,
        _refuse_initializer(block, settings, weight_rank=len(out) + 1),
    ):
        if reason:
            raise SpecError(f"{name}: {reason}")
    n_parameters = n_weights + out[0] + _learned_around(settings, out)
    return LayerShape(name, block.kind, shape, out, block, settings, n_parameters, work)


def _learned_around(settings: ResolvedBlock, out: Shape) -> int:
    """Parameters of normalization and activation; torch's meta device allocates none of them."""
    with torch.device("meta"):
        parts = (
            NORMALIZATIONS[settings.normalization].make(out, settings.normalization_options),
            ACTIVATIONS[settings.activation].make(),
        )
    return sum(parameter.numel() for part in parts for parameter in part.parameters())


def _refuse_initializer(
    block: DenseBlock | ConvolutionBlock, settings: ResolvedBlock, weight_rank: int
) -> str | None:
    name = settings.initialization.name
    if fits(name, weight_rank):
        return None
    low, high = INITIALIZERS[name].ranks
    ranks = f"rank {low}" if low == high else f"ranks {low} to {high}"
    fitting = "dense layers" if low == 2 else "convolutions"
    return f"{name} fits weights of {ranks} ({fitting}), and this {block.kind} has {weight_rank}"
