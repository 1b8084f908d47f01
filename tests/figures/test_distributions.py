"""Ridges, histograms and timelines draw what the records hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nnviz import figures
from nnviz.figures.ridgeline import MAX_RIDGES, OVERLAP, ridge_rows, visible_ridges
from nnviz.records import LayerRecord

from .conftest import plane_history


def drawn_ridges(figure):
    """Upper outline of each ridge: x and y, oldest first."""
    ridges = []
    for trace in figure["data"]:
        x, y = trace["x"], trace["y"]
        ends = np.flatnonzero(np.isnan(x))
        for start, end in zip([0, *(ends[:-1] + 1)], ends, strict=True):
            half = (end - start) // 2
            ridges.append((x[start : start + half], y[start : start + half]))
    return ridges


def test_ridges_stand_on_common_bins():
    series = figures.Series(plane_history(60))
    ridges = drawn_ridges(figures.ridgeline(series, 0, "pre_activation"))
    assert len(ridges) == MAX_RIDGES
    for x, _ in ridges:
        np.testing.assert_array_equal(x, ridges[0][0])


def test_the_newest_ridge_is_drawn_whole_in_front():
    series = figures.Series(plane_history(60))
    histograms = series.histograms(0, "pre_activation")
    x, y = drawn_ridges(figures.ridgeline(series, 0, "pre_activation"))[-1]
    centers = (histograms.edges[1:] + histograms.edges[:-1]) / 2
    share = histograms.shares[-1][np.searchsorted(centers, x - 1e-6)]
    heights = OVERLAP * share / share.max()
    np.testing.assert_array_equal(y, heights.astype(np.float16))


def test_no_ridge_shows_through_a_newer_one():
    rng = np.random.default_rng(0)
    share = rng.random((10, 64))
    upper, lower = visible_ridges(share)
    assert (upper >= lower).all()
    for row in range(9):
        assert (lower[row] >= upper[row + 1 :].max(axis=0) - 1e-12).all()


def test_the_scrubber_cuts_the_ridges_at_its_step():
    series = figures.Series(plane_history(60))
    step = series.steps[20]
    rows = ridge_rows(series, series.histograms(0, "weight"), step)
    assert series.steps[rows].max() == step
    assert rows[0] == 0


def test_empty_bins_are_missing_not_zero():
    series = figures.Series(plane_history(20))
    figure = figures.histogram_heatmap(series, 0, "pre_activation")
    z = figure["data"][0]["z"]
    assert np.isnan(z).any()
    assert np.nanmax(z) <= 0
    np.testing.assert_allclose(np.nansum(10 ** z.astype(float), axis=0), 1, atol=0.02)


def test_layers_side_by_side_say_which_are_not_measured():
    figure = figures.layer_histograms(plane_history(5)[-1], "gradient")
    assert list(figure["data"][1]["text"]) == []
    last = plane_history(5)[-1]
    partly = replace(last, layers=(LayerRecord("dense1", "dense", 4),))
    figure = figures.layer_histograms(partly, "weight")
    assert list(figure["data"][1]["text"]) == ["not measured"]


def test_the_timeline_shows_each_unit_of_each_layer():
    series = figures.Series(plane_history(30))
    trace = figures.dead_timeline(series)["data"][0]
    for layer, name in zip(series.latest.layers, series.layer_names, strict=False):
        for unit in range(layer.n_units):
            row = list(trace["y"]).index(f"{name} unit {unit}")
            assert trace["z"][row, -1] == layer.dead_D[unit]
    gaps = [row for row, name in enumerate(trace["y"]) if name.startswith("below")]
    assert len(gaps) == 2
    assert (trace["z"][gaps] == -1).all()
