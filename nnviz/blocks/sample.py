"""What one sample is where a block meets it: its shape, and whether its numbers are tokens."""

from __future__ import annotations

from dataclasses import dataclass

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Sample:
    """One sample: (numbers,), (channels, length), (C, H, W) or (C, D, H, W).

    `vocabulary` is the number of different tokens where the numbers are tokens, 0 … vocabulary - 1,
    and 0 where they are measurements.
    """

    shape: Shape
    vocabulary: int = 0
