"""What was measured of the same batch in both modes.

Shapes: B points of the batch, C classes or outputs.
"""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.records import FloatArray


@dataclass(frozen=True)
class LayerModes:
    """What one block passes on, pooled over batch and units, in either mode."""

    name: str
    train_mean: float
    train_std: float
    eval_mean: float
    eval_std: float


@dataclass(frozen=True)
class SinglePoint:
    """One point alone: what each mode answers (C,), or what torch says instead."""

    train_output_C: FloatArray | None
    train_refusal: str | None
    eval_output_C: FloatArray | None
    eval_refusal: str | None


@dataclass(frozen=True)
class ModeGapRecord:
    """The batch of the next training step in training and in evaluation mode, before the step.

    Losses are without penalties; accuracies are shares (R² for values).
    """

    step: int
    differs: bool
    """Whether anything in the network behaves differently in the two modes."""
    train_loss: float
    eval_loss: float
    train_accuracy: float
    eval_accuracy: float
    train_output_BC: FloatArray
    eval_output_BC: FloatArray
    layers: tuple[LayerModes, ...]
    single: SinglePoint
