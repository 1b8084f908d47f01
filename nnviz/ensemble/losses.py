"""Loss and accuracy of every replicate.

Shapes: R replicates, B points, C classes or outputs.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from nnviz.catalog.losses import LOSSES, LossOptions
from nnviz.ensemble.data import EnsembleData
from nnviz.spec import ExperimentSpec

LossOfReplicates = Callable[[Tensor, Tensor], Tensor]
"""Outputs (R, C, B) and targets (R, B) or (R, B, C) to the loss of each replicate, (R,).

Classes of T places of each point are (R, B, T), the outputs then (R, C, B·T), places fastest.
"""


def loss_of_replicates(spec: ExperimentSpec, data: EnsembleData, R: int) -> LossOfReplicates:
    """The training loss of the spec; balanced class weights come from each replicate's labels."""
    loss_of = _loss_of_points(spec, data, R)
    return lambda out, y: loss_of(out, _one_class_each(y))


def _one_class_each(y: Tensor) -> Tensor:
    """Targets as they are, classes of places as if each place were a point: (R, B·T)."""
    return y if y.is_floating_point() else y.flatten(1)


def _loss_of_points(spec: ExperimentSpec, data: EnsembleData, R: int) -> LossOfReplicates:
    training = spec.training
    weight_RC = _class_weights(spec, data, R)
    if training.loss == "mse":
        return lambda out, y: F.mse_loss(out, _values(out, y), reduction="none").mean((1, 2))
    if training.loss == "huber":
        delta = training.huber_delta
        return lambda out, y: F.huber_loss(
            out, _values(out, y), reduction="none", delta=delta
        ).mean((1, 2))
    if training.loss == "cross_entropy" and weight_RC is None:
        smoothing = training.label_smoothing
        return lambda out, y: F.cross_entropy(
            out, y, reduction="none", label_smoothing=smoothing
        ).mean(1)
    if training.loss == "cross_entropy" and weight_RC is not None:
        return _weighted_cross_entropy(weight_RC, training.label_smoothing)
    return losses_one_by_one(spec, weight_RC)


def losses_one_by_one(spec: ExperimentSpec, weight_RC: Tensor | None) -> LossOfReplicates:
    """Any loss of the catalog, called once a replicate."""
    training, compute = spec.training, LOSSES[spec.training.loss].compute

    def losses(out_RCB: Tensor, y: Tensor) -> Tensor:
        return torch.stack(
            [
                compute(
                    out_BC,
                    y_B,
                    LossOptions(
                        None if weight_RC is None else weight_RC[r],
                        training.label_smoothing,
                        training.huber_delta,
                    ),
                )
                for r, (out_BC, y_B) in enumerate(zip(out_RCB.mT, y, strict=True))
            ]
        )

    return losses


def accuracy_of_replicates(out_RCB: Tensor, target: Tensor) -> Tensor:
    """Share of correct classes, or R² = 1 - squared error / variance for values; shape (R,)."""
    target = _one_class_each(target)
    if not target.is_floating_point():
        return (out_RCB.argmax(dim=1) == target).float().mean(dim=1)
    spread_R = (target - target.mean(dim=(1, 2), keepdim=True)).square().sum(dim=(1, 2))
    error_R = (out_RCB - target.mT).square().sum(dim=(1, 2))
    return torch.where(spread_R > 0, 1 - error_R / spread_R, torch.nan)


def _values(out_RCB: Tensor, target: Tensor) -> Tensor:
    if target.is_floating_point():
        return target.mT
    return F.one_hot(target, out_RCB.shape[1]).mT.to(out_RCB.dtype)


def _class_weights(spec: ExperimentSpec, data: EnsembleData, R: int) -> Tensor | None:
    asked, n_classes = spec.training.class_weights, spec.data.classes
    if asked == "balanced":
        labels = _one_class_each(data.train_y[None] if data.train_is_shared else data.train_y)
        counts_RC = F.one_hot(labels, n_classes).sum(dim=1).clamp(min=1)
        return (labels.shape[1] / (n_classes * counts_RC.float())).expand(R, -1)
    if asked:
        return torch.tensor(asked, device=data.train_y.device).expand(R, -1)
    return None


def _weighted_cross_entropy(weight_RC: Tensor, smoothing: float) -> LossOfReplicates:
    """As torch's: both parts are divided by the summed weights of the labels."""

    def losses(out_RCB: Tensor, y_RB: Tensor) -> Tensor:
        surprise_RCB = -out_RCB.log_softmax(dim=1) * weight_RC[:, :, None]
        of_label_R = surprise_RCB.gather(1, y_RB[:, None]).sum(dim=(1, 2))
        of_all_R = surprise_RCB.sum(dim=(1, 2)) / weight_RC.shape[1]
        total_R = weight_RC.gather(1, y_RB).sum(dim=1)
        return ((1 - smoothing) * of_label_R + smoothing * of_all_R) / total_R

    return losses
