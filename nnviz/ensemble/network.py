"""One architecture, many networks: its parts in their batched form, and their numbers.

Shapes: R replicates, B points, P numbers of one network. Parameter k of all networks is one
contiguous block (R, …) of a flat tensor of R·P numbers, so that torch's kernels read it without
copies and an elementwise optimizer takes one step for all networks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from nnviz.blocks.layout import Layer, Pass, elementwise, flatten, is_flat, joined
from nnviz.blocks.residual import ResidualBlock
from nnviz.blocks.sample import Shape
from nnviz.ensemble import normalizations
from nnviz.ensemble.by_hand import Switches
from nnviz.ensemble.dropouts import dropout, with_own_dropouts
from nnviz.ensemble.initial import initial_networks
from nnviz.ensemble.one_by_one import one_by_one
from nnviz.ensemble.prelu import prelu
from nnviz.ensemble.tanh import tanh
from nnviz.spec import ExperimentSpec, LayerShape


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
        self.switches = Switches(spec, device)
        self.one_by_one: list[str] = []
        self._starts_flat: bool | None = None
        self._ends_flat = len(spec.data.output_shape) == 1
        self._layers: list[Layer] = []
        self._assemble(spec, network.to(device), seeds)

    def __call__(self, x_RB: Tensor, training: bool, step: int = 0, start: int = 0) -> Tensor:
        """Outputs (R, C, B) for inputs (R, B, …) of the replicates from `start` on.

        Where each of T places has an answer, (R, C, B·T), the places of a point one by one.
        """
        n, tensors = len(x_RB), {**self.leaves, **self._statistics}
        if n < self.n_replicates:
            tensors = {
                name: tensor.unflatten(0, (self.n_replicates, -1))[start : start + n].flatten(0, 1)
                for name, tensor in tensors.items()
            }
        run = Pass(tensors, n, training, step)
        flat = bool(self._starts_flat)
        x: Tensor = joined(x_RB.flatten(2) if flat else x_RB, flat)
        for layer in self._layers:
            x = layer(x, run)
        if self._ends_flat:
            return x
        x_BRCT: Tensor = x.unflatten(1, (n, -1))
        return x_BRCT.permute(1, 2, 0, 3).flatten(2)

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
        within: list[Layer] = []
        for shape in spec.layer_shapes:
            if isinstance(shape.block, ResidualBlock):
                self._layers += [_residual(within), *self.switches.layers(shape)]
                within = []
            elif "." in shape.name:
                within += self._block(shape, network, seeds)
            else:
                self._layers += self._block(shape, network, seeds)

    def _block(self, shape: LayerShape, network: nn.Module, seeds: Sequence[int]) -> list[Layer]:
        layers: list[Layer] = []
        sample, core = shape.input_shape, len(shape.core.parts)
        for place, (name, part) in enumerate(network.get_submodule(shape.name).named_children()):
            given = shape.output_shape if place >= core - 1 else sample
            if isinstance(part, nn.Flatten):
                given = (math.prod(sample),)
                if not (is_flat(sample) or self._starts_flat is None):
                    layers.append(flatten)
                self._starts_flat = self._starts_flat is None or self._starts_flat
            else:
                if self._starts_flat is None:
                    self._starts_flat = is_flat(sample)
                layers.append(self._batched(shape, name, part, (sample, given), seeds))
            sample = given
        return [*layers, *self.switches.layers(shape)]

    def _batched(
        self,
        shape: LayerShape,
        part_name: str,
        part: nn.Module,
        samples: tuple[Shape, Shape],
        seeds: Sequence[int],
    ) -> Layer:
        """One part that turns samples of the first shape into such of the second."""
        name, (sample, given) = f"{shape.name}.{part_name}", samples
        if part_name in shape.core.parts and part_name != "padding":
            known = shape.block.batched(name, part, sample)
        else:
            known = batched_layer(name, part, sample, seeds, self._n_rows)
        if known is not None:
            return known
        self.one_by_one.append(f"{name} ({type(part).__name__})")
        if shape.core.dropouts:
            part = with_own_dropouts(part, name, shape.core.dropouts, seeds, self._n_rows)
        return one_by_one(name, part, is_flat(sample), is_flat(given))


def batched_layer(
    name: str, part: nn.Module, sample: Shape, seeds: Sequence[int], n_rows: int
) -> Layer | None:
    """The batched form of a part that stands around weights; None where there is none.

    `sample` is the shape of its samples; batches have `n_rows` points at most.
    """
    flat = is_flat(sample)
    match part:
        case nn.ZeroPad1d() | nn.ZeroPad2d() | nn.ZeroPad3d():
            return elementwise(part)
        case nn.modules.batchnorm._BatchNorm():
            return normalizations.batch(name, part, flat)
        case nn.LayerNorm():
            return normalizations.layer(name, part, flat)
        case nn.GroupNorm():
            return normalizations.group(name, part, flat)
        case nn.modules.instancenorm._InstanceNorm() if not list(part.parameters()):
            return normalizations.instance(part)
        case nn.PReLU():
            return prelu(name, flat)
        case nn.Tanh():
            return tanh
        case nn.modules.dropout._DropoutNd():
            return dropout(name, part, sample, seeds, n_rows)
    return None if part.state_dict() else elementwise(part)


def _residual(within: Sequence[Layer]) -> Layer:
    """What arrives added to what the layers give."""

    def layer(x: Tensor, run: Pass) -> Tensor:
        given = x
        for inner in within:
            given = inner(given, run)
        return x + given

    return layer


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
