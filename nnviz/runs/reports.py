"""How a run stands, in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from nnviz.records import DivergenceRecord
from nnviz.runs.fair_queue import CallFailedError, EngineError
from nnviz.runs.size import is_want_of_memory, smaller
from nnviz.spec import ExperimentSpec, SpecError

RunStatus = Literal["paused", "running", "finished", "diverged", "stopped", "failed"]


@dataclass(frozen=True)
class Event:
    """Something that changed from `step` on, for a mark in the charts."""

    step: int
    text: str


def divergence_text(record: DivergenceRecord) -> str:
    """When and where a lane's numbers ceased to be finite."""
    match record.quantity:
        case "loss":
            what = "the loss is"
        case "weight":
            what = f"a weight of {record.layer} is"
        case "activation" | "gradient":
            what = f"{record.layer}'s {record.quantity} is"
        case _:
            assert_never(record.quantity)
    return f"Diverged at step {record.step}: {what} no longer a finite number."


def lanes_text(divergences: Sequence[str | None]) -> str:
    """The lanes' sentences in one text, numbered where there are several lanes."""
    if len(divergences) == 1:
        return divergences[0] or ""
    told = [f"Lane {number}: {text}" for number, text in enumerate(divergences, start=1) if text]
    return " ".join(told)


def failure_text(error: BaseException, lanes: Sequence[ExperimentSpec], step: int) -> str:
    """Why the lanes can't go on from `step`, what to make smaller, and what Train would do."""
    again = f" Train tries again from step {step:,}."
    if isinstance(error, CallFailedError):
        return f"The training stands still: {error}. {smaller(lanes)}{again}"
    if is_want_of_memory(error):
        return f"The worker has not enough memory for this training. {smaller(lanes)}{again}"
    if isinstance(error, SpecError | EngineError):
        return str(error)
    return f"The training failed: {type(error).__name__}: {error}"
