"""What is done to a network by hand while it trains: weights set, units off, layers frozen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Literal, assert_never

import torch
from pydantic import Field, model_validator

from nnviz.base import Spec
from nnviz.catalog.initializers import Learned, made
from nnviz.spec.shapes import LayerShape

MAX_INTERVENTIONS = 32
MAX_VALUE = 1000.0
MAX_STEP = 2**53
Doing = Literal["set", "off", "on", "freeze", "unfreeze"]
LayerName = Annotated[str, Field(min_length=1, max_length=60)]
Index = Annotated[int, Field(ge=0, le=10_000_000)]
Value = Annotated[float, Field(ge=-MAX_VALUE, le=MAX_VALUE)]


class Intervention(Spec):
    """One thing done by hand; it takes effect before the update that follows `step`.

    "set" writes one weight of a unit once: the one from `input`, counted over all its weights, or
    its bias where `input` is None. "off" multiplies what the unit or channel gives by 0, in
    training and evaluation, until "on". "freeze" keeps all that the layer learns bit for bit until
    "unfreeze"; running statistics and the optimizer's memory go on. Done at step 0, it is so from
    the start.
    """

    step: Annotated[int, Field(ge=0, le=MAX_STEP)]
    do: Doing
    layer: LayerName
    unit: Index | None = None
    input: Index | None = None
    value: Value | None = None

    @model_validator(mode="after")
    def _says_what_it_needs(self) -> Intervention:
        is_of_unit, is_set = self.do in ("set", "off", "on"), self.do == "set"
        if (self.unit is not None) != is_of_unit:
            raise ValueError(f"{self.do} {'needs a' if is_of_unit else 'takes no'} unit")
        if (self.value is not None) != is_set:
            raise ValueError(f"{self.do} {'needs a' if is_set else 'takes no'} value")
        if self.input is not None and not is_set:
            raise ValueError(f"{self.do} takes no input")
        return self


@dataclass(frozen=True)
class InForce:
    """How the network stands: `off` are pairs of layer and unit, `frozen` layers."""

    off: frozenset[tuple[str, int]] = frozenset()
    frozen: frozenset[str] = frozenset()


def in_force(by_hand: Sequence[Intervention], step: int) -> InForce:
    """What holds in the update that follows `step`."""
    off: set[tuple[str, int]] = set()
    frozen: set[str] = set()
    for done in by_hand:
        if done.step > step:
            break
        unit = (done.layer, done.unit or 0)
        match done.do:
            case "set":
                continue
            case "off":
                off.add(unit)
            case "on":
                off.discard(unit)
            case "freeze":
                frozen.add(done.layer)
            case "unfreeze":
                frozen.discard(done.layer)
            case _:
                assert_never(done.do)
    return InForce(frozenset(off), frozenset(frozen))


def was_in_force(by_hand: Sequence[Intervention], step: int) -> InForce:
    """What held in the update that led to `step`; at step 0, what holds from the start."""
    return in_force(by_hand, max(0, step - 1))


def units_switched(by_hand: Sequence[Intervention]) -> tuple[str, ...]:
    """The layers of which a unit is ever off."""
    return tuple(dict.fromkeys(done.layer for done in by_hand if done.do == "off"))


def check_by_hand(by_hand: Sequence[Intervention], layers: Sequence[LayerShape]) -> None:
    """Raise ValueError where something done by hand has no place in these layers."""
    if any(later.step < done.step for done, later in pairwise(by_hand)):
        raise ValueError("what is done by hand must be in the order of its steps")
    shapes = {layer.name: layer for layer in layers}
    for done in by_hand:
        if done.layer not in shapes:
            raise ValueError(f"layer must be one of {', '.join(shapes)}; got {done.layer!r}")
        _check(done, shapes[done.layer], [each for each in layers if _is_in(each, done.layer)])


def settable(layer: LayerShape) -> tuple[int, bool] | None:
    """How many weights a unit has and whether it has a bias, where they can be set one by one."""
    return _settable(layer) if layer.core.learned else None


def _is_in(layer: LayerShape, name: str) -> bool:
    return layer.name == name or layer.name.startswith(f"{name}.")


def _check(done: Intervention, layer: LayerShape, inside: Sequence[LayerShape]) -> None:
    if done.unit is None:
        if not any(each.n_parameters for each in inside):
            raise ValueError(f"{layer.name} learns nothing that could be frozen")
        return
    n_units = layer.output_shape[0]
    if done.unit >= n_units:
        raise ValueError(f"{layer.name} has units 0 to {n_units - 1}; got {done.unit}")
    if done.do != "set":
        return
    found = settable(layer)
    if found is None:
        raise ValueError(f"the weights of {layer.name} can't be set one by one")
    n_inputs, has_bias = found
    if done.input is None and not has_bias:
        raise ValueError(f"{layer.name} has no bias")
    if done.input is not None and done.input >= n_inputs:
        raise ValueError(
            f"a unit of {layer.name} has weights 0 to {n_inputs - 1}; got {done.input}"
        )


@lru_cache(maxsize=256)
def _settable(layer: LayerShape) -> tuple[int, bool] | None:
    with torch.device("meta"):
        part = made(layer.core.parts[layer.core.learned or ""])
    if not isinstance(part, Learned):
        return None
    return math.prod(part.weight.shape[1:]), part.bias is not None
