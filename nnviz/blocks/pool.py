"""The pool block: the largest or the mean of each channel over windows, or over all positions."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field
from torch import nn

from nnviz.base import SpecError
from nnviz.blocks.kind import Block, Core, Need, positions_of, steps_of
from nnviz.blocks.layout import Layer, elementwise
from nnviz.blocks.sample import Sample, Shape
from nnviz.catalog.calls import Call

_WINDOWS: dict[str, tuple[type[nn.Module], ...]] = {
    "max": (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d),
    "average": (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d),
}
_GLOBAL: dict[str, tuple[type[nn.Module], ...]] = {
    "global_max": (nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d),
    "global_average": (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d),
}


class PoolBlock(Block):
    """Pooling over windows of `size`, over all positions, or over all steps of a sequence."""

    needs: ClassVar[Need] = "positions"
    brief: ClassVar[str] = "pool"
    learns: ClassVar[bool] = False
    sized_by: ClassVar[str | None] = "size"

    kind: Literal["pool"] = "pool"
    method: Literal["max", "average", "global_average", "global_max"] = Field(
        "max", title="Method", description="The global ones take all positions at once."
    )
    size: Annotated[int, Field(ge=2, le=8)] = Field(2, title="Window")
    over: Literal["positions", "time"] = Field(
        "positions",
        title="Over",
        description="'time' takes all steps of a sequence at once and leaves a row of channels.",
    )

    @property
    def keeps_positions(self) -> bool:
        """Unless it takes all steps at once."""
        return self.over == "positions"

    def core(self, arrives: Sample) -> Core:
        """⌊n / size⌋ positions an axis, or one, or none."""
        positions, channels = positions_of(arrives), arrives.shape[0]
        axis = len(positions) - 1
        if self.over == "time":
            steps_of(arrives)
            whole = f"global_{self.method.removeprefix('global_')}"
            parts = {"pool": Call(_GLOBAL[whole][axis], 1), "flatten": Call(nn.Flatten)}
            return Core(Sample((channels,)), parts)
        if self.method in _GLOBAL:
            output = Sample((channels, *(1 for _ in positions)))
            return Core(output, {"pool": Call(_GLOBAL[self.method][axis], 1)})
        if any(size < self.size for size in positions):
            raise SpecError(f"a window of {self.size} does not fit {min(positions)} positions")
        output = Sample((channels, *(size // self.size for size in positions)))
        return Core(output, {"pool": Call(_WINDOWS[self.method][axis], self.size)})

    def batched(self, name: str, part: nn.Module, arrives: Shape) -> Layer | None:
        """Every channel of every replicate alike."""
        return elementwise(part)
