"""One update taken apart, as a page asks for it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import Field

from nnviz.experiments.update import Asked, look_or_refuse
from nnviz.experiments.update.records import ParameterKind
from nnviz.feed.question import Question
from nnviz.feed.wire import Json
from nnviz.runs.inquiry import Inquiry

MOST = 2**31
Index = Annotated[int, Field(ge=0, lt=MOST)]


class Inside(Question):
    """The update after `step`; what is left out is chosen by the numbers."""

    ask: Literal["inside"]
    sample: Index | Literal["batch"] | None = None
    layer: Annotated[str, Field(max_length=80)] | None = None
    unit: Index | None = None
    of: ParameterKind | None = None
    source: Index | None = None

    @property
    def inquiry(self) -> tuple[Inquiry, Any]:
        """Take it apart where the training stands."""
        return look_or_refuse, Asked(self.sample, self.layer, self.unit, self.of, self.source)

    def told(self, found: Any) -> Json:
        """The record as it is, or why there is none."""
        return {"refused": found} if isinstance(found, str) else asdict(found)
