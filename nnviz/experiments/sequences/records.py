"""What was measured of recurrent networks.

Shapes: F moments of a training, T steps, U units, G gates, C channels, K tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.records import FloatArray, IntArray


@dataclass(frozen=True)
class MemoryRecord:
    """How far back one kind of cell feels its error, as it learns.

    `state_FT` is the mean over rows of ‖∂(loss of the row)/∂h_t‖; `carried_FT` the same for an
    LSTM's c_t, NaN at the last step, which answers from h alone; None for other cells.
    """

    cell: str
    loss_F: FloatArray
    state_FT: FloatArray
    carried_FT: FloatArray | None


@dataclass(frozen=True)
class MemoriesRecord:
    """Cells side by side, measured after the same updates."""

    update_F: IntArray
    memories: tuple[MemoryRecord, ...]


@dataclass(frozen=True)
class UnrolledRecord:
    """One row read step by step; gates in the order in which torch packs them.

    z = from_input + from_state (a GRU's candidate: from_input + r · from_state); biases are
    inside both. `state_TU` and `carried_TU` have one step more: the zeros before the first.
    """

    cell: str
    gates: tuple[str, ...]
    x_TC: FloatArray
    input_weight_GUC: FloatArray
    state_weight_GUU: FloatArray
    input_bias_GU: FloatArray
    state_bias_GU: FloatArray
    from_input_TGU: FloatArray
    from_state_TGU: FloatArray
    pre_activation_TGU: FloatArray
    gate_TGU: FloatArray
    state_TU: FloatArray
    carried_TU: FloatArray | None
    answer: float
    target: float
    loss: float


@dataclass(frozen=True)
class FadingRecord:
    """How strongly the last state depends on each earlier one: singular values of ∂h_T/∂h_t."""

    distance_T: IntArray
    largest_T: FloatArray
    smallest_T: FloatArray
    state_norm_T: FloatArray


@dataclass(frozen=True)
class ClipRecord:
    """A gradient, whole, clipped by its norm and by its values: lengths, and turns in degrees."""

    limit: float
    whole: float
    by_norm: float
    by_value: float
    angle_by_norm: float
    angle_by_value: float


@dataclass(frozen=True)
class TokensRecord:
    """A vector for each token as a network learns them, in the plane of their two main axes."""

    names: tuple[str, ...]
    count_K: IntArray
    update_F: IntArray
    loss_F: FloatArray
    place_FK2: FloatArray
    share_F: FloatArray
    likeness_FKK: FloatArray
