"""A history as arrays: the same however it arrives, missing where nothing was measured."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from nnviz.figures import FIELD_LABELS, Series
from nnviz.figures.series import (
    GAP_FIELDS,
    MAX_TIMELINE_UNITS,
    RUN_FIELDS,
    HistogramSeries,
    widened,
)
from nnviz.records import LAYER_SCALARS, Histogram

from .conftest import deep_history, histogram, image_history, plane_history


def test_every_number_of_a_layer_has_a_name_and_a_unit() -> None:
    assert set(FIELD_LABELS) == {*LAYER_SCALARS, *GAP_FIELDS}
    assert all(name and unit for name, unit in FIELD_LABELS.values())


def assert_same(one: Series, other: Series) -> None:
    for name in RUN_FIELDS:
        assert_array_equal(one.run(name), other.run(name))
    for name in (*LAYER_SCALARS, *GAP_FIELDS):
        assert_array_equal(one.layer(name), other.layer(name))
    assert_array_equal(one.dead_TU, other.dead_TU)
    for quantity in ("weight", "pre_activation"):
        assert_array_equal(one.histograms(0, quantity).shares, other.histograms(0, quantity).shares)


def test_growing_step_by_step_equals_reading_all_at_once():
    history = plane_history(40)
    grown = Series()
    for length in (1, 2, 7, 8, 40):
        grown.update(history[:length])
        grown.histograms(0, "weight")
    assert_same(grown, Series(history))


def test_a_thinned_history_is_read_again():
    history = plane_history(40)
    series = Series(history)
    series.histograms(0, "weight")
    thinned = [history[0], *history[1::2]]
    assert_same(series.update(thinned), Series(thinned))


def test_a_rewound_history_is_read_again():
    history = plane_history(40)
    assert_same(Series(history).update(history[:10]), Series(history[:10]))


def test_another_network_is_read_again():
    series = Series(plane_history(10)).update(deep_history(10))
    assert len(series.layer_names) == 21
    assert_same(series, Series(deep_history(10)))


def test_values_are_those_of_the_snapshots():
    history = image_history(12)
    series = Series(history)
    assert series.steps.tolist() == [snapshot.step for snapshot in history]
    expected = [[x.delta_rms for x in (*s.layers, s.output)] for s in history]
    assert_array_equal(series.layer("delta_rms"), np.array(expected))
    assert series.layer_names[-1] == "output"
    assert [series.layer_names[i] for i in series.learned] == ["convolution1", "dense1", "output"]


def test_the_timeline_follows_a_bounded_number_of_units():
    for history in (plane_history(3), deep_history(3), image_history(3)):
        assert Series(history).dead_TU.shape[1] <= MAX_TIMELINE_UNITS


@pytest.mark.parametrize("doublings", [0, 1, 3, 10])
def test_widening_equals_the_record_s_own_rebinning(doublings):
    rng = np.random.default_rng(0)
    narrow = [Histogram(0.5, rng.integers(0, 50, 64)) for _ in range(5)]
    limit = 0.5 * 2**doublings
    rows = np.array([one.counts_B for one in narrow], np.float32)
    expected = [one.rebinned(limit).counts_B for one in narrow]
    assert_array_equal(widened(rows, 0.5, limit), expected)


def test_rebinning_conserves_counts_and_mass():
    rng = np.random.default_rng(1)
    parts = [histogram(rng.normal(0, scale, 1000)) for scale in (0.1, 3.0, 0.5, 20.0)]
    series = HistogramSeries()
    for part in parts:
        series.append([part])
    assert_array_equal(series.counts_TB.sum(axis=1), [part.counts_B.sum() for part in parts])
    np.testing.assert_allclose(series.shares.sum(axis=1), 1, rtol=1e-6)
    width = np.diff(series.edges)
    np.testing.assert_allclose(
        [(part.rebinned(series.limit).density * width).sum() for part in parts], 1
    )


def test_a_missing_histogram_is_a_missing_row():
    series = HistogramSeries()
    series.append([None, Histogram(1.0, np.ones(64, dtype=int)), None])
    series.append([Histogram(8.0, np.ones(64, dtype=int))])
    assert np.isnan(series.counts_TB).all(axis=1).tolist() == [True, False, True, False]
    assert np.isnan(series.shares).all(axis=1).tolist() == [True, False, True, False]
