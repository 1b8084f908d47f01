"""From a NetworkSpec to an nn.Sequential of named blocks with their initial weights.

Each block is itself a Sequential of named parts in the order of computation: `flatten` or `padding`
where needed, `linear` or `convolution`, then `normalization`, `activation` and `dropout` as placed.
Weights are drawn from the seed and the block's name alone: two networks share the initial weights
of every part whose name and shape agree, whatever else differs.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import assert_never

from torch import nn

from nnviz.catalog.activations import ACTIVATIONS, gain
from nnviz.catalog.calls import Call
from nnviz.catalog.dropouts import DROPOUT_KINDS
from nnviz.catalog.initializers import (
    Learned,
    fill_by_default,
    fill_from,
    fill_of,
    fits,
    undrawn,
)
from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.randomness import torch_generator
from nnviz.seeds import derived_seed
from nnviz.spec import (
    ConvolutionBlock,
    DenseBlock,
    FlattenBlock,
    InitializationSpec,
    LayerShape,
    NetworkSpec,
    PoolBlock,
    layer_shapes,
)

WITH_WEIGHTS = ("linear", "convolution")
"""Parts whose weights are drawn by the block's initializer; a block has one at most."""


def build_network(
    spec: NetworkSpec, input_shape: tuple[int, ...], n_outputs: int, seed: int = 0
) -> nn.Sequential:
    """The network in training mode on the CPU; its output are logits or values, (N, n_outputs).

    Raises SpecError where the blocks do not fit. The caller's random state is left as it was.
    """
    layers = layer_shapes(spec, input_shape, n_outputs)
    return nn.Sequential(OrderedDict((layer.name, _block(spec, layer, seed)) for layer in layers))


def draw_weights(learned: Learned, spec: NetworkSpec, layer: LayerShape, seed: int) -> None:
    """The initial weights and biases of a layer, from the seed and the layer's name alone."""
    if (fill := weight_fill(spec, layer)) is None:
        fill_by_default(learned, torch_generator(derived_seed(seed, layer.name)))
        return
    fill_from(derived_seed(seed, layer.name, "w"), fill, learned.weight)
    if learned.bias is not None:
        nn.init.constant_(learned.bias, initialization_of(spec, layer).bias or 0.0)


def bias_has_no_effect(block: nn.Module) -> bool:
    """Whether the block's bias feeds straight into a normalization that subtracts it again."""
    moves = nn.Flatten | nn.Identity | nn.ZeroPad1d | nn.ZeroPad2d
    changes = [part for part in block.children() if not isinstance(part, moves)]
    subtracts = (nn.BatchNorm1d, nn.BatchNorm2d, nn.InstanceNorm1d, nn.InstanceNorm2d)
    return len(changes) > 1 and isinstance(changes[1], subtracts)


def part_calls(layer: LayerShape) -> dict[str, Call]:
    """The parts of a block in the order of computation, each to be made or to be written."""
    rank = len(layer.input_shape)
    match layer.block:
        case PoolBlock() as pool:
            return {"pool": _pool(pool, rank)}
        case FlattenBlock():
            return {"flatten": Call(nn.Flatten)}
        case ConvolutionBlock() as block:
            return {**_convolution(block, layer.input_shape), **_after(layer)}
        case DenseBlock() | None:  # None is the output layer
            flatten = {"flatten": Call(nn.Flatten)} if rank > 1 else {}
            linear = Call(nn.Linear, math.prod(layer.input_shape), layer.output_shape[0])
            return {**flatten, "linear": linear, **_after(layer)}
        case _:
            assert_never(layer.block)


def _block(spec: NetworkSpec, layer: LayerShape, seed: int) -> nn.Sequential:
    parts = OrderedDict((name, _made(call)) for name, call in part_calls(layer).items())
    learned = next((parts[name] for name in WITH_WEIGHTS if name in parts), None)
    if isinstance(learned, Learned):
        draw_weights(learned, spec, layer, seed)
    return nn.Sequential(parts)


def _made(call: Call) -> nn.Module:
    """One part; a layer with weights stays blank: left alone it would draw from everybody's."""
    if isinstance(call.function, type) and issubclass(call.function, Learned):
        return undrawn(call.function, *call.values, **call.named)
    part: nn.Module = call()
    return part


def _convolution(block: ConvolutionBlock, input_shape: tuple[int, ...]) -> dict[str, Call]:
    """The convolution; before it zeros in a part of their own where the two sides differ."""
    before, behind = block.zeros
    in_space = len(input_shape) - 1
    kind = nn.Conv1d if in_space == 1 else nn.Conv2d
    sizes = input_shape[0], block.channels, block.kernel_size
    if before == behind:
        call = Call(kind, *sizes, stride=block.stride, padding=before)
        return {"convolution": call}
    pad = nn.ZeroPad1d if in_space == 1 else nn.ZeroPad2d
    padding = Call(pad, (before, behind) * in_space)
    return {"padding": padding, "convolution": Call(kind, *sizes, stride=block.stride)}


def weight_fill(spec: NetworkSpec, layer: LayerShape) -> Call | None:
    """What fills a layer's weights at the start; None where torch's own start stays.

    By the block's initializer; the output layer by the network's, where it fits.
    """
    chosen = initialization_of(spec, layer)
    if not fits(chosen.name, len(layer.output_shape) + 1):
        return None
    factor = gain(layer.settings.activation if layer.settings else "identity")
    return fill_of(chosen.name, factor, chosen.arguments)


def initialization_of(spec: NetworkSpec, layer: LayerShape) -> InitializationSpec:
    """How a layer with weights is asked to start."""
    return layer.settings.initialization if layer.settings else spec.initialization


def _after(layer: LayerShape) -> dict[str, Call]:
    """What follows the weights: normalization, activation and dropout as placed."""
    settings, shape = layer.settings, layer.output_shape
    if settings is None:
        return {}
    parts = {"activation": ACTIVATIONS[settings.activation].call}
    if settings.normalization != "none":
        entry = NORMALIZATIONS[settings.normalization]
        normalization = {"normalization": entry.call(shape, settings.normalization_options)}
        before = settings.placement == "before"
        parts = {**normalization, **parts} if before else {**parts, **normalization}
    if settings.dropout:
        kind = DROPOUT_KINDS[settings.dropout_kind]
        parts["dropout"] = kind.call(len(shape), settings.dropout)
    return parts


def _pool(block: PoolBlock, rank: int) -> Call:
    match block.method:
        case "global_average":
            return Call(nn.AdaptiveAvgPool1d if rank == 2 else nn.AdaptiveAvgPool2d, 1)
        case "max":
            return Call(nn.MaxPool1d if rank == 2 else nn.MaxPool2d, block.size)
        case "average":
            return Call(nn.AvgPool1d if rank == 2 else nn.AvgPool2d, block.size)
        case _:
            assert_never(block.method)
