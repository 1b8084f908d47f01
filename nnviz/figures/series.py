"""A history of snapshots as stacked arrays, which grow as the run goes on.

Shapes: T snapshots, L layers (blocks in order, the output last), B bins, U units.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnviz.records import (
    LAYER_SCALARS,
    N_BINS,
    RUN_SCALARS,
    BatchStatisticsRecord,
    FloatArray,
    Histogram,
    LayerRecord,
    Snapshot,
)

RUN_FIELDS = ("step", *RUN_SCALARS)

GAP_FIELDS = ("batch_mean_gap", "batch_var_gap")
"""Mean over channels of |batch statistic - running statistic|, where a layer has BatchNorm."""

MAX_TIMELINE_UNITS = 128

_LAYER_COLUMNS = {name: column for column, name in enumerate((*LAYER_SCALARS, *GAP_FIELDS))}
_RUN_COLUMNS = {name: column for column, name in enumerate(RUN_FIELDS)}


class HistogramSeries:
    """The histograms of one quantity of one layer on common edges, one row a snapshot."""

    def __init__(self) -> None:
        self.limit = 0.0
        self.counts_TB: FloatArray = np.empty((0, N_BINS), dtype=np.float32)
        """Counts; a snapshot that has no such histogram is a row of NaN."""

    def append(self, histograms: Sequence[Histogram | None]) -> None:
        """Add snapshots; when one is wider than all before, the earlier rows are rebinned."""
        limit = max([self.limit, *(h.limit for h in histograms if h is not None)])
        rows = [_counts(histogram, limit) for histogram in histograms]
        earlier = widened(self.counts_TB, self.limit, limit)
        self.counts_TB = np.concatenate([earlier, np.asarray(rows, np.float32)])
        self.limit = limit

    @property
    def edges(self) -> FloatArray:
        """Bin edges common to every row, shape (65,)."""
        return np.linspace(-self.limit, self.limit, N_BINS + 1)

    @property
    def shares(self) -> FloatArray:
        """Share of the finite values in each bin; a row without values is missing."""
        totals = self.counts_TB.sum(axis=1, keepdims=True)
        return np.asarray(self.counts_TB / np.where(totals > 0, totals, np.nan))


class Series:
    """Every scalar of a history as arrays over its snapshots."""

    def __init__(self, snapshots: Sequence[Snapshot] = ()) -> None:
        self._clear()
        self.update(snapshots)

    def _clear(self) -> None:
        self.snapshots: tuple[Snapshot, ...] = ()
        self.layer_names: tuple[str, ...] = ()
        self._run_TF: FloatArray = np.empty((0, len(RUN_FIELDS)))
        self._layer_TLF: FloatArray = np.empty((0, 0, len(_LAYER_COLUMNS)))
        self.dead_TU: FloatArray = np.empty((0, 0), dtype=np.float32)
        """1 where a followed unit is dead, 0 where it lives, NaN where that is not defined."""
        self._histograms: dict[tuple[int, str], HistogramSeries] = {}

    def __len__(self) -> int:
        return len(self.snapshots)

    def update(self, snapshots: Sequence[Snapshot]) -> Series:
        """Take the history as it is now: new snapshots are appended, a thinned one is reread."""
        n_known = len(self.snapshots)
        grown = len(snapshots) >= n_known and all(
            mine is theirs for mine, theirs in zip(self.snapshots, snapshots, strict=False)
        )
        if not grown:
            self._clear()
            n_known = 0
        fresh = list(snapshots[n_known:])
        if fresh:
            self._append(fresh)
        return self

    def _append(self, fresh: list[Snapshot]) -> None:
        layers = [_all_layers(snapshot) for snapshot in fresh]
        rows = [_rows(snapshot) for snapshot in fresh]
        run = np.array([row[0] for row in rows])
        scalars = np.array([row[1] for row in rows])
        dead = np.array([row[2] for row in rows], dtype=np.float32)
        if self.snapshots:
            run = np.concatenate([self._run_TF, run])
            scalars = np.concatenate([self._layer_TLF, scalars])
            dead = np.concatenate([self.dead_TU, dead])
        self._run_TF, self._layer_TLF, self.dead_TU = run, scalars, dead
        self.layer_names = tuple(layer.name for layer in layers[-1])
        for (index, quantity), series in self._histograms.items():
            series.append([row[index].histograms.get(quantity) for row in layers])
        self.snapshots = (*self.snapshots, *fresh)

    @property
    def latest(self) -> Snapshot:
        """The newest snapshot."""
        return self.snapshots[-1]

    @property
    def learned(self) -> tuple[int, ...]:
        """Places of the layers with weights."""
        layers = _all_layers(self.latest) if self.snapshots else ()
        return tuple(index for index, layer in enumerate(layers) if layer.is_learned)

    def run(self, name: str) -> FloatArray:
        """A scalar of the whole run over time, shape (T,); one of RUN_FIELDS."""
        return np.asarray(self._run_TF[:, _RUN_COLUMNS[name]])

    def layer(self, name: str) -> FloatArray:
        """A scalar of each layer over time, shape (T, L); of LAYER_SCALARS or GAP_FIELDS."""
        return np.asarray(self._layer_TLF[:, :, _LAYER_COLUMNS[name]])

    @property
    def steps(self) -> FloatArray:
        """Updates done at each snapshot, shape (T,)."""
        return self.run("step")

    def histograms(self, layer_index: int, quantity: str) -> HistogramSeries:
        """The histograms of a layer's quantity on common edges, kept for the next call."""
        key = (layer_index, quantity)
        if key not in self._histograms:
            series = HistogramSeries()
            series.append(
                [_all_layers(snap)[layer_index].histograms.get(quantity) for snap in self.snapshots]
            )
            self._histograms[key] = series
        return self._histograms[key]


