"""One data set of the catalog: how it is drawn, what its numbers are, which settings apply.

Shapes: N points. Tables are (N, F), signals and rows of tokens (N, channels, length), images
(N, 1, H, W), volumes (N, 1, D, H, W). Tokens are numbers 0 … vocabulary - 1, held exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnviz.catalog.calls import Call
from nnviz.records import FloatArray, Task

Arrays = tuple[FloatArray, NDArray[Any]]


@dataclass(frozen=True)
class DatasetEntry:
    """One data set: `draw(n_samples, noise, n_classes, rng)` gives inputs and targets.

    Scripts show `draw` as it stands, with what it calls: a function by `def` at the top of its
    file, or a `Call` of one. `in_scripts` draws the same points without caches of this package's
    own. `size` is the number of points of a fixed set, None where any number can be drawn; `noise`
    the default of a set that has any; `truth` the noiseless target of a regression.
    """

    name: str
    draw: Callable[..., Arrays]
    """Takes `length=…` too where the set has one."""
    input_shape: tuple[int, ...]
    """Of one sample; (channels, length) for the default length where it can be chosen."""
    n_classes: int
    """2 and more for classes, 0 for regression."""
    description: str
    size: int | None = None
    noise: float | None = None
    any_classes: bool = False
    truth: Callable[[FloatArray], FloatArray] | None = None
    feature_names: tuple[str, ...] = ("x₁", "x₂")
    class_names: tuple[str, ...] = ()
    scale_target: bool = False
    in_scripts: Callable[..., Arrays] | None = None
    length: int | None = None
    """Default number of places in a row, None where it can't be chosen."""
    length_step: int = 1
    """Lengths are multiples of it."""
    token_names: tuple[str, ...] = ()
    """What each token is called; empty where inputs are measurements."""
    per_position: bool = False
    """Whether the target is a class for each place of the row, (N, length)."""
    scales_inputs: bool = True
    """Whether the scaling applies: not to tokens, and not to marks beside numbers."""
    test_is_last: bool = False
    """Whether the test points are the last ones drawn: those of a text's last part."""
    usual_size: int = 400
    """Number of points that are drawn where none is asked for."""
    most: int = 10_000
    """Number of points that may be asked for."""
    follows_exactly: bool = False
    """Whether the inputs determine the target, however hard it is to find."""

    def __post_init__(self) -> None:
        _ = self.call  # what no script could name is refused here

    @property
    def call(self) -> Call:
        """The drawing, to be written into a script."""
        draw = self.in_scripts or self.draw
        return draw if isinstance(draw, Call) else Call(draw)

    @property
    def task(self) -> Task:
        """Classification or regression."""
        return "classification" if self.n_classes else "regression"

    @property
    def vocabulary(self) -> int:
        """Number of different tokens, 0 where inputs are measurements."""
        return len(self.token_names)


def chosen(x: FloatArray, y: NDArray[Any], n: int, rng: np.random.Generator) -> Arrays:
    """`n` of the points of a fixed set in random order."""
    index_N = rng.permutation(len(x))[:n]
    return x[index_N], y[index_N]
