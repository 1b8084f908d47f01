"""Activation functions: how each is made, when it saturates or dies, and its gain."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import nn

from nnviz.catalog.calls import Call


@dataclass(frozen=True)
class Activation:
    """One activation function φ; `make` is its class in torch.nn, or a `Call` of it.

    `saturation` are the values of φ below or above which a unit counts as saturated, `dead_below`
    the pre-activation up to which both φ and its gradient are 0, `gain` the published one
    (`science`: torch.nn.init.calculate_gain, except SELU), None where there is none.
    """

    name: str
    make: Callable[[], nn.Module]
    formula: str
    gain: float | None = None
    saturation: tuple[float, float] | None = None
    dead_below: float | None = None

    def __post_init__(self) -> None:
        _ = self.call  # what no script could name is refused here

    @property
    def call(self) -> Call:
        """How the module is made, to be called or to be written."""
        return self.make if isinstance(self.make, Call) else Call(self.make)


_INF = math.inf

ACTIVATIONS: dict[str, Activation] = {
    entry.name: entry
    for entry in (
        Activation("identity", nn.Identity, "z", gain=1.0),
        Activation("relu", nn.ReLU, "max(0, z)", gain=math.sqrt(2), dead_below=0.0),
        Activation(
            "relu6", nn.ReLU6, "min(max(0, z), 6)", saturation=(-_INF, 5.999999), dead_below=0.0
        ),
        Activation("leaky_relu", nn.LeakyReLU, "max(0.01 z, z)", gain=math.sqrt(2 / (1 + 0.01**2))),
        Activation("prelu", nn.PReLU, "max(a z, z), a learned", gain=math.sqrt(2 / (1 + 0.25**2))),
        Activation("elu", nn.ELU, "z if z > 0 else exp(z) - 1"),
        Activation("selu", nn.SELU, "1.0507 (z if z > 0 else 1.6733 (exp(z) - 1))", gain=1.0),
        Activation("celu", nn.CELU, "max(0, z) + min(0, exp(z) - 1)"),
        Activation("gelu", nn.GELU, "z Φ(z)"),
        Activation("silu", nn.SiLU, "z σ(z)"),
        Activation("mish", nn.Mish, "z tanh(softplus(z))"),
        Activation("tanh", nn.Tanh, "tanh(z)", gain=5 / 3, saturation=(-0.97, 0.97)),
        Activation("sigmoid", nn.Sigmoid, "1 / (1 + exp(-z))", gain=1.0, saturation=(0.03, 0.97)),
        Activation("hardtanh", nn.Hardtanh, "min(max(-1, z), 1)", saturation=(-0.999999, 0.999999)),
        Activation("hardswish", nn.Hardswish, "z min(max(0, z + 3), 6) / 6", dead_below=-3.0),
        Activation("softplus", nn.Softplus, "log(1 + exp(z))"),
        Activation("softsign", nn.Softsign, "z / (1 + |z|)", saturation=(-0.97, 0.97)),
    )
}


@lru_cache(maxsize=64)
def gain(name: str) -> float:
    """Factor on the weights' standard deviation that keeps the signal's size through φ.

    The published gain where there is one, else 1/√E[φ(z)²] for z ~ N(0, 1) (science §5).
    """
    published = ACTIVATIONS[name].gain
    if published is not None:
        return published
    z = torch.linspace(-12, 12, 48_001, dtype=torch.float64)
    with torch.no_grad():
        phi = ACTIVATIONS[name].make().double()(z)
    density = torch.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return 1 / math.sqrt(float(torch.trapezoid(phi**2 * density, z)))
