"""The normalization lab's settings: everything that its page shows follows from them."""

from __future__ import annotations

from typing import Annotated, Literal, assert_never

import numpy as np
from pydantic import Field, model_validator

from nnviz.base import Spec
from nnviz.experiments.normalization.groups import TORCH_DOCUMENTATION, drawn_block
from nnviz.experiments.normalization.records import NormalizationKind
from nnviz.experiments.normalization.running import BatchStream
from nnviz.records import FloatArray

PAGE = "normalization"
VIEWS = {"cells": "Which cells share a mean", "running": "Training against evaluation"}
SHAPES = {"image": "N, C, H, W", "signal": "N, C, L", "table": "N, C"}

Number = Annotated[float, Field(ge=-1e6, le=1e6)]
Size = Annotated[int, Field(ge=1, le=8)]
Place = Annotated[int, Field(ge=0, le=7)]


class NormalizationSettings(Spec):
    """A block of numbers with a chosen cell, and a stream of batches; closed and bounded."""

    view: Literal["cells", "running"] = "cells"
    shape: Literal["image", "signal", "table"] = "image"
    kind: NormalizationKind = "batch"
    groups: Size = 2
    n_samples: Size = 4
    n_channels: Size = 4
    height: Size = 3
    width: Size = 3
    seed: Annotated[int, Field(ge=0, le=9999)] = 0
    table: Annotated[
        tuple[Annotated[tuple[Number, ...], Field(min_length=1, max_length=8)], ...],
        Field(min_length=1, max_length=8),
    ] = TORCH_DOCUMENTATION
    n: Place = 0
    c: Place = 1
    h: Place = 1
    w: Place = 1
    n_kept: Size = 3
    gamma: Annotated[float, Field(ge=-10, le=10)] = 1.0
    beta: Annotated[float, Field(ge=-10, le=10)] = 0.0
    epsilon: Annotated[float, Field(ge=1e-12, le=100)] = 1e-5
    batch_size: Annotated[int, Field(ge=1, le=64)] = 16
    momentum: Annotated[float, Field(ge=0.01, le=1)] = 0.1
    cumulative: bool = False
    track: bool = True
    n_steps: Annotated[int, Field(ge=1, le=300)] = 50
    mean: Annotated[float, Field(ge=-10, le=10)] = 2.0
    std: Annotated[float, Field(ge=0.1, le=10)] = 1.5
    shift: Annotated[float, Field(ge=-10, le=10)] = 1.0
    stretch: Annotated[float, Field(ge=0.1, le=5)] = 1.5

    @model_validator(mode="after")
    def _fits(self) -> NormalizationSettings:
        if len({len(row) for row in self.table}) > 1:
            raise ValueError("every row of the table must have as many numbers as the first")
        channels = self.block_shape[1]
        if channels % self.groups:
            raise ValueError(f"groups must divide the {channels} channels; got {self.groups}")
        return self

    @property
    def block_shape(self) -> tuple[int, ...]:
        """Shape of the block of numbers."""
        match self.shape:
            case "table":
                return len(self.table), len(self.table[0])
            case "signal":
                return self.n_samples, self.n_channels, self.width
            case "image":
                return self.n_samples, self.n_channels, self.height, self.width
            case _:
                assert_never(self.shape)

    @property
    def values(self) -> FloatArray:
        """The block: the reader's own table, or drawn numbers."""
        if self.shape == "table":
            return np.array(self.table)
        return drawn_block(self.block_shape, self.seed)

    @property
    def index(self) -> tuple[int, ...]:
        """The chosen cell, moved inside where the block has become smaller."""
        asked = {2: (self.n, self.c), 3: (self.n, self.c, self.w)}.get(
            len(self.block_shape), (self.n, self.c, self.h, self.w)
        )
        return tuple(min(at, n - 1) for at, n in zip(asked, self.block_shape, strict=True))

    @property
    def stream(self) -> BatchStream:
        """The batches of the view of running statistics."""
        momentum = None if self.cumulative else self.momentum
        return BatchStream(
            self.batch_size, momentum, self.track, self.n_steps, self.mean, self.std, self.seed
        )
