"""Lanes become comparisons: everything that has arrived, paired seed by seed.

Shapes: S seeds, T checkpoints, L remedies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

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
from nnviz.experiments.paired_intervals import LEVEL
from nnviz.experiments.seed_bands import SeedBandsRecord
from nnviz.experiments.verdict import verdict
from nnviz.experiments.verdict_records import PairVerdict
from nnviz.experiments.verdict_words import about_divergence
from nnviz.records import FloatArray

AS_IT_IS = "the network as it is"
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
    names, keys, pairs, lanes, lane_names = [], [], [], [base], ["as it is"]
    for name in settings.chosen:
        words = REMEDIES[name].words(settings.asked, settings.place)
        own = base if name == EARLY_STOPPING else gathered(f"{name}@{settings.place}", known)
        if own is None:
            continue
        if name != EARLY_STOPPING:
            lanes.append(own)
            lane_names.append(words)
        final = _stopped(settings, base) if name == EARLY_STOPPING else _last(own)
        names.append(words)
        keys.append(name)
        pairs.append((_last(base), final, _seeds_of(base, own, known, settings)))
    level = LEVEL / max(len(settings.chosen), 1)
    found = [
        _verdict(*pair, words, settings, level) for words, pair in zip(names, pairs, strict=True)
    ]
    return _record(settings, (keys, names), found, lanes, lane_names)


def _record(
    settings: OverfittingSettings,
    named: tuple[list[str], list[str]],
    found: list[PairVerdict],
    lanes: list[LaneRecord],
    lane_names: list[str],
) -> RemediesRecord:
    keys, names = named
    loss = [one.differences["test_loss"] for one in found]
    accuracy = [one.differences["test_accuracy"] for one in found]
    return RemediesRecord(
        task=settings.asked.data.entry.task,
        keys=tuple(keys),
        names=tuple(names),
        change_L=np.array([d.mean_T[0] for d in loss]),
        low_L=np.array([d.low_T[0] for d in loss]),
        high_L=np.array([d.high_T[0] for d in loss]),
        ahead_L=np.array([d.ahead_T[0] for d in loss], dtype=int),
        accuracy_change_L=np.array([d.mean_T[0] for d in accuracy]),
        accuracy_low_L=np.array([d.low_T[0] for d in accuracy]),
        accuracy_high_L=np.array([d.high_T[0] for d in accuracy]),
        accuracy_ahead_L=np.array([d.ahead_T[0] for d in accuracy], dtype=int),
        n_seeds_L=np.array([one.n_seeds for one in found], dtype=int),
        divergences=tuple(
            about_divergence((name, AS_IT_IS), one.stability)
            for name, one in zip(names, found, strict=True)
        ),
        sentences=tuple(one.sentence for one in found),
        lanes=tuple(lanes),
        lane_names=tuple(lane_names),
    )


Final = dict[str, FloatArray]


def _last(lane: LaneRecord) -> Final:
    return {name: getattr(lane, f"{name}_ST")[:, -1] for name in SERIES}


def _stopped(settings: StoppedSettings, lane: LaneRecord) -> Final:
    """The same trainings with the weights that early stopping restores."""
    best_S = early_stops(lane.validation_loss_ST, settings.patience, settings.min_delta).best_S
    rows = np.arange(len(best_S))
    return {name: getattr(lane, f"{name}_ST")[rows, best_S] for name in SERIES}


def _seeds_of(
    base: LaneRecord, own: LaneRecord, known: Sequence[LaneRecord], settings: OverfittingSettings
) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """Rows of both lanes that are the same seeds."""
    lanes = [base.lane, own.lane]
    seeds = [
        [s for r in sorted((r for r in known if r.lane == lane), key=lambda r: r.start)
         for s in range(r.start, r.stop)]
        for lane in lanes
    ]  # fmt: skip
    common = sorted(set(seeds[0]) & set(seeds[1]))
    rows = [np.array([part.index(s) for s in common], dtype=int) for part in seeds]
    return rows[0], rows[1], tuple(common)


def _verdict(
    base: Final,
    own: Final,
    rows: tuple[np.ndarray, np.ndarray, tuple[int, ...]],
    words: str,
    settings: OverfittingSettings,
    level: float,
) -> PairVerdict:
    first, second, seeds = rows
    curves: dict[str, Any] = {
        f"{name}_LST": np.stack([own[name][second], base[name][first]])[:, :, None]
        for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
    }
    bands = SeedBandsRecord(
        seeds=seeds,
        checkpoints=(settings.checkpoints[-1],),
        data="fresh",
        task=settings.asked.data.entry.task,
        diverged_LST=np.isnan(curves["test_loss_LST"]),
        batched=(True, True),
        reasons=(None, None),
        **curves,
    )
    return verdict(bands, (words, AS_IT_IS), level=level).pairs[0]


def _final(lane: LaneRecord | None) -> list[float]:
    """Training and test loss at the end with their errors, and the number of seeds."""
    if lane is None:
        return [np.nan, np.nan, np.nan, np.nan, 0]
    values: list[float] = []
    for part in ("train_loss", "test_loss"):
        mean, error = mean_and_error(getattr(lane, f"{part}_ST")[:, -1:])
        values += [float(mean[0]), float(error[0])]
    return [*values, float(np.isfinite(lane.test_loss_ST[:, -1]).sum())]
