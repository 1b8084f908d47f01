"""What is done by hand, done to all replicates at once.

Shapes: R replicates, B points, D units of a layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from nnviz.blocks.layout import Layer, Pass, is_flat
from nnviz.spec import ExperimentSpec, LayerShape
from nnviz.spec.by_hand import in_force, units_switched


class Switches:
    """What the units of each layer are multiplied by: 1, or 0 where they are off."""

    def __init__(self, spec: ExperimentSpec, device: torch.device) -> None:
        layers = units_switched(spec.training.by_hand)
        self.factors = {
            layer.name: torch.ones(layer.output_shape[0], device=device)
            for layer in spec.layer_shapes
            if layer.name in layers
        }

    def layers(self, shape: LayerShape) -> list[Layer]:
        """What stands behind the block; nothing where its units are never off."""
        if shape.name not in self.factors:
            return []
        factor_D, flat = self.factors[shape.name], is_flat(shape.output_shape)

        def layer(x: Tensor, run: Pass) -> Tensor:
            if flat:
                return x * factor_D[:, None]
            own = factor_D.repeat(run.n_replicates)
            return x * own.view(-1, *(1,) * (x.dim() - 2))

        return [layer]


class ByHand:
    """Does what the spec says to the numbers of all replicates, before each update.

    `leaves` are the parameters by name, parts of `flat`, those of replicates end to end.
    """

    def __init__(
        self, spec: ExperimentSpec, leaves: dict[str, Tensor], switches: Switches, replicates: int
    ) -> None:
        self._done = spec.training.by_hand
        self._leaves, self._factors, self._n = leaves, switches.factors, replicates
        self._learned = {layer.name: layer.core.learned for layer in spec.layer_shapes}
        self._frozen: list[slice] = []
        self.begin(0)

    def begin(self, step: int) -> None:
        """What takes effect before the update that follows `step`."""
        if not any(done.step == step for done in self._done):
            return
        standing = in_force(self._done, step)
        for name, factor_D in self._factors.items():
            off = [unit for layer, unit in standing.off if layer == name]
            factor_D.fill_(1)[off] = 0
        self._frozen = [
            slice(int(leaf.storage_offset()), int(leaf.storage_offset()) + leaf.numel())
            for name, leaf in self._leaves.items()
            if any(name.startswith(f"{layer}.") for layer in standing.frozen)
        ]
        self._set(step)

    @contextmanager
    def held(self, values: Tensor) -> Iterator[None]:
        """An optimizer's step inside leaves what is frozen as it was."""
        kept = [values[part].clone() for part in self._frozen]
        yield
        for part, before in zip(self._frozen, kept, strict=True):
            values[part] = before

    def without_frozen(self, gradient: Tensor) -> None:
        """No slope where nothing is to move."""
        for part in self._frozen:
            gradient[part] = 0

    def _set(self, step: int) -> None:
        for done in self._done:
            if done.step != step or done.unit is None or done.value is None:
                continue
            part = f"{done.layer}.{self._learned[done.layer]}"
            if done.input is None:
                bias = self._leaves[f"{part}.bias"].detach().view(self._n, -1)
                bias[:, done.unit] = done.value
            else:
                leaf = self._leaves[f"{part}.weight"].detach()
                weight = leaf.view(self._n, len(leaf) // self._n, -1)
                weight[:, done.unit, done.input] = done.value
