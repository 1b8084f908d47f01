"""The initial weights of many seeds, drawn into one network again and again.

What `build_network` draws for a seed is drawn here without building the network: most of its
time goes to making modules. Shapes: R replicates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from nnviz.catalog.activations import gain
from nnviz.catalog.initializers import INITIALIZERS, fits
from nnviz.network import build_network
from nnviz.recorders.parts import learned_part
from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec, LayerShape

_DRAWS_NOTHING = (
    nn.BatchNorm1d,
    nn.BatchNorm2d,
    nn.GroupNorm,
    nn.InstanceNorm1d,
    nn.InstanceNorm2d,
    nn.LayerNorm,
    nn.PReLU,
)


def initial_networks(spec: ExperimentSpec, seeds: Sequence[int]) -> Iterator[nn.Module]:
    """The network of each seed in turn, possibly the same object with other weights."""
    first = _built(spec, seeds[0])
    yield first
    if not _only_weights_are_drawn(first):
        yield from (_built(spec, seed) for seed in seeds[1:])
        return
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        for seed in seeds[1:]:
            for layer in spec.layer_shapes:
                _redraw(first, spec, layer, seed)
            yield first


def _built(spec: ExperimentSpec, seed: int) -> nn.Module:
    data = spec.data
    return build_network(spec.network, data.entry.input_shape, data.n_outputs, seed)


def _only_weights_are_drawn(network: nn.Module) -> bool:
    others = (nn.Sequential, nn.Linear, nn.Conv1d, nn.Conv2d, *_DRAWS_NOTHING)
    return all(isinstance(m, others) or not list(m.parameters()) for m in network.modules())


def _redraw(network: nn.Module, spec: ExperimentSpec, layer: LayerShape, seed: int) -> None:
    learned = learned_part(network.get_submodule(layer.name))
    if learned is None:
        return
    chosen = layer.settings.initialization if layer.settings else spec.network.initialization
    entry = INITIALIZERS[chosen.name]
    weight: Tensor = learned.weight
    if entry.fill is None or not fits(chosen.name, weight.dim()):
        torch.default_generator.manual_seed(derived_seed(seed, layer.name))
        learned.reset_parameters()
        return
    arguments = {**entry.arguments, **chosen.arguments}
    values = {name: value for name, value in arguments.items() if value is not None}
    factor = gain(layer.settings.activation if layer.settings else "identity")
    torch.default_generator.manual_seed(derived_seed(seed, layer.name, "w"))
    entry.fill(weight, float(values.pop("gain", factor)), values)
    if learned.bias is not None:
        nn.init.constant_(learned.bias, chosen.bias or 0.0)
