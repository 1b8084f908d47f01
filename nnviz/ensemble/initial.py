"""The initial weights of many seeds, drawn into one network again and again.

What `build_network` draws for a seed is drawn here without building the network: most of its
time goes to making modules. Shapes: R replicates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import nn

from nnviz.network import build_network, draw_weights
from nnviz.recorders.parts import learned_part
from nnviz.spec import ExperimentSpec

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
    for seed in seeds[1:]:
        for layer in spec.layer_shapes:
            learned = learned_part(first.get_submodule(layer.name))
            if learned is not None:
                draw_weights(learned, spec.network, layer, seed)
        yield first


def _built(spec: ExperimentSpec, seed: int) -> nn.Module:
    data = spec.data
    return build_network(spec.network, data.entry.input_shape, data.n_outputs, seed)


def _only_weights_are_drawn(network: nn.Module) -> bool:
    others = (nn.Sequential, nn.Linear, nn.Conv1d, nn.Conv2d, *_DRAWS_NOTHING)
    return all(isinstance(m, others) or not list(m.parameters()) for m in network.modules())
