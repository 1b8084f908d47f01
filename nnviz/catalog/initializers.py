"""Weight initializers: the functions of torch.nn.init, their arguments and the ranks they fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

Value = float | str
ANY_RANK = (1, 9)


@dataclass(frozen=True)
class Initializer:
    """One initializer: `fill(weight, gain, arguments)` draws from torch's global generator.

    `arguments` maps a name to its default; a default of None means the gain of the layer's
    activation. `ranks` are the lowest and highest tensor rank it applies to.
    """

    name: str
    fill: Callable[[Tensor, float, Mapping[str, Value]], object] | None
    ranks: tuple[int, int] = ANY_RANK
    arguments: Mapping[str, Value | None] = field(default_factory=dict)


def _kaiming(draw: Callable[..., Tensor]) -> Callable[[Tensor, float, Mapping[str, Value]], object]:
    def fill(weight: Tensor, gain: float, arguments: Mapping[str, Value]) -> object:
        draw(weight, mode=arguments["mode"], nonlinearity="linear")
        return weight.mul_(gain)

    return fill


def _plain(draw: Callable[..., Tensor]) -> Callable[[Tensor, float, Mapping[str, Value]], object]:
    return lambda weight, gain, arguments: draw(weight, **arguments)


def _with_gain(
    draw: Callable[..., Tensor],
) -> Callable[[Tensor, float, Mapping[str, Value]], object]:
    return lambda weight, gain, arguments: draw(weight, gain=gain)


def _zeros(weight: Tensor) -> Tensor:
    return nn.init.zeros_(weight)


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
            lambda weight, gain, arguments: nn.init.constant_(weight, float(arguments["value"])),
            arguments={"value": 0.5},
        ),
        Initializer("ones", _plain(nn.init.ones_)),
        Initializer("zeros", _plain(_zeros)),
        Initializer("xavier_uniform", _with_gain(nn.init.xavier_uniform_), (2, 9), {"gain": None}),
        Initializer("xavier_normal", _with_gain(nn.init.xavier_normal_), (2, 9), {"gain": None}),
        Initializer(
            "kaiming_uniform",
            _kaiming(nn.init.kaiming_uniform_),
            (2, 9),
            {"gain": None, "mode": "fan_in"},
        ),
        Initializer(
            "kaiming_normal",
            _kaiming(nn.init.kaiming_normal_),
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


def initialize(
    weight: Tensor, name: str, gain: float, arguments: Mapping[str, Value | None], seed: int
) -> None:
    """Fill `weight` in place from `seed` alone; the caller's random state is left as it was.

    `gain` is used where the initializer has a gain and `arguments` does not set it.
    """
    entry = INITIALIZERS[name]
    if entry.fill is None:
        return
    values = {k: v for k, v in {**entry.arguments, **arguments}.items() if v is not None}
    chosen = float(values.pop("gain", gain))
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.default_generator.manual_seed(seed)
        entry.fill(weight, chosen, values)
