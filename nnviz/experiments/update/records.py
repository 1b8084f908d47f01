"""What is shown of one update: sums, lines of arithmetic, columns of a drawing; plain NumPy.

Shapes: B samples of the batch; U drawn units; P drawn positions of a unit (1 for dense layers);
T, F drawn units that an edge goes to and comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nnviz.records import BoolArray, FloatArray

ParameterKind = Literal["weight", "bias", "gamma", "beta", "slope"]
Phase = Literal["forward", "loss", "backward", "update"]
PHASES: tuple[Phase, ...] = ("forward", "loss", "backward", "update")


@dataclass(frozen=True)
class Asked:
    """What to look at; None lets the numbers choose, and `sample` may be the whole batch."""

    sample: int | Literal["batch"] | None = None
    layer: str | None = None
    unit: int | None = None
    of: ParameterKind | None = None
    source: int | None = None


@dataclass(frozen=True)
class Term:
    """One summand: `factors` multiply to it; `unit` is the one at its other end, -1 for none."""

    label: str
    factors: tuple[float, ...]
    product: float
    unit: int = -1


@dataclass(frozen=True)
class Line:
    """`symbol` = `formula` = `numbers` with `values` in the places of {} = `value`.

    A line with `terms` is a sum of them and of `n_more` smaller ones that are `rest` together.
    """

    symbol: str
    formula: str
    value: float
    numbers: str = ""
    values: tuple[float, ...] = ()
    note: str = ""
    terms: tuple[Term, ...] = ()
    n_more: int = 0
    rest: float = 0.0


@dataclass(frozen=True)
class Changed:
    """One parameter of the unit: the loss's gradient, the value before and after the update."""

    label: str
    of: ParameterKind
    source: int
    gradient: float
    before: float
    after: float


@dataclass(frozen=True)
class Column:
    """One column of the drawing; `units` are the drawn ones of `n_units`.

    `values_UP` come out of it; `gradients_UP` are ∂L/∂z where it learns, else of what comes out.
    """

    name: str
    caption: str
    learns: bool
    n_units: int
    units: tuple[int, ...]
    unit_names: tuple[str, ...]
    shape: tuple[int, ...]
    values_UP: FloatArray
    gradients_UP: FloatArray


@dataclass(frozen=True)
class Edges:
    """The weights into one column; of a convolution the norms of its kernels."""

    column: int
    is_kernels: bool
    before_TF: FloatArray
    after_TF: FloatArray
    gradient_TF: FloatArray


@dataclass(frozen=True)
class Focus:
    """Which unit and which of its parameters are taken apart; `position` of a convolution's map.

    `spot` is where that is in the drawn map.
    """

    column: int
    layer: str
    unit: int
    position: int
    spot: int
    of: ParameterKind
    source: int


@dataclass(frozen=True)
class UpdateRecord:
    """Update `step` + 1 of a training; `sample` is None for the whole batch.

    `wrong_B` is None for a regression; `losses_B` are the samples' own shares of the loss.
    """

    step: int
    sample: int | None
    loss: float
    losses_B: FloatArray
    wrong_B: BoolArray | None
    right: int | None
    """The sample's class, where it has one."""
    columns: tuple[Column, ...]
    edges: tuple[Edges, ...]
    focus: Focus
    lines: dict[Phase, tuple[Line, ...]]
    told: dict[Phase, str]
    changed: tuple[Changed, ...]
    n_parameters: int
