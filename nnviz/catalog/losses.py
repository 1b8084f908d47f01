"""Losses: what is minimized, for which task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class LossOptions:
    """`class_weight_C` and `label_smoothing` for cross-entropy, `huber_delta` for Huber."""

    class_weight_C: Tensor | None = None
    label_smoothing: float = 0.0
    huber_delta: float = 1.0


@dataclass(frozen=True)
class Loss:
    """`compute(output_NC, target, options)` is the mean over the batch.

    Targets are class indices (N,) for classification and values (N, C) for regression; a squared
    loss on classes compares the outputs with the one-hot labels.
    """

    name: str
    compute: Callable[[Tensor, Tensor, LossOptions], Tensor]
    tasks: tuple[str, ...]


def _values(output_NC: Tensor, target: Tensor) -> Tensor:
    if target.is_floating_point():
        return target
    return F.one_hot(target, output_NC.shape[1]).to(output_NC.dtype)


def _cross_entropy(output_NC: Tensor, target: Tensor, options: LossOptions) -> Tensor:
    return F.cross_entropy(
        output_NC,
        target,
        weight=options.class_weight_C,
        label_smoothing=options.label_smoothing,
    )


def _mse(output_NC: Tensor, target: Tensor, options: LossOptions) -> Tensor:
    return F.mse_loss(output_NC, _values(output_NC, target))


def _huber(output_NC: Tensor, target: Tensor, options: LossOptions) -> Tensor:
    return F.huber_loss(output_NC, _values(output_NC, target), delta=options.huber_delta)


LOSSES: dict[str, Loss] = {
    entry.name: entry
    for entry in (
        Loss("cross_entropy", _cross_entropy, ("classification",)),
        Loss("mse", _mse, ("classification", "regression")),
        Loss("huber", _huber, ("classification", "regression")),
    )
}
