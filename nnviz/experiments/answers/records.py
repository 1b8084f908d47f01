"""What is asked of a network and what it answers, for one input and for a few test points.

Shapes: C classes or values, T places of a row, F features, K test points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from nnviz.records import FloatArray, IntArray, Task

Mode = Literal["evaluation", "alone", "batch"]
"""Evaluation; training with this point alone; training within the next batch."""
InputKind = Literal["plane", "table", "image", "volume", "signal", "tokens"]


@dataclass(frozen=True)
class AskedInput:
    """One input: numbers of the sample's shape as the network sees them, or a test point."""

    values: tuple[float, ...] | None = None
    point: int | None = None
    """Index of a test point, where no values are given."""
    mode: Mode = "evaluation"
    about: bool = False
    """Whether it is told what inputs there are."""
    near: int | None = None
    """From which test point on a few are listed; None: no list."""
    only_wrong: bool = False
    """Whether the list has only points that are answered wrongly."""


@dataclass(frozen=True)
class BlockAnswer:
    """What one block passes on for the input, float16: units, or channels × positions.

    The first 256 units, or the first 16 channels; large maps are thinned, volumes are their
    middle slice. `pre_activation` z is told where the block gives units.
    """

    name: str
    output: FloatArray
    pre_activation: FloatArray | None


@dataclass(frozen=True)
class InputsRecord:
    """What inputs a network takes: kind, shape, names, and the range of the points it knows."""

    kind: InputKind
    task: Task
    shape: tuple[int, ...]
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    token_names: tuple[str, ...]
    low_F: FloatArray
    """Per feature of a table or plane; one number for all else."""
    high_F: FloatArray
    n_test: int


@dataclass(frozen=True)
class TestPointsRecord:
    """A few test points: what they are, what is right, what evaluation mode answers."""

    index_K: IntArray
    x: FloatArray
    """(K, …sample shape), float16; of volumes the middle slice; empty for tables and planes."""
    target: NDArray[Any]
    """Classes or values, (K,) or (K, T)."""
    answer: NDArray[Any]
    n_wrong: int | None
    """Of all test points; None where targets are values."""

    __test__ = False  # no test, whatever pytest thinks of the name


@dataclass(frozen=True)
class AnswerRecord:
    """The answer for one input in one mode."""

    step: int
    mode: Mode
    x: FloatArray
    """The input, flat, as the network sees it."""
    target: NDArray[Any] | None
    """What is right, (1,) or (T,), where the input is a test point."""
    output: FloatArray | None
    """Logits or values, (C,) or (C, T); None where torch refuses."""
    probability: FloatArray | None
    """The same shape; None for values."""
    refusal: str | None
    """Torch's own words."""
    blocks: tuple[BlockAnswer, ...]
    inputs: InputsRecord | None
    listed: TestPointsRecord | None
