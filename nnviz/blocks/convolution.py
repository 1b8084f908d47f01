"""The convolution block: one kernel a channel, moved over signals, images or volumes."""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar, Literal

import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from nnviz.base import SpecError
from nnviz.blocks.kind import Core, Need, Seen, positions_of
from nnviz.blocks.layout import Layer, Pass
from nnviz.blocks.learned import LearnedBlock
from nnviz.blocks.sample import Sample, Shape
from nnviz.catalog.calls import Call

CONVOLUTIONS: dict[int, type[nn.Module]] = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
_PADS: dict[int, type[nn.Module]] = {1: nn.ZeroPad1d, 2: nn.ZeroPad2d, 3: nn.ZeroPad3d}
_FUNCTIONS: dict[type[nn.Module], Any] = {
    nn.Conv1d: F.conv1d,
    nn.Conv2d: F.conv2d,
    nn.Conv3d: F.conv3d,
}


class ConvolutionBlock(LearnedBlock):
    """Convolution over one to three axes of positions; "same" at stride 1 keeps their sizes."""

    needs: ClassVar[Need] = "positions"
    brief: ClassVar[str] = "conv"
    sized_by: ClassVar[str | None] = "channels"

    kind: Literal["convolution"] = "convolution"
    channels: Annotated[int, Field(ge=1, le=256)] = Field(8, title="Channels")
    kernel_size: Annotated[int, Field(ge=1, le=15)] = Field(3, title="Kernel size")
    stride: Annotated[int, Field(ge=1, le=8)] = Field(1, title="Stride")
    padding: Literal["same", "valid"] = Field(
        "same",
        title="Padding",
        description="'same' adds zeros around, 'valid' lets the edges shrink.",
    )
    dilation: Annotated[int, Field(ge=1, le=8)] = Field(
        1, title="Dilation", description="Distance between the positions that a kernel reads."
    )
    channel_groups: Annotated[int, Field(ge=1, le=256)] = Field(
        1,
        title="Channel groups",
        description="Channels are cut into so many groups, each with kernels of its own; as many"
        " groups as channels is a depthwise convolution.",
    )
    bias: bool = Field(True, title="Bias")

    @property
    def zeros(self) -> tuple[int, int]:
        """Zeros before and after each axis; of an odd number the one more stands behind, as
        torch's padding="same" has it."""
        total = self._reach - 1 if self.padding == "same" else 0
        return total // 2, total - total // 2

    @property
    def _reach(self) -> int:
        return self.dilation * (self.kernel_size - 1) + 1

    def core(self, arrives: Sample) -> Core:
        """⌊(n + zeros - d(k - 1) - 1) / stride⌋ + 1 positions an axis (Dumoulin & Visin 2016)."""
        positions, n_in = positions_of(arrives), arrives.shape[0]
        for side, n in (("arriving", n_in), ("own", self.channels)):
            if n % self.channel_groups:
                raise SpecError(
                    f"channel_groups must divide the {n} {side} channels; got {self.channel_groups}"
                )
        space = tuple(map(self._length, positions))
        n_weights = self.channels * n_in // self.channel_groups * self.kernel_size ** len(space)
        output = Sample((self.channels, *space))
        work = n_weights * math.prod(space)
        return Core(output, self._parts(n_in, len(space)), "convolution", work)

    def seen(self, part: nn.Module, given: Tensor) -> tuple[Seen, ...]:
        """The kernels, the same for all examples; of a volume their middle slices."""
        kernels = part.get_parameter("weight").detach()
        if kernels.dim() == 5:
            kernels = kernels[:, :, kernels.shape[2] // 2]
        space = ("row", "column")[4 - kernels.dim() :]
        return (Seen("kernels", ("channel", "input channel", *space), kernels),)

    def batched(self, name: str, part: nn.Module, arrives: Shape) -> Layer | None:
        """One grouped convolution, with a replicate's groups beside the others'."""
        return batched_convolution(name, part)

    def _length(self, size: int) -> int:
        out = (size + sum(self.zeros) - self._reach) // self.stride + 1
        if out < 1:
            apart = f", {self.dilation} apart," if self.dilation > 1 else ""
            raise SpecError(
                f"a kernel of {self.kernel_size}{apart} does not fit {size} positions;"
                f" it needs {self._reach}"
            )
        return out

    def _parts(self, n_in: int, n_axes: int) -> dict[str, Call]:
        """The convolution; before it zeros in a part of their own where the two sides differ."""
        before, behind = self.zeros
        padding = {"padding": Call(_PADS[n_axes], (before, behind) * n_axes)}
        convolution = Call(
            CONVOLUTIONS[n_axes],
            n_in,
            self.channels,
            self.kernel_size,
            stride=self.stride,
            padding=before if before == behind else 0,
            dilation=self.dilation,
            groups=self.channel_groups,
            bias=self.bias,
        )
        return {**(padding if before != behind else {}), "convolution": convolution}


def batched_convolution(name: str, part: nn.Module) -> Layer | None:
    """Kernels (R·O, I, …) over samples (B, R·I, …); None for another module."""
    if not isinstance(part, nn.Conv1d | nn.Conv2d | nn.Conv3d):
        return None
    convolve = _FUNCTIONS[type(part)]
    stride, padding, dilation, groups = part.stride, part.padding, part.dilation, part.groups
    weight, bias = f"{name}.weight", f"{name}.bias"

    def layer(x: Tensor, run: Pass) -> Tensor:
        kernels, shifts = run.tensors[weight], run.tensors.get(bias)
        together = groups * run.n_replicates
        answer: Tensor = convolve(x, kernels, shifts, stride, padding, dilation, together)
        return answer

    return layer
