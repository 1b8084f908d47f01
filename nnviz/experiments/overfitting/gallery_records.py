"""What was measured for the gallery of remedies: its lanes, those that are back, how they came out.

Shapes: S seeds, N points, G grid points a side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from nnviz.records import BoolArray, FloatArray, IntArray

AS_IT_IS, FEWER_INPUTS = "as_it_is", "fewer_inputs"
N_DOSES = 4
REACH = 2.8
"""The maps go from -REACH to REACH of the scaled plane."""


@dataclass(frozen=True)
class GalleryLane:
    """A remedy in a dose, 1 … 4; dose 0 is the network as it is."""

    remedy: str
    dose: int
    label_noise: float = 0.2
    n_seeds: int = 12
    seed: int = 0


@dataclass(frozen=True)
class GalleryRecord:
    """What a lane has learned; boundary and points are those of the first seed."""

    asked: GalleryLane
    words: str
    """The dose, in words."""
    n_train: int
    class_1_GG: FloatArray
    """P(class 1) over x₂ (rows) and x₁, the inputs that tell nothing at their mean."""
    points_N2: FloatArray
    """The first training points, 240 at most."""
    label_N: IntArray
    flipped_N: BoolArray
    train_loss_S: FloatArray
    test_loss_S: FloatArray
    train_accuracy_S: FloatArray
    test_accuracy_S: FloatArray
    right_learned_S: FloatArray
    """Share of the training points with a right label that are answered so."""
    wrong_believed_S: FloatArray
    """Share of the wrong labels that are answered as they were told; NaN where none is wrong."""


Outcome = Literal["underfits", "memorizes", "between"]
LEAST_RIGHT, MOST_WRONG = 0.85, 0.5


@dataclass(frozen=True)
class Gallery:
    """Lanes that are back, by remedy and dose."""

    lanes: Mapping[tuple[str, int], GalleryRecord]

    def at(self, remedy: str, dose: int) -> GalleryRecord | None:
        """A remedy in a dose; dose 0 is its network as it is. None where it is not back."""
        if dose == 0 and remedy != FEWER_INPUTS:
            return self.lanes.get((AS_IT_IS, 0))
        return self.lanes.get((remedy, dose))


def collected(records: Sequence[GalleryRecord]) -> Gallery | None:
    """What is back; None before anything."""
    lanes = {(record.asked.remedy, record.asked.dose): record for record in records}
    return Gallery(lanes) if lanes else None


def outcome(record: GalleryRecord) -> Outcome:
    """How it came out, by a convention of ours, of means over the seeds.

    It underfits where it misses more than 15 % of the *right* training labels, and memorizes where
    it has learned at least half of the *wrong* ones.
    """
    if record.right_learned_S.mean() < LEAST_RIGHT:
        return "underfits"
    return "memorizes" if record.wrong_believed_S.mean() >= MOST_WRONG else "between"
