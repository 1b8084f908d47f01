"""What can be said of gap, learning curve and remedies, and no more."""

from __future__ import annotations

import numpy as np

from nnviz.experiments.overfitting.records import (
    GapRecord,
    LearningCurveRecord,
    RemediesRecord,
)
from nnviz.figures.curves import LOSS_UNITS
from nnviz.records import QUALITY

LEAD = (
    "A network with more weights than points can learn its training set **by heart**, errors"
    " included. What it has then learned about *new* points is another question: train it on"
    " several fresh training sets and see where training and test part, and what helps."
)
NOTICING = """
- The **gap** (test minus training loss) grows long before training is over; the lowest test loss
  lies early. **Early stopping** needs points that training never sees: here half of the held-out
  points (validation) decides, the other half (test) judges.
- **More data** closes the gap from both sides: the training loss rises, the test loss falls.
- A remedy in too strong a dose **underfits**: then training *and* test loss are high.
- **Label smoothing**, class weights and penalties change what is trained, not what is measured:
  all losses here are plain, so that lanes can be compared.
- Where an interval reaches over 0, seed noise explains the difference: say nothing, or add seeds.
"""
SOURCE = (
    "Early stopping: Prechelt 1998. Memorizing noise: Zhang et al. 2017. Dropout: Srivastava et"
    " al. 2014. Label smoothing: Szegedy et al. 2016. Intervals: sign-flipping maximum statistic,"
    " Westfall & Young 1993, at 5 % divided by the number of remedies."
)


def gap_words(record: GapRecord | None) -> str:
    """How wide the gap is at the end, and what early stopping would have saved."""
    if record is None:
        return ""
    unit = LOSS_UNITS[record.task]
    gap_ST = record.lane.test_loss_ST - record.lane.train_loss_ST
    rows, best_S = np.arange(len(gap_ST)), record.stops.best_S
    saved_S = record.lane.test_loss_ST[:, -1] - record.lane.test_loss_ST[rows, best_S]
    steps = np.asarray(record.lane.checkpoints)
    n_stopped = int(record.stops.ran_out_S.sum())
    return (
        f"At the end the gap is **{_mean(gap_ST[:, -1])}** {unit} ({len(rows)} seeds). Patience"
        f" runs out on {n_stopped} of {len(rows)} seeds; the restored weights are those of step"
        f" {steps[best_S].min():,} to {steps[best_S].max():,}, and with them the test loss is"
        f" lower by **{_mean(saved_S)}** {unit}."
    )


def learning_words(record: LearningCurveRecord | None) -> str:
    """Test loss at the smallest and the largest training set."""
    if record is None or not np.isfinite(record.test_loss_Z).any():
        return ""
    known = np.flatnonzero(np.isfinite(record.test_loss_Z))
    first, last = int(known[0]), int(known[-1])
    texts = [
        f"**{record.test_loss_Z[z]:.3g} ± {record.test_error_Z[z]:.1g}** with"
        f" {record.sizes[z]:,} points"
        for z in (first, last)
    ]
    return f"Test loss ({LOSS_UNITS[record.task]}, ± standard error): {', '.join(texts)}."


def remedy_words(record: RemediesRecord | None) -> str:
    """One honest line a remedy."""
    if record is None:
        return ""
    return "\n".join(
        f"- **{name}**: {_one(record, place)}" for place, name in enumerate(record.names)
    )


def _one(record: RemediesRecord, place: int) -> str:
    if not np.isfinite(record.low_L[place]):
        return record.sentences[place]
    words = {1: "a lower test loss", -1: "a higher test loss", 0: "no difference in test loss"}
    change, low, high = (
        float(getattr(record, f"{name}_L")[place]) for name in ("change", "low", "high")
    )
    quality = QUALITY[record.task]
    beyond = "beyond seed noise" if record.ahead_L[place] else "that seed noise does not explain"
    lead = record.divergences[place]
    lead += " Where neither diverged: " if lead else ""
    return (
        f"{lead}{words[int(record.ahead_L[place])]} {beyond} ({change:+.3g}, from {low:+.3g} to"
        f" {high:+.3g}; {quality} {record.accuracy_change_L[place]:+.3f})."
    )


def _mean(values_S: np.ndarray) -> str:
    known = values_S[np.isfinite(values_S)]
    if len(known) < 2:
        return "not known"
    return f"{known.mean():.3g} ± {known.std(ddof=1) / np.sqrt(len(known)):.1g}"
