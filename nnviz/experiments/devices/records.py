"""A device, the work of one update, and how long it took there.

Shapes: B samples of a batch, R repetitions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnviz.records import FloatArray

N_INPUTS, N_OUTPUTS = 64, 10


@dataclass(frozen=True)
class Device:
    """One way to compute: the CPU with some threads, or a device beside it."""

    kind: str
    """torch's name of it: cpu, cuda, mps."""
    n_threads: int
    title: str


@dataclass(frozen=True)
class Work:
    """`depth` hidden ReLU layers of `width` units, trained by SGD in batches of one size."""

    width: int
    depth: int
    batch_size: int

    @property
    def widths(self) -> tuple[int, ...]:
        """Numbers of a sample from the inputs to the outputs."""
        return (N_INPUTS, *(self.width,) * self.depth, N_OUTPUTS)

    @property
    def flops(self) -> int:
        """Of the matrix products of one update.

        Each product of (B, a) by (a, b) takes 2Bab operations; there is one forward, one for the
        gradient of the weights, and one for that of the inputs, but for the first layer.
        """
        sizes = [a * b for a, b in zip(self.widths, self.widths[1:], strict=False)]
        return 2 * self.batch_size * (3 * sum(sizes) - sizes[0])


@dataclass(frozen=True)
class Timed:
    """How long one update took, each repetition a mean over updates that follow each other."""

    device: Device
    work: Work
    seconds_R: FloatArray
    losses: tuple[float, ...]
    """Of the first updates: the same on every device, to rounding."""
    copy_seconds_R: FloatArray
    """Bringing one batch of inputs and targets there; within memory for the CPU itself."""

    @property
    def updates_a_second(self) -> float:
        """By the median."""
        return float(1 / np.median(self.seconds_R))

    @property
    def spread(self) -> tuple[float, float]:
        """Updates a second of the slower and the faster quartile."""
        slow, fast = np.quantile(self.seconds_R, [0.75, 0.25])
        return float(1 / slow), float(1 / fast)

    @property
    def copied_bytes(self) -> int:
        """Of a batch: float32 inputs and int64 targets."""
        return self.work.batch_size * (4 * N_INPUTS + 8)
