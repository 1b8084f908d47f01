"""Updates taken on trust: many in a row, then one look back whether all numbers were finite.

So nothing waits for a number at every step, which an accelerator would have to stop for. Where a
number was not finite the steps are taken again, carefully, from a copy of where they began. All
draws are derived from the step, so the numbers are the same and the first bad one is found.
"""

from __future__ import annotations

import math
import time

import torch
from torch import Tensor

from nnviz.recorders import BackwardRecorder, FiniteWatch, unfinite_weight
from nnviz.records import DivergenceRecord
from nnviz.training.snapshots import StepRecord
from nnviz.training.trainer import Checkpoint, Trainer

MAX_STEPS = 256
SECONDS_AHEAD = 0.03
"""How long an accelerator may be behind with what it was asked for."""


class TrustedSteps:
    """Takes a trainer's updates; `settle` says whether those since it was last asked were good."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._kept: Checkpoint | None = None
        self._losses: list[Tensor] = []
        self._started = 0.0
        self._runs_ahead = trainer.device.type != "cpu"
        self._limit = 1 if self._runs_ahead else MAX_STEPS

    def step(self) -> DivergenceRecord | None:
        """One update; a divergence may be told some steps late, the trainer before it again."""
        if not self._losses:
            self._started = time.perf_counter()
            self._kept = self._trainer.checkpoint()
        self._losses.append(self._trainer.take_step())
        return self.settle() if len(self._losses) >= self._limit else None

    def settle(self) -> DivergenceRecord | None:
        """Where the steps on trust first met a number that is not finite; None where none did.

        The trainer then stands before the update that failed.
        """
        if not self._losses:
            return None
        n, were_good = len(self._losses), self._were_good()
        self._losses.clear()
        if were_good:
            self._pace(n)
            return None
        assert self._kept is not None
        self._trainer.restore(self._kept)
        for _ in range(n):
            outcome = careful_update(self._trainer)
            if isinstance(outcome, DivergenceRecord):
                return outcome
        return None  # a sum of finite numbers was not finite

    def _were_good(self) -> bool:
        """Whether all losses and, now, all weights are ordinary numbers.

        A gradient that is not leaves such a weight, whatever the optimizer, and it stays.
        """
        total = torch.stack(self._losses).sum() + self._trainer.flat.detach().sum()
        return math.isfinite(float(total))

    def _pace(self, n: int) -> None:
        if not self._runs_ahead:
            return
        in_time = n * SECONDS_AHEAD / max(time.perf_counter() - self._started, 1e-9)
        self._limit = max(1, min(int(in_time), 4 * n, MAX_STEPS))


def careful_update(trainer: Trainer) -> StepRecord | DivergenceRecord:
    """One update with a look at every tensor on the way, and what it did.

    Or, where loss or weights are not finite, the first number that was not, the trainer as it was
    before the update. What a flat activation swallows leaves both finite: training goes on.
    """
    network, next_step = trainer.network, trainer.step + 1
    kept = trainer.checkpoint()
    with BackwardRecorder(network) as heard, FiniteWatch(network) as watch:
        loss = trainer.backward()
    gradient = trainer.gradient.to("cpu", copy=True)
    taken = StepRecord(float(loss), trainer.learning_rate, heard, gradient, kept.flat.to("cpu"))
    trainer.update()
    broken = unfinite_weight(network, next_step)
    if broken is None and math.isfinite(taken.loss):
        return taken
    trainer.restore(kept)
    found = unfinite_weight(network, next_step) or watch.found(next_step, loss) or broken
    assert found is not None
    return found
