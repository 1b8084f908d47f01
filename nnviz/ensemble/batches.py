"""Which points come next for each replicate: its own order in every epoch.

Shapes: R replicates, N training points, B points of a batch.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nnviz.ensemble.data import EnsembleData
from nnviz.randomness import reseeded, torch_generator
from nnviz.seeds import derived_seed
from nnviz.spec.batches import batch_end


class Batches:
    """The batches a single training with the same seed would see, for all replicates in step."""

    def __init__(self, data: EnsembleData, seeds: Sequence[int], batch_size: int) -> None:
        self._seeds, self._batch_size = seeds, batch_size
        self._n, device = data.n_train, data.train_x.device
        first = 0 if data.train_is_shared else 1
        self._x, self._y = data.train_x.flatten(0, first), data.train_y.flatten(0, first)
        offset_R = torch.arange(len(seeds)) * (0 if data.train_is_shared else self._n)
        self._offset_R1, self._device = offset_R[:, None], device
        self.epoch = self.position = 0
        self._order_RN = self._orders()

    def next(self) -> tuple[Tensor, Tensor]:
        """Inputs (R, B, …) and targets (R, B) or (R, B, C) of the next batch."""
        end = batch_end(self._n, self._batch_size, self.position)
        index_RB = self._order_RN[:, self.position : end]
        self.position = end
        if end == self._n:
            self.epoch, self.position = self.epoch + 1, 0
            self._order_RN = self._orders()
        chosen = index_RB.reshape(-1)
        x, y = self._x.index_select(0, chosen), self._y.index_select(0, chosen)
        return x.unflatten(0, index_RB.shape), y.unflatten(0, index_RB.shape)

    def _orders(self) -> Tensor:
        generator = torch_generator(0)
        order_RN = torch.empty((len(self._seeds), self._n), dtype=torch.int64)
        for seed, order_N in zip(self._seeds, order_RN, strict=True):
            reseeded(generator, derived_seed(seed, "epoch", self.epoch))
            torch.randperm(self._n, generator=generator, out=order_N)
        return order_RN.add_(self._offset_R1).to(self._device, non_blocking=True)
