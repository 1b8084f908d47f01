"""What the trainings without and with BatchNorm say, as far as they are back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.experiments.normalization.shifting import LANES
from nnviz.experiments.normalization.training_records import ShiftingRecord, TrialRecord
from nnviz.experiments.normalization.trials import SEEDS
from nnviz.ui.exhibits.words import full

TRAINS = 0.5
"""A training whose every seed answers more than half of the test digits right still trains."""


def noticed(story: str, records: Sequence[Any]) -> str:
    """Two or three sentences, which say how many seeds are back."""
    if story == "noise":
        return _on_shift(records)
    return _on_rates(records) if story == "rate" else _on_start(records)


def _on_rates(trials: Sequence[TrialRecord]) -> str:
    right: dict[str, dict[float, list[float]]] = {"none": {}, "batch": {}}
    for trial in trials:
        right[trial.kind].setdefault(trial.rate, []).append(trial.test_accuracy)
    both = right["none"].keys() & right["batch"].keys()
    if not both:
        return f"The first trainings are back ({_back(trials)}); what they say follows."
    most = {}
    for kind, found in right.items():
        trained = [rate for rate in both if min(found[rate]) > TRAINS]
        most[kind] = f"**{max(trained):g}**" if trained else "none yet"
    return (
        f"Of the rates up to {max(both):g}, the largest at which all seeds train"
        f" is {most['none']} without normalization and {most['batch']} with BatchNorm"
        f" ({_back(trials)}). To train means here: more than half of the test digits right after"
        " 150 updates. BatchNorm divides the size of its inputs out again, so that larger weights"
        " do not make larger outputs."
    )


def _on_start(trials: Sequence[TrialRecord]) -> str:
    ends = {k: [t.loss_T[-1] for t in trials if t.kind == k] for k in ("none", "batch")}
    parts = []
    if ends["none"]:
        parts.append(
            f"without normalization the loss ends at {_mean(ends['none'])}, where guessing among"
            " ten digits gives 2.30"
        )
    if ends["batch"]:
        right = np.mean([t.test_accuracy for t in trials if t.kind == "batch"])
        parts.append(
            f"with BatchNorm at {_mean(ends['batch'])}, and {right:.0%} of the test digits right"
        )
    return (
        f"Eight sigmoid layers, {_back(trials)}: {'; '.join(parts)}. Each sigmoid makes what it"
        " hands on smaller and closer to one half; BatchNorm stretches it again before each, where"
        " the sigmoid is steep."
    )


def _on_shift(shifting: Sequence[ShiftingRecord]) -> str:
    finite = [record for record in shifting if record.is_finite]
    own = {lane: [r for r in finite if r.lane == lane] for lane in LANES}
    if not all(own.values()):
        lost = len(shifting) - len(finite)
        return (
            f"{lost} of {len(shifting)} trainings diverged; they are compared where each network"
            " has one with finite numbers."
            if lost
            else "The first trainings are back; they are compared when each network has one."
        )
    shift = {k: np.mean([np.median(r.shift_T) for r in rs]) for k, rs in own.items()}
    loss = {k: np.mean([r.loss_T[len(r.loss_T) // 2 :].mean() for r in rs])
            for k, rs in own.items()}  # fmt: skip
    rough = {k: np.mean([np.median(r.high_T - r.low_T) for r in rs]) for k, rs in own.items()}
    moves, trains = shift["noisy"] > shift["none"], loss["noisy"] < loss["none"]
    verdict = (
        "So distributions that stay put are not what makes it train **here**. What does differ: the"
        " loss"
        if moves and trains
        else "With these settings the two cannot be told apart. The loss"
    )
    return (
        f"Noise after BatchNorm moves a unit's mean by {shift['noisy']:.2g} of its deviations at"
        f" every update, {'more' if moves else 'less'} than it moves without any normalization"
        f" ({shift['none']:.2g}), and the loss of the second half of training is"
        f" {loss['noisy']:.2g}, {'below' if trains else 'not below'} that without normalization"
        f" ({loss['none']:.2g}); BatchNorm alone moves means by {shift['batch']:.1g} and has"
        f" {loss['batch']:.2g} ({_back(shifting)}). {verdict} on the way along the gradient varies"
        f" by {rough['none']:.2g} without, {rough['batch']:.2g} with BatchNorm,"
        f" {rough['noisy']:.2g} with noise"
        + (": the way is smoother." if rough["noisy"] < rough["none"] else ".")
    )


def _mean(values: Sequence[float]) -> str:
    spread = full(f" ({np.nanmin(values):.2f} to {np.nanmax(values):.2f})")
    return f"{np.nanmean(values):.2f}{spread}"


def _back(records: Sequence[TrialRecord] | Sequence[ShiftingRecord]) -> str:
    n = len({record.seed for record in records})
    seeds = f"{n} seed{'' if n == 1 else 's'}"
    return seeds if n == len(SEEDS) else f"{seeds} of {len(SEEDS)} so far"
