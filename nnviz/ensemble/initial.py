"""The initial weights of many seeds, drawn into one network again and again.

What `build_network` draws for a seed is drawn here without building the network: most of its
time goes to making modules. Shapes: R replicates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import nn

from nnviz.catalog.initializers import Learned
from nnviz.network import build_network, draw_weights
from nnviz.spec import ExperimentSpec

_DRAWS_NOTHING = (
    nn.modules.batchnorm._NormBase,
    nn.GroupNorm,
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
            if layer.core.learned:
                learned = first.get_submodule(f"{layer.name}.{layer.core.learned}")
                draw_weights(learned, spec.network, layer, seed)
        yield first


def _built(spec: ExperimentSpec, seed: int) -> nn.Module:
    return build_network(spec.network, spec.data.sample, spec.data.output_shape, seed)


def _only_weights_are_drawn(network: nn.Module) -> bool:
    others = (nn.Sequential, Learned, *_DRAWS_NOTHING)
    return all(isinstance(m, others) or not list(m.parameters()) for m in network.modules())
