"""One place of one update: the sample or the whole batch, a unit, one of its parameters.

Shapes: B samples of the batch, U units, P positions of a unit (1 for dense layers), F weights of
a unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nnviz.experiments.update.records import Asked, ParameterKind
from nnviz.experiments.update.taken import BlockPass, PartPass, Taken

_PARAMETERS: dict[ParameterKind, tuple[str, str]] = {
    "weight": ("learned", "weight"),
    "bias": ("learned", "bias"),
    "gamma": ("normalization", "weight"),
    "beta": ("normalization", "bias"),
    "slope": ("activation", "weight"),
}


def cells(values: Tensor) -> Tensor:
    """(B, U, …) as (B, U, P)."""
    return values.detach().reshape(*values.shape[:2], -1)


def gradient(values: Tensor) -> Tensor:
    """∂L/∂values of the pass, zero where nothing came back."""
    return torch.zeros_like(values) if values.grad is None else values.grad


@dataclass(frozen=True)
class Looked:
    """Where to look in an update; `sample` None is the whole batch."""

    taken: Taken
    block: BlockPass
    learned: PartPass
    sample: int | None
    unit: int
    position: int = 0
    of: ParameterKind = "weight"
    source: int = 0

    def forward(self, values: Tensor) -> float:
        """The unit's number of the sample, or its mean over the batch."""
        own_B = cells(values)[:, self.unit, self.position].double()
        return float(own_B.mean() if self.sample is None else own_B[self.sample])

    def backward(self, values: Tensor) -> float:
        """The unit's gradient of the sample, or the sum over the batch."""
        own_B = cells(gradient(values))[:, self.unit, self.position].double()
        return float(own_B.sum() if self.sample is None else own_B[self.sample])

    def slope(self, part: PartPass) -> float | None:
        """∂result/∂given at the unit; None where the samples have different ones."""
        own_B = cells(part.slopes())[:, self.unit, self.position]
        if self.sample is None:
            return float(own_B[0]) if bool((own_B == own_B[0]).all()) else None
        return float(own_B[self.sample])

    @property
    def own_weights(self) -> Tensor:
        """The unit's own weights."""
        return self.parameter_of("weight").detach()[self.unit].flatten()

    @property
    def at(self) -> list[int]:
        """The position along each axis."""
        return _unravelled(self.position, self._space) if self._space else []

    def inputs_here(self) -> Tensor:
        """What the unit's weights multiply at the position: of the sample, or the mean."""
        windows = _windows(self.learned, self.unit)
        if windows is None:
            given_BF = self.learned.given.detach()
        else:
            at: tuple[Any, ...] = (slice(None), slice(None), *self.at)
            given_BF = windows[at].flatten(1)
        given_BF = given_BF.double()
        return given_BF.mean(0) if self.sample is None else given_BF[self.sample]

    def inputs_everywhere(self, source: int) -> Tensor:
        """What one weight multiplies, at every position."""
        windows = _windows(self.learned, self.unit)
        if windows is None:
            return self.learned.given.detach()[:, source : source + 1]
        weight = self.parameter_of("weight")
        channel, *at = _unravelled(source, weight.shape[1:])
        chosen: tuple[Any, ...] = (slice(None), channel, *[slice(None)] * len(self._space), *at)
        return windows[chosen].flatten(1)

    @property
    def _space(self) -> tuple[int, ...]:
        return tuple(self.learned.result.shape[2:])

    @property
    def kinds(self) -> tuple[ParameterKind, ...]:
        """Which parameters the unit has."""
        return tuple(kind for kind in _PARAMETERS if self._found(kind) is not None)

    def parameter_of(self, kind: ParameterKind) -> Tensor:
        """The whole tensor of that kind."""
        found = self._found(kind)
        assert found is not None
        return found

    def _found(self, kind: ParameterKind) -> Tensor | None:
        part, name = _PARAMETERS[kind]
        if part == "learned":
            found = getattr(self.learned.module, name)
        else:
            parts = {each.name: each.module for each in self.block.around}
            found = getattr(parts.get(part), name, None)
        return found if isinstance(found, Tensor) else None

    def place_of(self, kind: ParameterKind, source: int) -> int:
        """Where in that tensor the unit's own number stands."""
        tensor = self.parameter_of(kind)
        if kind == "weight":
            return self.unit * tensor[0].numel() + source
        if kind == "slope":
            return 0
        if kind in ("gamma", "beta") and tensor.dim() > 1:  # one for each position
            return self.unit * tensor[0].numel() + self.position
        return self.unit

    def number(self, flat: Tensor, kind: ParameterKind, source: int) -> float:
        """A parameter of the unit in a vector over all parameters."""
        own = self.taken.of(flat, self.parameter_of(kind))
        return float(own.flatten()[self.place_of(kind, source)])


