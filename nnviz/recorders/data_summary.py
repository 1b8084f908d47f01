"""How far a data set can be learned without any network, and on which scales its inputs are.

Shapes: N points, F features, K neighbours, C classes. Where each of T places has a class, what is
told of points holds of places: the neighbours vote on each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from nnviz.records import DataRecord, DataSummaryRecord, has_classes

N_NEIGHBOURS = 5
MAX_POINTS = 2000
TARGET = "the target"


@dataclass(frozen=True)
class _Part:
    """Standardized inputs, tokens as one-hot, (N, F), and targets (N, T) of at most 2000 points."""

    x_NF: Tensor
    y_NT: Tensor


def data_summary(record: DataRecord) -> DataSummaryRecord:
    """What is known of the data before any training, without the loss of a constant answer."""
    train, test = _parts(record)
    classes = has_classes(record.task)
    constant = train.y_NT.flatten().mode().values if classes else train.y_NT.mean()
    widest, narrowest = _scales(record)
    return DataSummaryRecord(
        n_per_class=_counts(record),
        target_std=math.nan if classes else float(train.y_NT.std(correction=0)),
        widest=widest,
        narrowest=narrowest,
        follows_exactly=record.follows_exactly,
        replaced_labels=0.0 if record.flipped_N is None else float(record.flipped_N.mean()),
        constant_train=score(constant.expand_as(train.y_NT), train.y_NT, classes),
        constant_test=score(constant.expand_as(test.y_NT), test.y_NT, classes),
        neighbour_train=score(_by_neighbours(train, train, classes), train.y_NT, classes),
        neighbour_test=score(_by_neighbours(train, test, classes), test.y_NT, classes),
    )


def score(answer: Tensor, target: Tensor, classes: bool) -> float:
    """Share of right answers, or R² = 1 - squared error / variance; NaN without variance."""
    if classes:
        return float((answer == target).double().mean())
    spread = float((target - target.mean()).square().sum())
    return 1 - float((answer - target).square().sum()) / spread if spread else math.nan


def _parts(record: DataRecord) -> tuple[_Part, _Part]:
    classes = has_classes(record.task)
    (train_x, train_y), (test_x, test_y) = (
        (
            _numbers(torch.as_tensor(x[:MAX_POINTS], dtype=torch.float64), len(record.token_names)),
            torch.as_tensor(y[:MAX_POINTS], dtype=torch.int64 if classes else torch.float64),
        )
        for x, y in ((record.train_x, record.train_y), (record.test_x, record.test_y))
    )
    per_feature = record.train_x.ndim == 2
    scale = train_x.std(dim=0, correction=0) if per_feature else train_x.std()
    scale = torch.where(scale > 0, scale, 1.0)
    return (
        _Part(train_x / scale, train_y.reshape(len(train_y), -1)),
        _Part(test_x / scale, test_y.reshape(len(test_y), -1)),
    )


def _numbers(x: Tensor, vocabulary: int) -> Tensor:
    """Numbers to measure distances by, (N, F): of tokens one a place and token, 0 or 1."""
    if not vocabulary:
        return x.flatten(1)
    return F.one_hot(x.long(), vocabulary).flatten(1).to(x.dtype)


def _by_neighbours(known: _Part, asked: _Part, classes: bool) -> Tensor:
    """The most frequent class, or the mean, of each point's nearest known points, (N, T)."""
    distance_NN = torch.cdist(asked.x_NF, known.x_NF)
    if asked is known:
        distance_NN.fill_diagonal_(math.inf)
    n_neighbours = min(N_NEIGHBOURS, len(known.y_NT) - (asked is known))
    if n_neighbours < 1:
        return known.y_NT[0].expand_as(asked.y_NT)
    nearest_NK = distance_NN.topk(n_neighbours, largest=False).indices
    answers_NKT = known.y_NT[nearest_NK]
    return answers_NKT.mode(dim=1).values if classes else answers_NKT.mean(dim=1)


def _counts(record: DataRecord) -> tuple[int, ...]:
    if not has_classes(record.task):
        return ()
    labels = torch.as_tensor(record.train_y).flatten()
    return tuple(torch.bincount(labels, minlength=len(record.class_names)).tolist())


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
