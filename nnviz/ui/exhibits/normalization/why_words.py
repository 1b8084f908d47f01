"""What the trainings without and with BatchNorm say, as far as they are back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnviz.experiments.normalization.training_records import ShiftingRecord, TrialRecord
from nnviz.ui.exhibits.words import full

TRAINS = 0.5
"""A training whose every seed answers more than half of the test digits right still trains."""


def noticed(
    story: str, trials: Sequence[TrialRecord], shifting: Sequence[ShiftingRecord], n_seeds: int
) -> str:
    """Two or three sentences, which say how many seeds are back."""
    if story == "noise":
        return _on_shift(shifting, n_seeds)
    return _on_rates(trials, n_seeds) if story == "rate" else _on_start(trials, n_seeds)


def _on_rates(trials: Sequence[TrialRecord], n_seeds: int) -> str:
    words = []
    for kind, name in (("none", "Without normalization"), ("batch", "with BatchNorm")):
        rates = sorted({trial.rate for trial in trials if trial.kind == kind})
        trained = [
            rate
            for rate in rates
            if all(t.test_accuracy > TRAINS for t in trials if (t.kind, t.rate) == (kind, rate))
        ]
        what = "no rate trains"
        if trained:
            what = f"the largest rate at which all seeds train is **{max(trained):g}**"
        words.append(f"{name} {what}{_of(rates)}")
    return (
        f"{'; '.join(words)} ({_back(trials, n_seeds)}). To train means here: more than half of the"
        " test digits right after 150 updates. BatchNorm divides the size of its inputs out again,"
        " so that larger weights do not make larger outputs."
    )


def _of(rates: Sequence[float]) -> str:
    return f" of those up to {max(rates):g}" if rates else " yet"


def _on_start(trials: Sequence[TrialRecord], n_seeds: int) -> str:
    ends = {k: [t.loss_T[-1] for t in trials if t.kind == k] for k in ("none", "batch")}
    right = [t.test_accuracy for t in trials if t.kind == "batch"]
    parts = []
    if ends["none"]:
        parts.append(
            f"without normalization the loss ends at {np.nanmean(ends['none']):.2f}"
            f"{full(_spread(ends['none']))}, where guessing among ten digits gives 2.30"
        )
    if ends["batch"]:
        parts.append(
            f"with BatchNorm at {np.nanmean(ends['batch']):.2f}{full(_spread(ends['batch']))}, and"
            f" {np.mean(right):.0%} of the test digits are right"
        )
    return (
        f"Eight sigmoid layers, {_back(trials, n_seeds)}: {'; '.join(parts)}. Each sigmoid makes"
        " what it hands on smaller and closer to one half; BatchNorm stretches it again before"
        " each, where the sigmoid is steep."
    )


def _on_shift(shifting: Sequence[ShiftingRecord], n_seeds: int) -> str:
    lanes = ("none", "batch", "noisy")
    finite = [record for record in shifting if record.is_finite]
    own = {lane: [r for r in finite if r.lane == lane] for lane in lanes}
    if not all(own.values()):
        lost = len(shifting) - len(finite)
        return (
            f"{lost} of {len(shifting)} trainings diverged; they are compared where each network"
            " has one with finite numbers."
            if lost
            else "The first trainings are back; they are compared when each network has one."
        )
    shift = {k: float(np.mean([np.median(r.shift_T) for r in rs])) for k, rs in own.items()}
    loss = {k: np.mean([np.mean(r.loss_T[len(r.loss_T) // 2 :]) for r in rs])
            for k, rs in own.items()}  # fmt: skip
    rough = {
        k: float(np.mean([np.median(r.high_T - r.low_T) for r in rs])) for k, rs in own.items()
    }
    first = float(np.mean([r.shift_T[0] for r in own["none"]]))
    trains = loss["noisy"] < loss["none"]
    return (
        f"Noise after BatchNorm moves a unit's mean by {shift['noisy']:.2g} of its deviations at"
        f" every update, {'more' if shift['noisy'] > shift['none'] else 'less'} than it moves"
        f" without any normalization ({shift['none']:.2g} in the median, {first:.2g} at the first"
        f" update), and still the second half of training"
        f" has a loss of {loss['noisy']:.2g}, {'below' if trains else 'not below'} that without"
        f" normalization ({loss['none']:.2g}); BatchNorm alone moves means by {shift['batch']:.1g}"
        f" and has {loss['batch']:.2g} ({_back(shifting, n_seeds)})."
        f" {_verdict(trains and shift['noisy'] > shift['none'], rough)}"
    )


def _verdict(is_not_the_shift: bool, rough: dict[str, float]) -> str:
    what = (
        "So distributions that stay put are not what makes it train **here**. What does differ: the"
        " loss"
        if is_not_the_shift
        else "With these settings the two cannot be told apart. The loss"
    )
    return (
        f"{what} on the way along the gradient varies by {rough['none']:.2g} without,"
        f" {rough['batch']:.2g} with BatchNorm, {rough['noisy']:.2g} with noise"
        + (": the way is smoother." if rough["noisy"] < rough["none"] else ".")
    )


def _spread(values: Sequence[float]) -> str:
    return f" ({np.nanmin(values):.2f} to {np.nanmax(values):.2f})"


def _back(records: Sequence[TrialRecord] | Sequence[ShiftingRecord], n_seeds: int) -> str:
    n = len({record.seed for record in records})
    seeds = f"{n} seed{'' if n == 1 else 's'}"
    return seeds if n == n_seeds else f"{seeds} of {n_seeds} so far"
