"""A training step that was recorded as one piece: what a trainer asks of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from torch import Tensor


class WholeStep(Protocol):
    """Forward, backward and update at once, in memory that never moves."""

    def __call__(self, x: Tensor, y: Tensor, rate: float) -> Tensor:
        """One update from this batch at this learning rate; its loss."""

    def takes(self, n_rows: int) -> bool:
        """Whether batches of this size were recorded."""

    def set_rate(self, rate: float) -> None:
        """The learning rate of the optimizer's next step."""

    def remember(self, memory: Mapping[str, Tensor]) -> None:
        """The optimizer's memory becomes a copy of this, in place."""
