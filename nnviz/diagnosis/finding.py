"""One finding: how bad, which cause, where, since when, and what to try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["good", "info", "warning", "danger"]
Cause = Literal[
    "not finite",
    "start",
    "data",
    "normalization",
    "rate too large",
    "rate too small",
    "penalty",
    "dead units",
    "saturated units",
    "vanishing gradient",
    "exploding gradient",
    "class collapse",
    "overfitting",
    "underfitting",
    "converged",
    "learning",
    "untrained",
    "too early",
]


@dataclass(frozen=True)
class Diagnosis:
    """One finding in a sentence, with a remedy; `layer` and `since_step` where they apply."""

    severity: Severity
    cause: Cause
    headline: str
    advice: str = ""
    layer: str | None = None
    since_step: int | None = None

    def __str__(self) -> str:
        since = f" Since step {self.since_step:,}." if self.since_step is not None else ""
        return f"{self.headline}{since} {self.advice}".strip()
