"""One architecture, many networks: its parts in their batched form, and their numbers.

Shapes: R replicates, B points, P numbers of one network. Parameter k of all networks is one
contiguous block (R, …) of a flat tensor of R·P numbers, so that torch's kernels read it without
copies and an elementwise optimizer takes one step for all networks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from nnviz.ensemble import layers, normalizations
from nnviz.ensemble.dropouts import dropout
from nnviz.ensemble.initial import initial_networks
from nnviz.ensemble.layout import Layer, Pass, is_flat, joined
from nnviz.ensemble.one_by_one import one_by_one
from nnviz.ensemble.tanh import tanh
from nnviz.spec import ExperimentSpec

_POOLS = (nn.MaxPool1d, nn.MaxPool2d, nn.AvgPool1d, nn.AvgPool2d)
_GLOBAL_POOLS = (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d)


class BatchedNetwork:
    """The networks of all seeds, computing together; training batches have `n_rows` at most."""

    def __init__(
        self, spec: ExperimentSpec, seeds: Sequence[int], device: torch.device, n_rows: int
    ) -> None:
        self.n_replicates, self._n_rows = len(seeds), n_rows
        network, blocks = _end_to_end(spec, seeds)
        self._shapes = {name: tensor.shape for name, tensor in network.state_dict().items()}
        self._statistics = {
            name: blocks.pop(name).view(-1).to(device) for name, _ in network.named_buffers()
        }
        self.leaves: dict[str, Tensor] = {}
        self._flatten(blocks, device)
        self.one_by_one: list[str] = []
        self._starts_flat = True
        self._layers: list[Layer] = []
        self._assemble(spec, network.to(device), seeds)

    def __call__(self, x_RB: Tensor, training: bool, step: int = 0, start: int = 0) -> Tensor:
        """Outputs (R, C, B) for inputs (R, B, …) of the replicates from `start` on."""
        n, tensors = len(x_RB), {**self.leaves, **self._statistics}
        if n < self.n_replicates:
            tensors = {
                name: tensor.unflatten(0, (self.n_replicates, -1))[start : start + n].flatten(0, 1)
                for name, tensor in tensors.items()
            }
        run = Pass(tensors, n, training, step)
        x = joined(x_RB.flatten(2) if self._starts_flat else x_RB, self._starts_flat)
        for layer in self._layers:
            x = layer(x, run)
        return x

    @property
    def parameters(self) -> dict[str, Tensor]:
        """Every parameter by its name in one network, (R, …)."""
        return self._by_replicate(self.leaves)

    @property
    def buffers(self) -> dict[str, Tensor]:
        """Every buffer by its name in one network, (R, …)."""
        return self._by_replicate(self._statistics)

    def _by_replicate(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {
            name: tensor.detach().view(self.n_replicates, *self._shapes[name])
            for name, tensor in tensors.items()
        }

    def _flatten(self, blocks: Mapping[str, Tensor], device: torch.device) -> None:
        flat = torch.cat([block.flatten() for block in blocks.values()]).to(device)
        self.flat, self.gradient = nn.Parameter(flat), torch.zeros_like(flat)
        self.flat.grad, self.penalized = self.gradient, torch.zeros_like(flat)
        start = 0
        for name, block in blocks.items():
            end = start + block.numel()
            self.leaves[name] = flat[start:end].view(block.shape).requires_grad_()
            self.penalized[start:end] = float(block.dim() > 1)
            start = end

    def _assemble(self, spec: ExperimentSpec, network: nn.Module, seeds: Sequence[int]) -> None:
        first = True
        for shape in spec.layer_shapes:
            sample = shape.input_shape
            for name, part in network.get_submodule(shape.name).named_children():
                flattens = isinstance(part, nn.Flatten)
                if first:
                    self._starts_flat, first = is_flat(sample) or flattens, False
                    sample = (-1,) if flattens else sample
                if not (flattens and is_flat(sample)):
                    self._layers.append(self._batched(f"{shape.name}.{name}", part, sample, seeds))
                sample = shape.output_shape if not flattens else (-1,)

    def _batched(
        self, name: str, part: nn.Module, sample: tuple[int, ...], seeds: Sequence[int]
    ) -> Layer:
        known = batched_layer(name, part, sample, seeds, self._n_rows)
        if known is not None:
            return known
        self.one_by_one.append(f"{name} ({type(part).__name__})")
        return one_by_one(name, part, is_flat(sample))


def batched_layer(
    name: str, part: nn.Module, sample: tuple[int, ...], seeds: Sequence[int], n_rows: int
) -> Layer | None:
    """The batched form of one part that takes samples of a shape, None where there is none.

    Batches have `n_rows` points at most.
    """
    flat = is_flat(sample)
    match part:
        case nn.Flatten():
            return layers.flatten
        case nn.Linear():
            return layers.dense(name)
        case nn.ZeroPad1d() | nn.ZeroPad2d():
            return layers.elementwise(part)
        case nn.Conv1d() | nn.Conv2d():
            return layers.convolution(name, part)
        case nn.BatchNorm1d() | nn.BatchNorm2d():
            return normalizations.batch(name, part, flat)
        case nn.LayerNorm():
            return normalizations.layer(name, part, flat)
        case nn.GroupNorm():
            return normalizations.group(name, part, flat)
        case nn.InstanceNorm1d() | nn.InstanceNorm2d() if not list(part.parameters()):
            return normalizations.instance(part)
        case nn.PReLU():
            return layers.prelu(name, flat)
        case nn.Tanh():
            return tanh
        case nn.modules.dropout._DropoutNd():
            return dropout(name, part, sample, seeds, n_rows)
    if isinstance(part, (*_POOLS, *_GLOBAL_POOLS)) or name.endswith(".activation"):
        return None if part.state_dict() else layers.elementwise(part)
    return None


def _end_to_end(spec: ExperimentSpec, seeds: Sequence[int]) -> tuple[nn.Module, dict[str, Tensor]]:
    """A network, and every tensor of all seeds' initial networks along its first axis."""
    network: nn.Module | None = None
    own: dict[str, Tensor] = {}
    blocks: dict[str, Tensor] = {}
    for r, drawn in enumerate(initial_networks(spec, seeds)):
        if drawn is not network:
            network, own = drawn, drawn.state_dict()
        for name, tensor in own.items():
            blocks.setdefault(name, tensor.new_empty((len(seeds), *tensor.shape)))[r] = tensor
    assert network is not None
    return network, {
        name: block.flatten(0, 1) if block.dim() > 1 else block for name, block in blocks.items()
    }
