"""Weight initializers: the functions of torch.nn.init, their arguments and the ranks they fit."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from nnviz.catalog.calls import Call
from nnviz.randomness import lent, torch_generator

Learned = nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d
"""Layers that start with weights and biases drawn alike."""
_UNDRAWN = {
    kind: type(kind.__name__, (kind,), {"reset_parameters": lambda layer: None})
    for kind in get_args(Learned)
}
Value = float | str
Fan = Literal["fan_in", "fan_out"]
ANY_RANK = (1, 9)


@dataclass(frozen=True)
class Initializer:
    """One initializer: `call(gain, arguments)` fills a weight tensor in place.

    `arguments` maps a name to its default; a default of None means the gain of the layer's
    activation. `ranks` are the lowest and highest tensor rank it applies to. `call` is None where
    torch's layers fill themselves.
    """

    name: str
    call: Callable[[float, Mapping[str, Value]], Call] | None
    ranks: tuple[int, int] = ANY_RANK
    arguments: Mapping[str, Value | None] = field(default_factory=dict)


def _kaiming_uniform(
    weight: Tensor, gain: float, mode: Fan, generator: torch.Generator | None = None
) -> Tensor:
    nn.init.kaiming_uniform_(weight, mode=mode, nonlinearity="linear", generator=generator)
    return weight.mul_(gain)


def _kaiming_normal(
    weight: Tensor, gain: float, mode: Fan, generator: torch.Generator | None = None
) -> Tensor:
    nn.init.kaiming_normal_(weight, mode=mode, nonlinearity="linear", generator=generator)
    return weight.mul_(gain)


def _plain(draw: Callable[..., Tensor]) -> Callable[[float, Mapping[str, Value]], Call]:
    return lambda gain, arguments: Call(draw, **arguments)


def _with_gain(draw: Callable[..., Tensor]) -> Callable[[float, Mapping[str, Value]], Call]:
    return lambda gain, arguments: Call(draw, gain=gain, **arguments)


INITIALIZERS: dict[str, Initializer] = {
    entry.name: entry
    for entry in (
        Initializer("default", None),
        Initializer("uniform", _plain(nn.init.uniform_), arguments={"a": -0.5, "b": 0.5}),
        Initializer("normal", _plain(nn.init.normal_), arguments={"mean": 0.0, "std": 0.1}),
        Initializer(
            "trunc_normal",
            _plain(nn.init.trunc_normal_),
            arguments={"mean": 0.0, "std": 0.1, "a": -0.2, "b": 0.2},
        ),
        Initializer(
            "constant",
            lambda gain, arguments: Call(nn.init.constant_, val=arguments["value"]),
            arguments={"value": 0.5},
        ),
        Initializer("ones", _plain(nn.init.ones_)),
        Initializer("zeros", _plain(nn.init.zeros_)),
        Initializer("xavier_uniform", _with_gain(nn.init.xavier_uniform_), (2, 9), {"gain": None}),
        Initializer("xavier_normal", _with_gain(nn.init.xavier_normal_), (2, 9), {"gain": None}),
        Initializer(
            "kaiming_uniform",
            _with_gain(_kaiming_uniform),
            (2, 9),
            {"gain": None, "mode": "fan_in"},
        ),
        Initializer(
            "kaiming_normal",
            _with_gain(_kaiming_normal),
            (2, 9),
            {"gain": None, "mode": "fan_in"},
        ),
        Initializer("orthogonal", _with_gain(nn.init.orthogonal_), (2, 9), {"gain": None}),
        Initializer("eye", _plain(nn.init.eye_), (2, 2)),
        Initializer("sparse", _plain(nn.init.sparse_), (2, 2), {"sparsity": 0.5, "std": 0.1}),
        Initializer("dirac", _plain(nn.init.dirac_), (3, 5)),
    )
}


def fits(name: str, rank: int) -> bool:
    """Whether an initializer applies to a weight tensor of this rank."""
    low, high = INITIALIZERS[name].ranks
    return low <= rank <= high


def fill_of(name: str, gain: float, arguments: Mapping[str, Value | None]) -> Call | None:
    """The call that fills a weight tensor, None for the default: layers fill themselves.

    `gain` is used where the initializer has a gain and `arguments` does not set it.
    """
    entry = INITIALIZERS[name]
    if entry.call is None:
        return None
    values = {k: v for k, v in {**entry.arguments, **arguments}.items() if v is not None}
    return entry.call(float(values.pop("gain", gain)), values)


def initialize(
    weight: Tensor, name: str, gain: float, arguments: Mapping[str, Value | None], seed: int
) -> None:
    """Fill `weight` in place from `seed` alone; the caller's random state is left as it was.

    `gain` as in `fill_of`.
    """
    if (fill := fill_of(name, gain, arguments)) is not None:
        fill_from(seed, fill, weight)


def fill_from(seed: int, fill: Call, weight: Tensor) -> None:
    """Make the call on `weight` from `seed` alone; the caller's random state is left as it was."""
    generator = torch_generator(seed)
    with torch.no_grad():
        if _draws_from_its_generator(fill):
            fill(weight, generator=generator)
        else:
            with lent(generator):
                fill(weight)


def undrawn(kind: type[Learned], *sizes: Any, **options: Any) -> Learned:
    """A layer whose weights are still to be filled; one made by torch has drawn from everybody's.

    As `nn.utils.skip_init`, without the tenfold time.
    """
    layer: Learned = _UNDRAWN[kind](*sizes, **options)
    layer.__class__ = kind
    return layer


def made(call: Call) -> nn.Module:
    """A part of a network; a layer drawn by initializers stays blank, others draw as torch does."""
    if isinstance(call.function, type) and issubclass(call.function, Learned):
        return undrawn(call.function, *call.values, **call.named)
    part: nn.Module = call()
    return part


def fill_by_default(layer: Learned, generator: torch.Generator) -> None:
    """Weights and biases U(±1/√fan_in), number for number as torch's layers start.

    Their own `reset_parameters` takes no generator.
    """
    nn.init.kaiming_uniform_(layer.weight, a=math.sqrt(5), generator=generator)
    if layer.bias is not None:
        bound = 1 / math.sqrt(layer.weight[0].numel())
        nn.init.uniform_(layer.bias, -bound, bound, generator=generator)


def default_linear(
    n_in: int, n_out: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
) -> nn.Linear:
    """`nn.Linear(n_in, n_out)` as torch starts it, drawn from `generator`."""
    layer = undrawn(nn.Linear, n_in, n_out, dtype=dtype)
    assert isinstance(layer, nn.Linear)
    fill_by_default(layer, generator)
    return layer


def _draws_from_its_generator(fill: Call) -> bool:
    """Whether all comes from the call's `generator`: `sparse_` places its zeros without it."""
    takes = "generator" in inspect.signature(fill.function).parameters
    return takes and fill.function is not nn.init.sparse_
