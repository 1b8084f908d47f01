"""Optimizers: torch.optim's own, over the one flat parameter of a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.optim import Optimizer

from nnviz.catalog.calls import Call


@dataclass(frozen=True)
class OptimizerEntry:
    """`call(learning_rate, weight_decay, arguments)` takes parameters; `arguments`: name → default.

    `fused` where torch has the whole step as one operation; its roundings are not those of the
    plain form, so a script asks for it too.
    """

    name: str
    call: Callable[[float, float, Mapping[str, float]], Call]
    arguments: Mapping[str, float]
    fused: bool = False

    def make(
        self,
        parameter: Tensor,
        learning_rate: float,
        weight_decay: float,
        arguments: Mapping[str, float],
    ) -> Optimizer:
        """The optimizer of one parameter."""
        words = {"fused": _can_fuse(parameter)} if self.fused else {"foreach": False}
        call = self.call(learning_rate, weight_decay, arguments)
        optimizer: Optimizer = call([parameter], **words)
        return optimizer


def _can_fuse(parameter: Tensor) -> bool:
    return parameter.device.type in ("cpu", "cuda", "mps")


def _sgd(lr: float, decay: float, arguments: Mapping[str, float]) -> Call:
    momentum, nesterov = arguments["momentum"], bool(arguments["nesterov"])
    return Call(torch.optim.SGD, lr=lr, weight_decay=decay, momentum=momentum, nesterov=nesterov)


def _adam(kind: type[torch.optim.Adam]) -> Callable[[float, float, Mapping[str, float]], Call]:
    def call(lr: float, decay: float, arguments: Mapping[str, float]) -> Call:
        betas = (arguments["beta1"], arguments["beta2"])
        return Call(kind, lr=lr, weight_decay=decay, betas=betas)

    return call


def _rmsprop(lr: float, decay: float, arguments: Mapping[str, float]) -> Call:
    return Call(torch.optim.RMSprop, lr=lr, weight_decay=decay, momentum=arguments["momentum"])


def _adagrad(lr: float, decay: float, arguments: Mapping[str, float]) -> Call:
    return Call(torch.optim.Adagrad, lr=lr, weight_decay=decay)


_BETAS = {"beta1": 0.9, "beta2": 0.999}

OPTIMIZERS: dict[str, OptimizerEntry] = {
    entry.name: entry
    for entry in (
        OptimizerEntry("sgd", _sgd, {"momentum": 0.0, "nesterov": 0.0}, fused=True),
        OptimizerEntry("adam", _adam(torch.optim.Adam), _BETAS, fused=True),
        OptimizerEntry("adamw", _adam(torch.optim.AdamW), _BETAS, fused=True),
        OptimizerEntry("rmsprop", _rmsprop, {"momentum": 0.0}),
        OptimizerEntry("adagrad", _adagrad, {}),
    )
}
