"""The data of many replicates: one set shared by all, or one set for each.

Shapes: R replicates, N points, F numbers a point; `…` is the shape of one sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nnviz.data import Dataset


@dataclass(frozen=True)
class EnsembleData:
    """Training and test tensors, shared (N, …) or one set a replicate (R, N, …).

    Targets are int64 classes, (N,) or (R, N), or float32 values, (N, C) or (R, N, C). Where each
    of T places has a class they are (N, T) or (R, N, T).
    Training and test parts may be shared independently of each other.
    """

    train_x: Tensor
    train_y: Tensor
    test_x: Tensor
    test_y: Tensor
    train_is_shared: bool = True
    test_is_shared: bool = True

    @property
    def n_train(self) -> int:
        """Number of training points of one replicate."""
        return int(self.train_x.shape[0 if self.train_is_shared else 1])

    def part(self, start: int, end: int, device: torch.device) -> EnsembleData:
        """The data of replicates `start` … `end` - 1, on a device."""
        own = slice(start, end)
        train = slice(None) if self.train_is_shared else own
        test = slice(None) if self.test_is_shared else own
        return EnsembleData(
            self.train_x[train].to(device),
            self.train_y[train].to(device),
            self.test_x[test].to(device),
            self.test_y[test].to(device),
            self.train_is_shared,
            self.test_is_shared,
        )


def shared_data(dataset: Dataset) -> EnsembleData:
    """One data set that every replicate trains and is tested on."""
    return EnsembleData(dataset.train_x, dataset.train_y, dataset.test_x, dataset.test_y)


def own_data(datasets: Sequence[Dataset]) -> EnsembleData:
    """One data set for each replicate, all of the same shapes."""
    return EnsembleData(
        torch.stack([dataset.train_x for dataset in datasets]),
        torch.stack([dataset.train_y for dataset in datasets]),
        torch.stack([dataset.test_x for dataset in datasets]),
        torch.stack([dataset.test_y for dataset in datasets]),
        train_is_shared=False,
        test_is_shared=False,
    )
