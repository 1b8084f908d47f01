"""Lanes become comparisons: everything that has arrived, paired seed by seed.

Shapes: S seeds, T checkpoints, L remedies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.experiments.overfitting.pairing import AS_IT_IS, Final, against
from nnviz.experiments.overfitting.records import (
    GapRecord,
    LaneRecord,
    LearningCurveRecord,
    RemediesRecord,
    mean_and_error,
)
from nnviz.experiments.overfitting.remedies import EARLY_STOPPING, REMEDIES
from nnviz.experiments.overfitting.remedies_settings import RemediesSettings
from nnviz.experiments.overfitting.settings import (
    BASELINE,
    GapSettings,
    LanePiece,
    OverfittingSettings,
    SizesSettings,
    StoppedSettings,
    pieces_for,
)
from nnviz.experiments.overfitting.stopping import early_stops
from nnviz.experiments.seed_records import Metric
from nnviz.experiments.verdict_records import PairVerdict
from nnviz.experiments.verdict_words import about_divergence

SERIES = ("train_loss", "validation_loss", "test_loss", "train_accuracy", "test_accuracy")


def missing_pieces(settings: OverfittingSettings, known: Sequence[LaneRecord]) -> list[LanePiece]:
    """The pieces of the view that have not arrived."""
    there = {LanePiece(record.lane, record.start, record.stop) for record in known}
    return [piece for piece in pieces_for(settings) if piece not in there]


def gathered(lane: str, known: Sequence[LaneRecord]) -> LaneRecord | None:
    """All seeds of a lane so far, by seed; None before any."""
    parts = sorted((r for r in known if r.lane == lane), key=lambda record: record.start)
    if not parts:
        return None
    series = {
        f"{name}_ST": np.concatenate([getattr(part, f"{name}_ST") for part in parts])
        for name in SERIES
    }
    first = parts[0]
    return LaneRecord(lane, first.start, parts[-1].stop, first.checkpoints, first.n_train, **series)


def gap_record(settings: GapSettings, known: Sequence[LaneRecord]) -> GapRecord | None:
    """The baseline's curves and where early stopping ends them."""
    lane = gathered(BASELINE, known)
    if lane is None:
        return None
    stops = early_stops(lane.validation_loss_ST, settings.patience, settings.min_delta)
    return GapRecord(settings.asked.data.entry.task, lane, stops)


def learning_curve(
    settings: SizesSettings, known: Sequence[LaneRecord]
) -> LearningCurveRecord | None:
    """Final losses against the size of the training set."""
    lanes = {n: gathered(f"size@{n}", known) for n in settings.sizes}
    if all(lane is None for lane in lanes.values()):
        return None
    rows = np.array([_final(lane) for lane in lanes.values()])
    return LearningCurveRecord(
        task=settings.asked.data.entry.task,
        sizes=settings.sizes,
        train_loss_Z=rows[:, 0],
        train_error_Z=rows[:, 1],
        test_loss_Z=rows[:, 2],
        test_error_Z=rows[:, 3],
        n_seeds_Z=rows[:, 4].astype(int),
        now=settings.n_train,
    )


def remedies_record(
    settings: RemediesSettings, known: Sequence[LaneRecord]
) -> RemediesRecord | None:
    """Each chosen remedy against the baseline, on the seeds that both have."""
    base = gathered(BASELINE, known)
    if base is None:
        return None
    keys, found, lanes = [], [], {"as it is": base}
    for key in settings.chosen:
        words = REMEDIES[key].words(settings.asked, settings.place)
        lane = BASELINE if key == EARLY_STOPPING else f"{key}@{settings.place}"
        there = [{(r.start, r.stop) for r in known if r.lane == each} for each in (BASELINE, lane)]
        both = [record for record in known if (record.start, record.stop) in there[0] & there[1]]
        one, other = gathered(BASELINE, both), gathered(lane, both)
        if one is None or other is None:
            continue
        keys.append(key)
        if key != EARLY_STOPPING:
            lanes[words] = other
        final = _stopped(settings, one) if key == EARLY_STOPPING else _last(other)
        found.append(against(final, _last(one), words, len(settings.chosen), settings.asked))
    return _record(settings, keys, found, lanes)


def _record(
    settings: RemediesSettings,
    keys: list[str],
    found: list[PairVerdict],
    lanes: dict[str, LaneRecord],
) -> RemediesRecord:
    names = tuple(REMEDIES[key].words(settings.asked, settings.place) for key in keys)
    parts = {"change": "mean_T", "low": "low_T", "high": "high_T", "ahead": "ahead_T"}
    kinds: dict[str, Metric] = {"": "test_loss", "accuracy_": "test_accuracy"}
    changes: dict[str, Any] = {
        f"{kind}{name}_L": np.array([getattr(one.differences[of], part)[0] for one in found])
        for kind, of in kinds.items()
        for name, part in parts.items()
    }
    return RemediesRecord(
        task=settings.asked.data.entry.task,
        keys=tuple(keys),
        names=names,
        n_seeds_L=np.array([one.n_seeds for one in found], dtype=int),
        divergences=tuple(
            about_divergence((name, AS_IT_IS), one.stability)
            for name, one in zip(names, found, strict=True)
        ),
        sentences=tuple(one.sentence for one in found),
        lanes=tuple(lanes.values()),
        lane_names=tuple(lanes),
        **changes,
    )


def _last(lane: LaneRecord) -> Final:
    return {name: getattr(lane, f"{name}_ST")[:, -1] for name in SERIES}


def _stopped(settings: StoppedSettings, lane: LaneRecord) -> Final:
    """The same trainings with the weights that early stopping restores."""
    best_S = early_stops(lane.validation_loss_ST, settings.patience, settings.min_delta).best_S
    rows = np.arange(len(best_S))
    return {name: getattr(lane, f"{name}_ST")[rows, best_S] for name in SERIES}


def _final(lane: LaneRecord | None) -> list[float]:
    """Training and test loss at the end with their errors, and the number of seeds."""
    if lane is None:
        return [np.nan, np.nan, np.nan, np.nan, 0]
    values: list[float] = []
    for part in ("train_loss", "test_loss"):
        mean, error = mean_and_error(getattr(lane, f"{part}_ST")[:, -1:])
        values += [float(mean[0]), float(error[0])]
    return [*values, float(np.isfinite(lane.test_loss_ST[:, -1]).sum())]
