"""Asking a training where it stood at one step: any step can be computed again."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from nnviz.runs.bursts import Burst, run_burst, under
from nnviz.training import TrainingState

Inquiry = Callable[[TrainingState, Any], Any]
"""What a worker makes of a state and what was asked; it changes neither."""

N_KEPT = 4
"""States that a worker keeps at hand: the next question is mostly about the same."""


def inquire(way: Burst, inquiry: Inquiry, asked: Any) -> Any:
    """Go there and ask; called on a worker. Raises TimeoutError where the way is too long."""
    state = TrainingState.from_bytes(_standing(way))
    if state.step < way.until and state.divergence is None:
        raise TimeoutError(f"step {way.until:,} is too far from the next one that is kept")
    return inquiry(under(state, way.timeline.training_at(state.step)), asked)


@lru_cache(N_KEPT)
def _standing(way: Burst) -> bytes:
    return run_burst(way).state
