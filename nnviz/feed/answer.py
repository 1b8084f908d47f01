"""What the network answers for one input, as a page asks for it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import Field

from nnviz.experiments.answers.answered import answered
from nnviz.experiments.answers.records import AnswerRecord, AskedInput, Mode
from nnviz.feed.question import Question
from nnviz.feed.wire import Json
from nnviz.runs.inquiry import Inquiry

MAX_NUMBERS = 4096
MAX_POINT = 1_000_000

Value = Annotated[float, Field(ge=-1e6, le=1e6)]
Place = Annotated[int, Field(ge=0, le=MAX_POINT)]


class Answer(Question):
    """What the network answers for one input: these values, or else this test point."""

    ask: Literal["answer"]
    values: Annotated[tuple[Value, ...], Field(min_length=1, max_length=MAX_NUMBERS)] | None = None
    point: Place = 0
    mode: Mode = "evaluation"
    about: bool = False
    near: Place | None = None
    only_wrong: bool = False

    @property
    def inquiry(self) -> tuple[Inquiry, Any]:
        """The answer where the training stood."""
        asked = AskedInput(
            self.values, self.point, self.mode, self.about, self.near, self.only_wrong
        )
        return answered, asked

    def told(self, found: AnswerRecord) -> Json:
        """Every field by its name; what does not exist is null."""
        return asdict(found)