def widened(counts_TB: FloatArray, limit: float, wider: float) -> FloatArray:
    """The counts of bins over [-limit, limit] on [-wider, wider], both powers of two."""
    n_rows = len(counts_TB)
    quarter = np.zeros((n_rows, N_BINS // 4), dtype=counts_TB.dtype)
    while n_rows and limit < wider:
        missing = np.isnan(counts_TB[:, :1])
        merged = counts_TB.reshape(n_rows, N_BINS // 2, 2).sum(axis=2)
        counts_TB = np.concatenate([quarter, merged, quarter], axis=1)
        counts_TB = np.where(missing, np.nan, counts_TB)
        limit = limit * 2 if limit > 0 else wider
    return counts_TB


def timeline_counts(snapshot: Snapshot) -> list[int]:
    """How many units of each block the dead-unit timeline follows, at most 128 in all."""
    units = [layer.n_units if layer.is_learned else 0 for layer in snapshot.layers]
    if sum(units) <= MAX_TIMELINE_UNITS:
        return units
    share = max(1, MAX_TIMELINE_UNITS // sum(count > 0 for count in units))
    return [min(count, share) for count in units]


def dead_row(snapshot: Snapshot) -> FloatArray:
    """Dead (1), alive (0) or undefined (NaN) for each followed unit, blocks in order."""
    parts = [np.empty(0)]
    for layer, count in zip(snapshot.layers, timeline_counts(snapshot), strict=True):
        part = np.full(count, np.nan)
        if layer.dead_D is not None:
            known = layer.dead_D[:count]
            part[: len(known)] = known
        parts.append(part)
    return np.concatenate(parts)


_Rows = tuple[FloatArray, FloatArray, FloatArray]


def _rows(snapshot: Snapshot) -> _Rows:
    """Scalars of the run and of each layer, and dead units; kept with the snapshot.

    Many readers draw the same snapshots.
    """
    kept: _Rows | None = vars(snapshot).get("_rows")
    if kept is None:
        run = np.array([getattr(snapshot, field) for field in RUN_FIELDS])
        layers = np.array([_layer_row(layer) for layer in _all_layers(snapshot)])
        kept = vars(snapshot)["_rows"] = run, layers, dead_row(snapshot)
    return kept


def _all_layers(snapshot: Snapshot) -> tuple[LayerRecord, ...]:
    return (*snapshot.layers, snapshot.output)


def _layer_row(layer: LayerRecord) -> list[float]:
    row = [getattr(layer, name) for name in LAYER_SCALARS]
    return [*row, *_statistics_gap(layer.batch_statistics)]


def _statistics_gap(statistics: BatchStatisticsRecord | None) -> tuple[float, float]:
    if statistics is None:
        return float("nan"), float("nan")
    mean_gap = np.abs(statistics.batch_mean_D - statistics.running_mean_D).mean()
    var_gap = np.abs(statistics.batch_var_D - statistics.running_var_D).mean()
    return float(mean_gap), float(var_gap)


def _counts(histogram: Histogram | None, limit: float) -> FloatArray:
    if histogram is None:
        return np.full(N_BINS, np.nan)
    return np.asarray(histogram.rebinned(limit).counts_B, dtype=np.float32)
