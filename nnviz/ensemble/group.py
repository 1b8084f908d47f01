"""The replicates that share one batched network: their updates and their measures.

Shapes: R replicates, N points, C classes or outputs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from nnviz.catalog.optimizers import OPTIMIZERS
from nnviz.catalog.schedules import SCHEDULES
from nnviz.ensemble.batches import Batches
from nnviz.ensemble.by_hand import ByHand
from nnviz.ensemble.data import EnsembleData
from nnviz.ensemble.losses import accuracy_of_replicates, loss_of_replicates
from nnviz.ensemble.network import BatchedNetwork
from nnviz.spec import ExperimentSpec
from nnviz.spec.training import ROOM_OF_CLIPPING

MIN_ROWS_AT_ONCE = 256
MAX_NUMBERS_AT_ONCE = 4_000_000


class Group:
    """Takes the training steps of all its replicates together."""

    def __init__(
        self, spec: ExperimentSpec, seeds: Sequence[int], data: EnsembleData, device: torch.device
    ) -> None:
        self.spec, self.data, self.device = spec, data, device
        n_rows = min(spec.training.batch_size + 1, data.n_train)  # a last one may be joined
        network = self.network = BatchedNetwork(spec, seeds, device, n_rows)
        self._by_hand = ByHand(spec, network.leaves, network.switches, len(seeds))
        optimizer = spec.training.optimizer
        self.optimizer = OPTIMIZERS[optimizer.name].make(
            self.network.flat, optimizer.learning_rate, optimizer.weight_decay, optimizer.arguments
        )
        self.loss_of = loss_of_replicates(spec, data, len(seeds))
        self._batches = Batches(data, seeds, spec.training.batch_size)
        self._all_R = torch.ones(len(seeds), device=device)
        self._losses_finite_R = torch.ones(len(seeds), dtype=torch.bool, device=device)
        self._leaves = list(self.network.leaves.values())
        self._numbers = sum(math.prod(layer.output_shape) for layer in spec.layer_shapes)
        self.step = 0

    def advance(self, n_steps: int) -> None:
        """Train on for `n_steps` updates; a replicate that diverges goes on as NaN."""
        for _ in range(n_steps):
            self._update()

    @property
    def are_finite(self) -> Tensor:
        """Whose losses have all been finite, and whose weights are: what a gradient spoils."""
        R = self.network.n_replicates
        leaves = (leaf.detach().view(R, -1) for leaf in self._leaves)
        weights_R = torch.stack([leaf_RN.isfinite().all(dim=1) for leaf_RN in leaves]).all(dim=0)
        return self._losses_finite_R & weights_R

    def outputs(self, x: Tensor, shared: bool) -> Tensor:
        """Outputs (R, C, N) in evaluation mode for inputs (N, …) or, not shared, (R, N, …)."""
        with torch.no_grad():
            return torch.cat([self._answers(x, shared, *span) for span in self._spans(x, shared)])

    def measure(self, x: Tensor, y: Tensor, shared: bool) -> tuple[Tensor, Tensor]:
        """Loss and accuracy of each replicate on a set, (R,) each."""
        out_RCN = self.outputs(x, shared)
        target = y.expand(len(out_RCN), *y.shape) if shared else y
        with torch.no_grad():
            return self.loss_of(out_RCN, target), accuracy_of_replicates(out_RCN, target)

    def _update(self) -> None:
        network, training = self.network, self.spec.training
        x, y = self._batches.next()
        self._by_hand.begin(self.step)
        loss_R = self.loss_of(network(x, training=True, step=self.step), y)
        self._losses_finite_R &= loss_R.detach().isfinite()
        gradients = torch.autograd.grad(loss_R, self._leaves, self._all_R)
        torch.cat([gradient.view(-1) for gradient in gradients], out=network.gradient)
        if training.l1:
            signs = network.flat.detach().sign() * network.penalized
            network.gradient.add_(signs, alpha=training.l1)
        self._by_hand.without_frozen(network.gradient)
        if training.clip_norm:
            self._clip(training.clip_norm)
        schedule = training.schedule
        factor = SCHEDULES[schedule.name].factor(self.step, training.n_steps, schedule.arguments)
        self.optimizer.param_groups[0]["lr"] = training.optimizer.learning_rate * factor
        with self._by_hand.held(network.flat.detach()):
            self.optimizer.step()
        self.step += 1

    def _clip(self, clip_norm: float) -> None:
        """Shorten each replicate's gradient to that norm where it is longer, as torch does."""
        own_R = (self.network.n_replicates, -1)
        lengths = [leaf.numel() for leaf in self._leaves]
        parts = [part.view(own_R) for part in self.network.gradient.split(lengths)]
        norm_R = torch.stack([part.norm(dim=1) for part in parts]).norm(dim=0)
        factor_R = (clip_norm / (norm_R + ROOM_OF_CLIPPING)).clamp_(max=1.0)
        for part in parts:
            part.mul_(factor_R[:, None])

    def _spans(self, x: Tensor, shared: bool) -> Iterator[tuple[int, int]]:
        R, n_points = self.network.n_replicates, x.shape[0 if shared else 1]
        n = max(1, MAX_NUMBERS_AT_ONCE // (self._numbers * n_points))
        for start in range(0, R, n):
            yield start, min(start + n, R)

    def _answers(self, x: Tensor, shared: bool, start: int, end: int) -> Tensor:
        """Rows are cut as a single training cuts them: it matters without running statistics."""
        x_RN = x.expand(end - start, *x.shape) if shared else x[start:end]
        n_rows = max(MAX_NUMBERS_AT_ONCE // self._numbers, MIN_ROWS_AT_ONCE)
        parts = x_RN.split(n_rows, dim=1)
        return torch.cat([self.network(part, False, start=start) for part in parts], dim=2)
