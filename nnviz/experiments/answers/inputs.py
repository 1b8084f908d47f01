"""What inputs a network takes, and a few test points to pick from."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from nnviz.experiments.answers.records import InputKind, InputsRecord, TestPointsRecord
from nnviz.records import DataRecord, has_classes
from nnviz.training.trainer import Trainer

N_LISTED = 8
MOST_AT_ONCE = 256


def inputs_of(data: DataRecord) -> InputsRecord:
    """What a page has to know to let its reader choose an input."""
    kind = _kind(data)
    points = np.concatenate([data.train_x, data.test_x]).astype(np.float32)
    axis = 0 if kind in ("plane", "table") else None
    return InputsRecord(
        kind=kind,
        task=data.task,
        shape=data.test_x.shape[1:],
        feature_names=data.feature_names,
        class_names=data.class_names if has_classes(data.task) else (),
        token_names=data.token_names,
        low_F=np.atleast_1d(points.min(axis=axis)),
        high_F=np.atleast_1d(points.max(axis=axis)),
        n_test=len(data.test_x),
    )


def _kind(data: DataRecord) -> InputKind:
    shape = data.test_x.shape[1:]
    if data.token_names:
        return "tokens"
    if len(shape) == 1:
        return "plane" if shape[0] <= 2 else "table"
    if data.image_shape is not None:
        return "image"
    return "signal" if len(shape) == 2 else "volume"


def listed_points(trainer: Trainer, near: int, only_wrong: bool) -> TestPointsRecord:
    """A few test points from `near` on, from the first again behind the last.

    The network is in evaluation mode.
    """
    data = trainer.data
    x, target = data.test_x, data.test_y
    answer = torch.cat([_answers(trainer, part) for part in x.split(MOST_AT_ONCE)])
    index, n_wrong = torch.arange(len(x)), None
    if has_classes(data.record.task):
        is_wrong = (answer != target).view(len(x), -1).any(dim=1)
        n_wrong = int(is_wrong.sum())
        if only_wrong and n_wrong:
            index = index[is_wrong]
    start = int(torch.searchsorted(index, near)) % len(index)
    index = index.roll(-start)[:N_LISTED]
    return TestPointsRecord(
        index_K=index.numpy().astype(np.int32),
        x=_drawn(x[index]),
        target=target[index].numpy().copy(),
        answer=answer[index].numpy().copy(),
        n_wrong=n_wrong,
    )


def _answers(trainer: Trainer, x: Tensor) -> Tensor:
    output: Tensor = trainer.network(x.to(trainer.device)).cpu()
    return output.argmax(dim=1) if has_classes(trainer.data.record.task) else output[:, 0]


def _drawn(x: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.float16]]:
    if x.dim() == 2:
        return np.empty((0,), np.float16)
    if x.dim() == 5:
        x = x[:, :, x.shape[2] // 2]
    return x.to(torch.float16).numpy().copy()
