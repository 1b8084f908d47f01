"""From a NetworkSpec to an nn.Sequential of named blocks with their initial weights.

Each block is itself a Sequential of named parts in the order of computation: what the kind computes
(`linear` or `convolution`, behind `flatten` or `padding` where needed), then `normalization`,
`activation` and `dropout` as placed; a residual block holds blocks. Weights are drawn from the
seed and the block's name alone: two networks share the initial weights of every part whose name
and shape agree, whatever else differs.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

from torch import nn

from nnviz.blocks.initialization import InitializationSpec
from nnviz.blocks.learned import LearnedBlock
from nnviz.blocks.output import OutputBlock
from nnviz.blocks.residual import Residual, ResidualBlock
from nnviz.blocks.sample import Sample, Shape
from nnviz.catalog.activations import gain
from nnviz.catalog.calls import Call
from nnviz.catalog.initializers import Learned, fill_by_default, fill_from, fill_of, fits, made
from nnviz.randomness import lent, torch_generator
from nnviz.seeds import derived_seed
from nnviz.spec import LayerShape, NetworkSpec, layer_shapes


def build_network(
    spec: NetworkSpec, arrives: Shape | Sample, output: int | Shape, seed: int = 0
) -> nn.Sequential:
    """The network in training mode on the CPU; its output are logits or values, (N, *output).

    Raises SpecError where the blocks do not fit. The caller's random state is left as it was.
    """
    return nn.Sequential(_blocks(spec, layer_shapes(spec, arrives, output), seed))


def draw_weights(learned: Any, spec: NetworkSpec, layer: LayerShape, seed: int) -> None:
    """The initial weights and biases of a layer, from the seed and the layer's name alone."""
    if not isinstance(learned, Learned):
        with lent(torch_generator(derived_seed(seed, layer.name))):
            learned.reset_parameters()
        return
    if (fill := weight_fill(spec, layer)) is None:
        fill_by_default(learned, torch_generator(derived_seed(seed, layer.name)))
        return
    fill_from(derived_seed(seed, layer.name, "w"), fill, learned.weight)
    if learned.bias is not None:
        nn.init.constant_(learned.bias, initialization_of(spec, layer).bias or 0.0)


def dropouts_of(layer: LayerShape) -> dict[str, Shape]:
    """Each dropout layer of a block by its path in it, and the samples that it gets."""
    inside = {f"{layer.core.learned}.{path}": got for path, got in layer.core.dropouts.items()}
    around = layer.settings is not None and layer.settings.dropout
    return {**inside, **({"dropout": layer.output_shape} if around else {})}


def bias_has_no_effect(block: nn.Module) -> bool:
    """Whether the block's bias feeds straight into a normalization that subtracts it again."""
    moves = nn.Flatten | nn.Identity | nn.ZeroPad1d | nn.ZeroPad2d | nn.ZeroPad3d
    changes = [part for part in block.children() if not isinstance(part, moves)]
    subtracts = nn.modules.batchnorm._BatchNorm | nn.modules.instancenorm._InstanceNorm
    return len(changes) > 1 and isinstance(changes[1], subtracts)


def part_calls(layer: LayerShape) -> dict[str, Call]:
    """The parts of a block in the order of computation, each to be made or to be written."""
    around = layer.settings.after(layer.output_shape) if layer.settings else {}
    return {**layer.core.parts, **around}


def _blocks(
    spec: NetworkSpec, layers: Iterable[LayerShape], seed: int
) -> OrderedDict[str, nn.Module]:
    """The blocks of one level; those inside a residual one stand before it."""
    found: OrderedDict[str, nn.Module] = OrderedDict()
    inside: OrderedDict[str, nn.Module] = OrderedDict()
    for layer in layers:
        *_, own = layer.name.rpartition(".")
        if isinstance(layer.block, ResidualBlock):
            found[own], inside = Residual(inside), OrderedDict()
        elif own != layer.name:
            inside[own] = _block(spec, layer, seed)
        else:
            found[own] = _block(spec, layer, seed)
    return found


def _block(spec: NetworkSpec, layer: LayerShape, seed: int) -> nn.Sequential:
    is_blank = isinstance(layer.block, LearnedBlock | OutputBlock)
    with nullcontext() if is_blank else lent(torch_generator(0)):
        parts = OrderedDict((name, made(call)) for name, call in part_calls(layer).items())
    if layer.core.learned:
        draw_weights(parts[layer.core.learned], spec, layer, seed)
    return nn.Sequential(parts)


def weight_fill(spec: NetworkSpec, layer: LayerShape) -> Call | None:
    """What fills a layer's weights at the start; None where torch's own start stays.

    By the block's initializer; the output layer by the network's, where it fits. What is neither
    linear nor a convolution starts as torch starts it.
    """
    if not isinstance(layer.block, LearnedBlock | OutputBlock):
        return None
    chosen = initialization_of(spec, layer)
    if not fits(chosen.name, len(layer.output_shape) + 1):
        return None
    factor = gain(layer.settings.activation if layer.settings else "identity")
    return fill_of(chosen.name, factor, chosen.arguments)


def initialization_of(spec: NetworkSpec, layer: LayerShape) -> InitializationSpec:
    """How a layer with weights is asked to start."""
    return layer.settings.initialization if layer.settings else spec.initialization
