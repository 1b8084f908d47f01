"""What was done by hand to the network of a trainer: weights set, units off, layers frozen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from nnviz.blocks.residual import Residual
from nnviz.spec import ExperimentSpec
from nnviz.spec.by_hand import InForce, Intervention, in_force, units_switched, was_in_force


class Switches(nn.Module):
    """The last part of a block of which units are off: times 1, or times 0."""

    def __init__(self, n_units: int, n_axes: int, device: torch.device) -> None:
        super().__init__()
        self.factor_D = torch.ones(n_units, device=device)
        self._shape = (n_units, *(1,) * (n_axes - 1))

    def forward(self, x: Tensor) -> Tensor:
        """x, and 0 for what is off: (N, units) or (N, channels, …)."""
        return x * self.factor_D.view(self._shape)


class ByHand:
    """Does to the network what the spec says, each before the update that follows its step."""

    def __init__(self, spec: ExperimentSpec, network: nn.Sequential, device: torch.device) -> None:
        self._done: Sequence[Intervention] = spec.training.by_hand
        self._steps = frozenset(done.step for done in self._done)
        self._network = network
        self._learned = {layer.name: layer.core.learned for layer in spec.layer_shapes}
        shapes = {layer.name: layer.output_shape for layer in spec.layer_shapes}
        self._switches = {
            name: Switches(shapes[name][0], len(shapes[name]), device)
            for name in units_switched(self._done)
        }
        for name, switches in self._switches.items():
            _append(network.get_submodule(name), switches)
        self._frozen: list[slice] = []

    def stand(self, step: int) -> None:
        """As the update that led to `step` left it; at step 0 as it is from the start."""
        if not self._done:
            return
        self._put(was_in_force(self._done, step))
        if step == 0:
            self._set(step)

    def begin(self, step: int) -> None:
        """What takes effect before the update that follows `step`."""
        if step in self._steps:
            self._put(in_force(self._done, step))
            self._set(step)

    @contextmanager
    def held(self, values: Tensor, gradient: Tensor) -> Iterator[None]:
        """An optimizer's step inside leaves what is frozen as it was, and sees no slope there."""
        kept = [values[part].clone() for part in self._frozen]
        for part in self._frozen:
            gradient[part] = 0
        yield
        for part, before in zip(self._frozen, kept, strict=True):
            values[part] = before

    def _put(self, standing: InForce) -> None:
        for name, switches in self._switches.items():
            switches.factor_D.fill_(1)
            for layer, unit in standing.off:
                if layer == name:
                    switches.factor_D[unit] = 0
        self._frozen = [
            _place(parameter)
            for name in sorted(standing.frozen)
            for parameter in self._network.get_submodule(name).parameters()
        ]

    def _set(self, step: int) -> None:
        for done in self._done:
            if done.step == step and done.unit is not None and done.value is not None:
                part = f"{done.layer}.{self._learned[done.layer]}"
                if done.input is None:
                    bias = self._network.get_parameter(f"{part}.bias").detach()
                    bias[done.unit] = done.value
                else:
                    weight = self._network.get_parameter(f"{part}.weight").detach()
                    weight[done.unit].view(-1)[done.input] = done.value


def _append(block: nn.Module, switches: Switches) -> None:
    """Behind all that the block does; what holds blocks adds what arrived at its end."""
    if isinstance(block, Residual):
        block.register_forward_hook(lambda _, inputs, given: switches(given))
    else:
        block.add_module("switches", switches)


def _place(parameter: Tensor) -> slice:
    """Where a parameter lies in the vector of all."""
    start = int(parameter.storage_offset())
    return slice(start, start + parameter.numel())
