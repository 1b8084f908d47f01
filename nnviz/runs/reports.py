"""How a run stands, in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nnviz.records import DivergenceRecord
from nnviz.runs.fair_queue import EngineError
from nnviz.spec import SpecError

RunStatus = Literal["paused", "running", "finished", "diverged", "stopped", "failed"]


@dataclass(frozen=True)
class Event:
    """Something that changed from `step` on, for a mark in the charts."""

    step: int
    text: str


def divergence_text(record: DivergenceRecord) -> str:
    """When and where a lane's numbers ceased to be finite."""
    if record.quantity == "loss":
        what = "the loss is"
    elif record.quantity == "weight":
        what = f"a weight of {record.layer} is"
    else:
        what = f"{record.layer}'s {record.quantity} is"
    return f"Diverged at step {record.step}: {what} no longer a finite number."


def lanes_text(divergences: Sequence[str | None]) -> str:
    """The lanes' sentences in one text, numbered where there are several lanes."""
    if len(divergences) == 1:
        return divergences[0] or ""
    told = [f"Lane {number}: {text}" for number, text in enumerate(divergences, start=1) if text]
    return " ".join(told)


def failure_text(error: BaseException) -> str:
    """Why a run can't go on."""
    if isinstance(error, SpecError | EngineError):
        return str(error)
    return f"The training failed: {type(error).__name__}: {error}"
