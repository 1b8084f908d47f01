"""The flatten block: all numbers of a sample in one row."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from torch import nn

from nnviz.blocks.kind import Block, Core, Need
from nnviz.blocks.sample import Sample
from nnviz.catalog.calls import Call


class FlattenBlock(Block):
    """All numbers of a sample in one row."""

    needs: ClassVar[Need] = "positions"
    brief: ClassVar[str] = "flatten"
    learns: ClassVar[bool] = False

    kind: Literal["flatten"] = "flatten"

    @property
    def keeps_positions(self) -> bool:
        """It takes them away."""
        return False

    def core(self, arrives: Sample) -> Core:
        """The same numbers in another shape."""
        return Core(Sample((math.prod(arrives.shape),)), {"flatten": Call(nn.Flatten)})
