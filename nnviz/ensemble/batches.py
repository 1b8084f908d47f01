"""Which points come next for each replicate: its own order in every epoch.

Shapes: R replicates, N training points, B points of a batch.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nnviz.ensemble.data import EnsembleData
from nnviz.seeds import derived_seed


class Batches:
    """The batches a single training with the same seed would see, for all replicates in step."""

    def __init__(
        self, data: EnsembleData, seeds: Sequence[int], batch_size: int, skips_single: bool
    ) -> None:
        self._seeds, self._batch_size, self._skips_single = seeds, batch_size, skips_single
        self._n, device = data.n_train, data.train_x.device
        first = 0 if data.train_is_shared else 1
        self._x, self._y = data.train_x.flatten(0, first), data.train_y.flatten(0, first)
        offset_R = torch.arange(len(seeds)) * (0 if data.train_is_shared else self._n)
        self._offset_R1, self._device = offset_R[:, None], device
        self.epoch = self.position = 0
        self._order_RN = self._orders()

    def next(self) -> tuple[Tensor, Tensor]:
        """Inputs (R, B, …) and targets (R, B) or (R, B, C) of the next batch."""
        end = min(self.position + self._batch_size, self._n)
        index_RB = self._order_RN[:, self.position : end]
        self.position = end
        left = self._n - end
        if left <= 0 or (left == 1 and self._skips_single):
            self.epoch, self.position = self.epoch + 1, 0
            self._order_RN = self._orders()
        chosen = index_RB.reshape(-1)
        x, y = self._x.index_select(0, chosen), self._y.index_select(0, chosen)
        return x.unflatten(0, index_RB.shape), y.unflatten(0, index_RB.shape)

    def _orders(self) -> Tensor:
        generator = torch.Generator()
        order_RN = torch.empty((len(self._seeds), self._n), dtype=torch.int64)
        for seed, order_N in zip(self._seeds, order_RN, strict=True):
            generator.manual_seed(derived_seed(seed, "epoch", self.epoch))
            torch.randperm(self._n, generator=generator, out=order_N)
        return order_RN.add_(self._offset_R1).to(self._device)
