"""Losses: what is minimized, for which task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch.nn.functional as F
from torch import Tensor

from nnviz.catalog.calls import Call, Variable


@dataclass(frozen=True)
class LossOptions:
    """`class_weight_C` and `label_smoothing` for cross-entropy, `huber_delta` for Huber."""

    class_weight_C: Tensor | Variable | None = None
    label_smoothing: float = 0.0
    huber_delta: float = 1.0


@dataclass(frozen=True)
class Loss:
    """`call(options)` takes outputs (N, C) and what they are compared with: a mean over the batch.

    `compares` with "labels", class indices (N,), or with "values" (N, C): the targets of a
    regression, the one-hot labels of classes. Where each of T places has a class, outputs are
    (N, C, T) and labels (N, T), and the mean runs over the places too.
    """

    name: str
    call: Callable[[LossOptions], Call]
    compares: Literal["labels", "values"]
    tasks: tuple[str, ...]

    def compute(self, output_NC: Tensor, target: Tensor, options: LossOptions) -> Tensor:
        """The loss; targets are class indices for classification, values for regression."""
        if self.compares == "values" and not target.is_floating_point():
            target = F.one_hot(target, output_NC.shape[1]).movedim(-1, 1).to(output_NC.dtype)
        loss: Tensor = self.call(options)(output_NC, target)
        return loss


def _cross_entropy(options: LossOptions) -> Call:
    weight, smoothing = options.class_weight_C, options.label_smoothing
    return Call(F.cross_entropy, weight=weight, label_smoothing=smoothing)


def _huber(options: LossOptions) -> Call:
    return Call(F.huber_loss, delta=options.huber_delta)


_CLASSES, _ALL = ("classification",), ("classification", "regression")

LOSSES: dict[str, Loss] = {
    entry.name: entry
    for entry in (
        Loss("cross_entropy", _cross_entropy, "labels", _CLASSES),
        Loss("mse", lambda options: Call(F.mse_loss), "values", _ALL),
        Loss("huber", _huber, "values", _ALL),
    )
}
