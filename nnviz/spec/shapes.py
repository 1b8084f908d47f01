"""The network's shapes, parameters and work by arithmetic, before anything is allocated."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import torch

from nnviz.base import SpecError
from nnviz.blocks import BlockSpec
from nnviz.blocks.kind import Core
from nnviz.blocks.learned import LearnedBlock, ResolvedBlock
from nnviz.blocks.output import OutputBlock
from nnviz.blocks.residual import ResidualBlock
from nnviz.blocks.sample import Sample, Shape
from nnviz.catalog.calls import Call
from nnviz.catalog.initializers import made
from nnviz.spec.network import NetworkSpec

MAX_PARAMETERS = 2_000_000
MAX_LAYERS = 128
"""Counting parameters takes up to two milliseconds a layer."""


@dataclass(frozen=True)
class LayerShape:
    """One block as it will be built; shapes are those of one sample.

    A block inside a residual one has the name "outer.inner"; it stands before the outer one.
    """

    name: str
    arrives: Sample
    output: Sample
    block: BlockSpec | OutputBlock
    settings: ResolvedBlock | None
    n_parameters: int
    core: Core = field(compare=False)

    @property
    def kind(self) -> str:
        """The kind of block."""
        return self.block.kind

    @property
    def input_shape(self) -> Shape:
        """Shape of what arrives."""
        return self.arrives.shape

    @property
    def output_shape(self) -> Shape:
        """Shape of what comes out."""
        return self.output.shape

    @property
    def n_multiplications(self) -> int:
        """In a forward pass of one sample."""
        return self.core.n_multiplications

    @property
    def n_numbers(self) -> int:
        """What a forward pass of one sample leaves for the backward one."""
        return math.prod(self.output.shape) + self.core.n_inside


def layer_shapes(
    network: NetworkSpec, arrives: Shape | Sample, output: int | Shape
) -> tuple[LayerShape, ...]:
    """Every block and the output layer in order, for such samples and so many answers.

    Raises SpecError where a block does not fit what comes before it or the network has more
    than 2 million parameters or 128 layers.
    """
    sample = arrives if isinstance(arrives, Sample) else Sample(tuple(arrives))
    answers = (output,) if isinstance(output, int) else tuple(output)
    try:
        return _layer_shapes(network, sample, answers)
    except RecursionError as error:
        raise SpecError("the network is nested too deeply") from error


@lru_cache(maxsize=256)
def _layer_shapes(network: NetworkSpec, arrives: Sample, answers: Shape) -> tuple[LayerShape, ...]:
    if (depth := sum(block.n_layers for block in network.blocks)) > MAX_LAYERS:
        raise SpecError(
            f"the network would have {depth} layers behind each other; at most {MAX_LAYERS} are"
            " allowed"
        )
    layers = [*_of_blocks(network, network.blocks, arrives, "")]
    arrives = layers[-1].output if layers else arrives
    layers.append(_layer(network, OutputBlock(shape=answers), "output", arrives))
    total = sum(layer.n_parameters for layer in layers)
    if total > MAX_PARAMETERS:
        raise SpecError(
            f"the network would have {total:,} parameters; at most {MAX_PARAMETERS:,} are allowed"
        )
    return tuple(layers)


def _of_blocks(
    network: NetworkSpec, blocks: tuple[BlockSpec, ...], arrives: Sample, inside: str
) -> Iterator[LayerShape]:
    for number, block in enumerate(blocks, start=1):
        name = f"{inside}{block.kind}{number}"
        if isinstance(block, ResidualBlock):
            _check_numbers(name, block, arrives)
            within = tuple(_of_blocks(network, block.blocks, arrives, f"{name}."))
            yield from within
            _check_sum(name, arrives, within[-1].output)
            layer = LayerShape(name, arrives, arrives, block, None, 0, Core(arrives, {}))
        else:
            layer = _layer(network, block, name, arrives)
        yield layer
        arrives = layer.output


def _check_numbers(name: str, block: BlockSpec | OutputBlock, arrives: Sample) -> None:
    if arrives.vocabulary and block.needs != "tokens":
        raise SpecError(
            f"{name}: needs numbers, but gets {arrives.shape[-1]} tokens; put an embedding before"
            " it"
        )


def _check_sum(name: str, arrives: Sample, given: Sample) -> None:
    if arrives.shape != given.shape:
        raise SpecError(
            f"{name}: what arrives, {arrives.shape}, is added to what its blocks give,"
            f" {given.shape}; let the last of them give {arrives.shape}"
        )


def _layer(
    network: NetworkSpec, block: BlockSpec | OutputBlock, name: str, arrives: Sample
) -> LayerShape:
    _check_numbers(name, block, arrives)
    try:
        core = block.core(arrives)
        settings = network.resolved(block) if isinstance(block, LearnedBlock) else None
        shape = core.output.shape
        if settings and (reason := settings.refusal(shape, len(shape) + 1)):
            raise SpecError(reason)
        after = settings.after(shape) if settings else {}
    except SpecError as error:
        raise SpecError(f"{name}: {error}") from error
    return LayerShape(name, arrives, core.output, block, settings, _n_learned(core, after), core)


def _n_learned(core: Core, after: Mapping[str, Call]) -> int:
    """Parameters of all parts; torch's meta device allocates none of them."""
    with torch.device("meta"):
        parts = [made(call) for call in (*core.parts.values(), *after.values())]
    return sum(parameter.numel() for part in parts for parameter in part.parameters())
