"""Learning-rate schedules: each a factor on the base rate, computed from the step alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nnviz.catalog.calls import name_of


@dataclass(frozen=True)
class Schedule:
    """`factor(step, n_steps, arguments)` for update number `step` (from 0) of `n_steps`.

    Beyond `n_steps` a schedule stays at its last factor. `arguments`: name → default. Scripts show
    `factor` as it stands, so it is a function by `def` at the top of its file.
    """

    name: str
    factor: Callable[[int, int, Mapping[str, float]], float]
    arguments: Mapping[str, float] = field(default_factory=dict)
    has_horizon: bool = False
    """Whether the factor depends on `n_steps`."""

    def __post_init__(self) -> None:
        name_of(self.factor)  # what no script could name is refused here


def _constant(step: int, n_steps: int, arguments: Mapping[str, float]) -> float:
    return 1.0


def _step(step: int, n_steps: int, arguments: Mapping[str, float]) -> float:
    return arguments["gamma"] ** (step // max(int(arguments["every"]), 1))


def _cosine(step: int, n_steps: int, arguments: Mapping[str, float]) -> float:
    return (1 + math.cos(math.pi * min(step, n_steps) / max(n_steps, 1))) / 2


def _anneal(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))


def _one_cycle(step: int, n_steps: int, arguments: Mapping[str, float]) -> float:
    """Smith's one-cycle policy with torch's defaults: from 1/25 up to 1 and down to 1/250,000."""
    peak = 0.3 * n_steps - 1
    last = n_steps - 1
    step = min(step, last)
    if step <= peak:
        return _anneal(1 / 25, 1.0, step / peak if peak > 0 else 1.0)
    return _anneal(1.0, 1 / 25 / 1e4, (step - peak) / max(last - peak, 1e-9))


def _warm_up(step: int, n_steps: int, arguments: Mapping[str, float]) -> float:
    return min(1.0, (step + 1) / max(int(arguments["warmup_steps"]), 1))


SCHEDULES: dict[str, Schedule] = {
    entry.name: entry
    for entry in (
        Schedule("constant", _constant),
        Schedule("step", _step, {"every": 300.0, "gamma": 0.5}),
        Schedule("cosine", _cosine, has_horizon=True),
        Schedule("one_cycle", _one_cycle, has_horizon=True),
        Schedule("warm_up", _warm_up, {"warmup_steps": 100.0}),
    )
}
