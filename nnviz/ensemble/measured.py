"""What an ensemble measured: frozen records of NumPy arrays.

Shapes: R replicates.
"""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.records import BoolArray, FloatArray


@dataclass(frozen=True)
class EnsembleSnapshot:
    """Every replicate after `step` updates, in evaluation mode; NaN where it has diverged.

    Losses are means over the set in the unit of the training loss; accuracies are shares
    of correct answers for classification and R² for regression.
    """

    step: int
    train_loss_R: FloatArray
    test_loss_R: FloatArray
    train_accuracy_R: FloatArray
    test_accuracy_R: FloatArray
    diverged_R: BoolArray
    """Whose training loss has ever been, or whose weights are, no finite numbers."""
    batched: bool
    """Whether every part of the network runs for all replicates at once."""
    reason: str | None = None
    """Which parts run one replicate after another, and why."""
    train_sample: int | None = None
    """Training points, a fixed random sample, behind the training numbers; None: all of them."""