def _unravelled(index: int, shape: Sequence[int]) -> list[int]:
    return [int(n) for n in np.unravel_index(index, tuple(shape))]


def _windows(learned: PartPass, unit: int) -> Tensor | None:
    """What a convolution's kernel lies on: (B, C, positions…, kernel…); None for a linear layer."""
    module, given = learned.module, learned.given.detach()
    if isinstance(module, nn.Linear):
        return None
    assert isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    n_own = module.in_channels // module.groups
    first = unit // (module.out_channels // module.groups) * n_own
    assert not isinstance(module.padding, str)
    zeros = [size for each in reversed(module.padding) for size in (each, each)]
    found = F.pad(given[:, first : first + n_own], zeros)
    for axis, size in enumerate(module.kernel_size):
        stride, apart = module.stride[axis], module.dilation[axis]
        found = found.unfold(2 + axis, apart * (size - 1) + 1, stride)[..., ::apart]
    return found


def place(taken: Taken, asked: Asked, sample: int | None) -> Looked:
    """Where to look. Raises ValueError for a layer or unit that there isn't."""
    looked = _unit(taken, asked, sample)
    delta_BP = gradient(looked.learned.result).reshape(*looked.learned.result.shape[:2], -1)[
        :, looked.unit
    ]
    own_BP = (
        delta_BP
        if bool(delta_BP[sample or 0].any())
        else cells(looked.learned.result)[:, looked.unit]
    )
    strength_P = own_BP.abs().sum(0) if sample is None else own_BP[sample].abs()
    looked = replace(looked, position=int(strength_P.argmax()))
    slopes_F = taken.of(taken.raw, looked.parameter_of("weight"))[looked.unit].flatten().abs()
    of = asked.of if asked.of in looked.kinds else "weight"
    source = asked.source if of == "weight" else 0
    if source is None or not 0 <= source < len(slopes_F):
        source = int(slopes_F.argmax()) if of == "weight" else 0
    return replace(looked, of=of, source=source)


def _unit(taken: Taken, asked: Asked, sample: int | None) -> Looked:
    found = {
        block.name: Looked(taken, block, learned, sample, 0) for block, learned in _learned(taken)
    }
    if asked.layer is None:
        return _strongest(taken, [*found.values()])
    looked = found.get(asked.layer)
    n_units = 0 if looked is None else looked.learned.result.shape[1]
    unit = asked.unit or 0
    if looked is None or unit >= n_units:
        raise ValueError(f"{asked.layer} has no unit {unit} that learns")
    return replace(looked, unit=unit)


def _strongest(taken: Taken, found: list[Looked]) -> Looked:
    """The hidden unit of the largest gradient, of those that the sample has moved, if any."""
    best, most = found[-1], -1.0
    for looked in found[:-1] or found:
        slopes_U = taken.of(taken.raw, looked.parameter_of("weight")).flatten(1).abs().amax(1)
        moved_BU = (
            gradient(looked.learned.result).flatten(2).any(-1)
            if looked._space
            else (gradient(looked.learned.result) != 0)
        )
        moved_U = moved_BU.any(0) if looked.sample is None else moved_BU[looked.sample]
        strength_U = slopes_U * moved_U
        if float(strength_U.max()) > most:
            most, best = float(strength_U.max()), replace(looked, unit=int(strength_U.argmax()))
    return best


def _learned(taken: Taken) -> Iterator[tuple[BlockPass, PartPass]]:
    for block in taken.blocks:
        if (learned := block.learned) is not None:
            yield block, learned
