"""How far a data set can be learned without any network, and on which scales its inputs are.

Shapes: N points, F features, K neighbours, C classes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from nnviz.records import DataRecord, DataSummaryRecord, has_classes

N_NEIGHBOURS = 5
MAX_POINTS = 2000
TARGET = "the target"


@dataclass(frozen=True)
class _Part:
    """Standardized inputs (N, F) and targets (N,) of at most 2000 points."""

    x_NF: Tensor
    y_N: Tensor


def data_summary(record: DataRecord) -> DataSummaryRecord:
    """What is known of the data before any training, without the loss of a constant answer."""
    train, test = _parts(record)
    classes = has_classes(record.task)
    constant = train.y_N.mode().values if classes else train.y_N.mean()
    widest, narrowest = _scales(record)
    return DataSummaryRecord(
        n_per_class=_counts(record),
        target_std=math.nan if classes else float(train.y_N.std(correction=0)),
        widest=widest,
        narrowest=narrowest,
        replaced_labels=0.0 if record.flipped_N is None else float(record.flipped_N.mean()),
        constant_train=score(constant.expand_as(train.y_N), train.y_N, classes),
        constant_test=score(constant.expand_as(test.y_N), test.y_N, classes),
        neighbour_train=score(_by_neighbours(train, train, classes), train.y_N, classes),
        neighbour_test=score(_by_neighbours(train, test, classes), test.y_N, classes),
    )


def score(answer_N: Tensor, target_N: Tensor, classes: bool) -> float:
    """Share of right answers, or R² = 1 - squared error / variance; NaN without variance."""
    if classes:
        return float((answer_N == target_N).double().mean())
    spread = float((target_N - target_N.mean()).square().sum())
    return 1 - float((answer_N - target_N).square().sum()) / spread if spread else math.nan


def _parts(record: DataRecord) -> tuple[_Part, _Part]:
    classes = has_classes(record.task)
    (train_x, train_y), (test_x, test_y) = (
        (
            torch.as_tensor(x[:MAX_POINTS], dtype=torch.float64).flatten(1),
            torch.as_tensor(y[:MAX_POINTS], dtype=torch.int64 if classes else torch.float64),
        )
        for x, y in ((record.train_x, record.train_y), (record.test_x, record.test_y))
    )
    per_feature = record.train_x.ndim == 2
    scale = train_x.std(dim=0, correction=0) if per_feature else train_x.std()
    scale = torch.where(scale > 0, scale, 1.0)
    return _Part(train_x / scale, train_y.flatten()), _Part(test_x / scale, test_y.flatten())


def _by_neighbours(known: _Part, asked: _Part, classes: bool) -> Tensor:
    """The most frequent class, or the mean, of each point's nearest known points, (N,)."""
    distance_NN = torch.cdist(asked.x_NF, known.x_NF)
    if asked is known:
        distance_NN.fill_diagonal_(math.inf)
    n_neighbours = min(N_NEIGHBOURS, len(known.y_N) - (asked is known))
    if n_neighbours < 1:
        return known.y_N[0].expand_as(asked.y_N)
    nearest_NK = distance_NN.topk(n_neighbours, largest=False).indices
    answers_NK = known.y_N[nearest_NK]
    return answers_NK.mode(dim=1).values if classes else answers_NK.mean(dim=1)


def _counts(record: DataRecord) -> tuple[int, ...]:
    if not has_classes(record.task):
        return ()
    labels_N = torch.as_tensor(record.train_y)
    return tuple(torch.bincount(labels_N, minlength=len(record.class_names)).tolist())


def _scales(
    record: DataRecord,
) -> tuple[tuple[str, float] | None, tuple[str, float] | None]:
    """The widest and the narrowest of what varies, with their deviations."""
    if record.train_x.ndim != 2:
        return None, None
    deviations = zip(record.train_x.std(axis=0).tolist(), record.feature_names, strict=True)
    target = [(float(record.train_y.std()), TARGET)] if not has_classes(record.task) else []
    named = [(deviation, name) for deviation, name in (*deviations, *target) if deviation > 0]
    if len(named) < 2:
        return None, None
    (wide, widest), (narrow, narrowest) = max(named), min(named)
    return (widest, wide), (narrowest, narrow)
