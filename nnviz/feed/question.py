"""A question: what a page asks of a run where it stood at one step, and a worker answers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from nnviz.base import Spec
from nnviz.feed.wire import Json
from nnviz.runs.inquiry import Inquiry

MAX_STEP = 2**53


class Question(Spec):
    """Each kind is one file, with fields that are bounded, and is listed in `asking.py`."""

    step: Annotated[int, Field(ge=0, le=MAX_STEP)]
    lane: Annotated[int, Field(ge=0, le=3)] = 0

    @property
    def inquiry(self) -> tuple[Inquiry, Any]:
        """What a worker calls with the training's state, and what it gets beside it."""
        raise NotImplementedError

    def told(self, found: Any) -> Json:
        """What it returned, as plain values and arrays for the browser."""
        raise NotImplementedError
