"""From a NetworkSpec to an nn.Sequential of named blocks with their initial weights.

Each block is itself a Sequential of named parts in the order of computation: `flatten` where
needed, `linear` or `convolution`, then `normalization`, `activation` and `dropout` as placed.
Weights are drawn from the seed and the block's name alone: two networks share the initial weights
of every part whose name and shape agree, whatever else differs.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

from nnviz.catalog.activations import ACTIVATIONS, gain
from nnviz.catalog.dropouts import make_dropout
from nnviz.catalog.initializers import fits, initialize
from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.seeds import derived_seed
from nnviz.spec import (
    ConvolutionBlock,
    InitializationSpec,
    LayerShape,
    NetworkSpec,
    PoolBlock,
    layer_shapes,
)


def build_network(
    spec: NetworkSpec, input_shape: tuple[int, ...], n_outputs: int, seed: int = 0
) -> nn.Sequential:
    """The network in training mode on the CPU; its output are logits or values, (N, n_outputs).

    Raises SpecError where the blocks do not fit. The caller's random state is left as it was.
    """
    layers = layer_shapes(spec, input_shape, n_outputs)
    with torch.random.fork_rng(devices=[]):
        return nn.Sequential(
            OrderedDict((layer.name, _block(spec, layer, seed)) for layer in layers)
        )


def bias_has_no_effect(block: nn.Module) -> bool:
    """Whether the block's bias feeds straight into a normalization that subtracts it again."""
    changes = [part for part in block.children() if not isinstance(part, nn.Flatten | nn.Identity)]
    subtracts = (nn.BatchNorm1d, nn.BatchNorm2d, nn.InstanceNorm1d, nn.InstanceNorm2d)
    return len(changes) > 1 and isinstance(changes[1], subtracts)


def _block(spec: NetworkSpec, layer: LayerShape, seed: int) -> nn.Sequential:
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    if isinstance(layer.block, PoolBlock):
        parts["pool"] = _pool(layer.block, len(layer.input_shape))
        return nn.Sequential(parts)
    if len(layer.input_shape) > 1 and layer.kind != "convolution":
        parts["flatten"] = nn.Flatten()
    if layer.kind == "flatten":
        return nn.Sequential(parts or OrderedDict(flatten=nn.Flatten()))
    torch.default_generator.manual_seed(derived_seed(seed, layer.name))
    learned = _learned(layer)
    parts["convolution" if layer.kind == "convolution" else "linear"] = learned
    _initialize(learned, spec, layer, seed)
    if layer.settings is not None:
        parts.update(_after(layer))
    return nn.Sequential(parts)


def _learned(layer: LayerShape) -> nn.Linear | nn.Conv1d | nn.Conv2d:
    block = layer.block
    if isinstance(block, ConvolutionBlock):
        padding = block.kernel_size // 2 if block.padding == "same" else 0
        kind = nn.Conv1d if len(layer.input_shape) == 2 else nn.Conv2d
        return kind(layer.input_shape[0], block.channels, block.kernel_size, block.stride, padding)
    n_in = int(torch.Size(layer.input_shape).numel())
    return nn.Linear(n_in, layer.output_shape[0])


def _initialize(
    learned: nn.Linear | nn.Conv1d | nn.Conv2d, spec: NetworkSpec, layer: LayerShape, seed: int
) -> None:
    """Weights by the block's initializer; the output layer by the network's where it fits."""
    settings = layer.settings
    chosen: InitializationSpec = settings.initialization if settings else spec.initialization
    if chosen.name == "default" or not fits(chosen.name, learned.weight.dim()):
        return
    factor = gain(settings.activation if settings else "identity")
    weight: Tensor = learned.weight
    initialize(weight, chosen.name, factor, chosen.arguments, derived_seed(seed, layer.name, "w"))
    if learned.bias is not None:
        nn.init.constant_(learned.bias, chosen.bias or 0.0)


def _after(layer: LayerShape) -> OrderedDict[str, nn.Module]:
    settings = layer.settings
    assert settings is not None
    parts = OrderedDict(activation=ACTIVATIONS[settings.activation].make())
    if settings.normalization != "none":
        parts["normalization"] = NORMALIZATIONS[settings.normalization].make(
            layer.output_shape, settings.normalization_options
        )
        if settings.placement == "before":
            parts.move_to_end("activation")
    if settings.dropout:
        parts["dropout"] = make_dropout(
            settings.dropout_kind, len(layer.output_shape), settings.dropout
        )
    return parts


def _pool(block: PoolBlock, rank: int) -> nn.Module:
    if block.method == "global_average":
        return nn.AdaptiveAvgPool1d(1) if rank == 2 else nn.AdaptiveAvgPool2d(1)
    if block.method == "max":
        return nn.MaxPool1d(block.size) if rank == 2 else nn.MaxPool2d(block.size)
    return nn.AvgPool1d(block.size) if rank == 2 else nn.AvgPool2d(block.size)
