"""How the numbers of all replicates lie in one tensor, so that torch's own layers take them.

Shapes: R replicates, B points, D numbers of a flat sample, C channels, … space.
Flat samples are (R, D, B): a dense layer is one batched matrix product, and batch normalization
sees R·D channels of B numbers. Samples with space are (B, R·C, …): a convolution is one grouped
convolution, and pooling and normalizations see R·C channels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True)
class Pass:
    """What a layer needs to know of one forward pass: whose numbers, and in which mode.

    `tensors` holds parameters and buffers by their names in one network. Those of replicates lie
    end to end along the first axis: a weight (O, D) of one network is (R·O, D) here.
    """

    tensors: Mapping[str, Tensor]
    n_replicates: int
    training: bool
    step: int


Layer = Callable[[Tensor, Pass], Tensor]
"""From a tensor in the layout of layers to the next one."""


def is_flat(sample_shape: tuple[int, ...]) -> bool:
    """Whether a sample of this shape is a plain row of numbers."""
    return len(sample_shape) == 1


def joined(x_RB: Tensor, flat: bool) -> Tensor:
    """From (R, B, D) or (R, B, C, …) to the layout of layers."""
    return x_RB.mT if flat else x_RB.transpose(0, 1).flatten(1, 2)


def separated(x: Tensor, flat: bool, n_replicates: int) -> Tensor:
    """From the layout of layers to (R, B, D) or (R, B, C, …)."""
    return x.mT if flat else x.unflatten(1, (n_replicates, -1)).transpose(0, 1)


def flatten(x: Tensor, run: Pass) -> Tensor:
    """From samples with positions, (B, R·C, …), to flat ones, (R, D, B)."""
    return x.reshape(len(x), run.n_replicates, -1).permute(1, 2, 0)


def elementwise(module: nn.Module) -> Layer:
    """What treats every number, or every channel of (B, R·C, …), alike."""

    def layer(x: Tensor, run: Pass) -> Tensor:
        return module(x)  # type: ignore[no-any-return]

    return layer
