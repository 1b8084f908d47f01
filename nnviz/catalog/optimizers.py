"""Optimizers: torch.optim's own, over the one flat parameter of a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.optim import Optimizer


@dataclass(frozen=True)
class OptimizerEntry:
    """`make(parameter, learning_rate, weight_decay, arguments)`; `arguments`: name → default."""

    name: str
    make: Callable[[Tensor, float, float, Mapping[str, float]], Optimizer]
    arguments: Mapping[str, float]


def _fused(parameter: Tensor) -> bool:
    return parameter.device.type in ("cpu", "cuda", "mps")


def _sgd(p: Tensor, lr: float, decay: float, arguments: Mapping[str, float]) -> Optimizer:
    return torch.optim.SGD(
        [p],
        lr=lr,
        weight_decay=decay,
        momentum=arguments["momentum"],
        nesterov=bool(arguments["nesterov"]),
        fused=_fused(p),
    )


def _adam(kind: type[torch.optim.Adam]) -> Callable[..., Optimizer]:
    def make(p: Tensor, lr: float, decay: float, arguments: Mapping[str, float]) -> Optimizer:
        betas = (arguments["beta1"], arguments["beta2"])
        return kind([p], lr=lr, weight_decay=decay, betas=betas, fused=_fused(p))

    return make


def _rmsprop(p: Tensor, lr: float, decay: float, arguments: Mapping[str, float]) -> Optimizer:
    return torch.optim.RMSprop(
        [p], lr=lr, weight_decay=decay, momentum=arguments["momentum"], foreach=False
    )


def _adagrad(p: Tensor, lr: float, decay: float, arguments: Mapping[str, float]) -> Optimizer:
    return torch.optim.Adagrad([p], lr=lr, weight_decay=decay, foreach=False)


_BETAS = {"beta1": 0.9, "beta2": 0.999}

OPTIMIZERS: dict[str, OptimizerEntry] = {
    entry.name: entry
    for entry in (
        OptimizerEntry("sgd", _sgd, {"momentum": 0.0, "nesterov": 0.0}),
        OptimizerEntry("adam", _adam(torch.optim.Adam), _BETAS),
        OptimizerEntry("adamw", _adam(torch.optim.AdamW), _BETAS),
        OptimizerEntry("rmsprop", _rmsprop, {"momentum": 0.0}),
        OptimizerEntry("adagrad", _adagrad, {}),
    )
}
