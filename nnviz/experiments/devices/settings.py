"""What is asked about speed: which size grows, and what the others are."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.devices.records import Work
from nnviz.experiments.devices.speeds import SIZES, Axis, works


class SpeedSettings(Spec):
    """What grows, and what stays: the size that grows is read off at its own value."""

    axis: Axis = Field(
        "width", title="What grows",
        json_schema_extra={"choices": list(SIZES)},
    )  # fmt: skip
    width: Annotated[int, Field(ge=8, le=2048)] = Field(
        256, title="Width", json_schema_extra={"offered": list(SIZES["width"])}
    )
    depth: Annotated[int, Field(ge=1, le=32)] = Field(
        3, title="Hidden layers", json_schema_extra={"offered": list(SIZES["depth"])}
    )
    batch_size: Annotated[int, Field(ge=1, le=4096)] = Field(
        128, title="Batch size", json_schema_extra={"offered": list(SIZES["batch_size"])}
    )
    again: Annotated[int, Field(ge=0, le=10_000)] = 0

    @property
    def work(self) -> Work:
        """One update of this size."""
        return Work(self.width, self.depth, self.batch_size)

    @property
    def works(self) -> tuple[Work, ...]:
        """The work at every size of the axis."""
        return works(self.axis, self.work)

    @property
    def size(self) -> int:
        """The measured size that is nearest to the one that is asked about."""
        asked = getattr(self, self.axis)
        sizes = [int(getattr(work, self.axis)) for work in self.works]
        return min(sizes, key=lambda size: abs(float(np.log(size / asked))))
