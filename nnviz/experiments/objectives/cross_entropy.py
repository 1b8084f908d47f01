"""Cross-entropy from logits by hand, every step kept, beside torch's own answer.

Shapes: N samples, C classes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, assert_never

import torch
import torch.nn.functional as F
from torch import Tensor

from nnviz.experiments.objectives.records import CrossEntropyRecord
from nnviz.records import FloatArray

Reduction = Literal["mean", "sum", "none"]


def cross_entropy_by_hand(
    logits_NC: Sequence[Sequence[float]],
    target_N: Sequence[int],
    weight_C: Sequence[float] | None = None,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
    ignore_index: int = -100,
) -> CrossEntropyRecord:
    """Softmax, log, pick; then weigh and reduce, as torch.nn.functional.cross_entropy does.

    With smoothing ε the label is (1 − ε) at the target and ε/C everywhere; each class's term
    carries that class's weight, and "mean" divides by the summed weights of the *targets*,
    whatever ε is. Ignored samples count neither above nor below the line.
    """
    z = torch.tensor(logits_NC, dtype=torch.float64, requires_grad=True)
    target = torch.tensor(target_N)
    n_classes = z.shape[1]
    weight = torch.ones(n_classes, dtype=z.dtype) if weight_C is None else z.new_tensor(weight_C)
    ignored_N = target == ignore_index
    log_softmax_NC = z - z.logsumexp(dim=1, keepdim=True)
    picked_N = target.masked_fill(ignored_N, 0)
    one_hot_NC = F.one_hot(picked_N, n_classes).to(z.dtype)
    share_NC = (1 - label_smoothing) * one_hot_NC + label_smoothing / n_classes
    share_NC = share_NC.masked_fill(ignored_N[:, None], 0.0)
    loss_N = -(share_NC * weight * log_softmax_NC).sum(dim=1)
    divisor = float(weight[picked_N].masked_fill(ignored_N, 0.0).sum())
    total = loss_N.sum()
    reduced = total / divisor if reduction == "mean" and divisor else total
    (gradient_NC,) = torch.autograd.grad(reduced, z)
    reference = F.cross_entropy(
        z,
        target,
        weight,
        ignore_index=ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )
    return CrossEntropyRecord(
        logits_NC=_array(z),
        target_N=target.numpy(),
        softmax_NC=_array(log_softmax_NC.exp()),
        log_softmax_NC=_array(log_softmax_NC),
        target_share_NC=_array(share_NC),
        weight_C=_array(weight),
        ignored_N=ignored_N.numpy(),
        loss_N=_array(loss_N),
        divisor=divisor,
        loss=_reduced(reduction, divisor, float(total.detach())),
        reference_N=_array(reference.reshape(-1)),
        gradient_NC=_array(gradient_NC),
    )


def _reduced(reduction: Reduction, divisor: float, total: float) -> float:
    match reduction:
        case "none":
            return math.nan
        case "sum":
            return total
        case "mean":
            return total / divisor if divisor else math.nan
        case _:
            assert_never(reduction)


def _array(values: Tensor) -> FloatArray:
    return values.detach().numpy()
