"""The block of numbers that is normalized, and the cell that is chosen in it."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from nnviz.base import Spec
from nnviz.experiments.normalization.groups import WORKED_EXAMPLE, drawn_block
from nnviz.experiments.normalization.records import NormalizationKind
from nnviz.records import FloatArray

Number = Annotated[float, Field(ge=-1e6, le=1e6)]
Size = Annotated[int, Field(ge=1, le=8)]
Place = Annotated[int, Field(ge=0, le=7)]


class CellsSettings(Spec):
    """A block of numbers with a chosen cell, and how it is normalized."""

    shape: Literal["table", "signal", "image"] = Field(
        "table", title="Shape of the block",
        description="Table: N samples of C features. Signal: L positions each. Image: H × W each.",
    )  # fmt: skip
    kind: NormalizationKind = "batch"
    groups: Size = Field(
        2, title="Groups G", description="Of channels. Where G does not divide them, the largest"
        " smaller number that does.",
    )  # fmt: skip
    n_samples: Size = Field(4, title="Samples N")
    n_channels: Size = Field(4, title="Channels C")
    height: Size = Field(3, title="Height H")
    width: Size = Field(3, title="Width W or length L")
    n_kept: Size = Field(3, title="Samples kept", description="When the others leave the batch.")
    gamma: Annotated[float, Field(ge=-10, le=10)] = Field(
        1.0, title="γ, the new deviation", json_schema_extra={"step": 0.1}
    )
    beta: Annotated[float, Field(ge=-10, le=10)] = Field(
        0.0, title="β, the new mean", json_schema_extra={"step": 0.1}
    )
    epsilon: Annotated[float, Field(ge=1e-12, le=100)] = Field(
        1e-5, title="ε under the root", json_schema_extra={"offered": [1e-8, 1e-5, 1e-3, 0.1, 1.0]}
    )
    seed: Annotated[int, Field(ge=0, le=9999)] = 0
    table: Annotated[
        tuple[Annotated[tuple[Number, ...], Field(min_length=1, max_length=8)], ...],
        Field(min_length=1, max_length=8),
    ] = WORKED_EXAMPLE
    n: Place = 0
    c: Place = 1
    h: Place = 1
    w: Place = 1

    @model_validator(mode="after")
    def _is_a_table(self) -> CellsSettings:
        if len({len(row) for row in self.table}) > 1:
            raise ValueError("every row of the table must have as many numbers as the first")
        return self

    @property
    def block_shape(self) -> tuple[int, ...]:
        """Shape of the block of numbers."""
        if self.shape == "table":
            return len(self.table), len(self.table[0])
        space = (self.width,) if self.shape == "signal" else (self.height, self.width)
        return self.n_samples, self.n_channels, *space

    @property
    def n_groups(self) -> int:
        """The largest number of groups up to the asked one that divides the channels."""
        channels = self.block_shape[1]
        return max(g for g in range(1, self.groups + 1) if channels % g == 0)

    @property
    def values(self) -> FloatArray:
        """The block: the reader's own table, or drawn numbers."""
        if self.shape == "table":
            return np.array(self.table)
        return drawn_block(self.block_shape, self.seed)

    @property
    def letters(self) -> tuple[str, ...]:
        """The settings that hold the chosen cell, an axis each."""
        return {"table": ("n", "c"), "signal": ("n", "c", "w"), "image": ("n", "c", "h", "w")}[
            self.shape
        ]

    @property
    def index(self) -> tuple[int, ...]:
        """The chosen cell, moved inside where the block has become smaller."""
        asked = [getattr(self, letter) for letter in self.letters]
        return tuple(min(at, n - 1) for at, n in zip(asked, self.block_shape, strict=True))
