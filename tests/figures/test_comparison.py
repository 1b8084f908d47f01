"""The figures of a comparison: lanes on the same axes, and what is missing said as missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz import figures
from nnviz.figures.shared_axes import common_limits, on_shared_axes, with_limits

from .compare_records import CHECKPOINTS, band, difference, mode_entries
from .conftest import plane_history

NAMES = ("none", "before", "after")


def drawn(figure):
    assert figure["data"], figure["layout"]["annotations"]
    figures.to_plotly(figure)
    return figure["data"]


def test_a_profile_has_a_line_a_lane_each_with_its_own_dash_and_mark():
    snapshots = plane_history(4)[-3:]
    lines = drawn(figures.lane_profiles(snapshots, NAMES, "mean"))
    assert [line["name"] for line in lines] == list(NAMES)
    assert len({line["line"]["dash"] for line in lines}) == 3
    assert len({line["marker"]["symbol"] for line in lines}) == 3
    assert len({line["line"]["color"] for line in lines}) == 3


def test_a_profile_stands_where_the_layer_stands_however_deep_the_lane():
    deep = plane_history(2)[-1]
    shallow = replace(deep, layers=deep.layers[:1])
    lines = drawn(figures.lane_profiles([deep, shallow], NAMES[:2], "std", with_output=False))
    assert [len(line["x"]) for line in lines] == [len(deep.layers), 1]
    with_output = drawn(figures.lane_profiles([deep, shallow], NAMES[:2], "std"))
    assert [len(line["x"]) for line in with_output] == [len(deep.layers) + 1, 2]


def test_lanes_with_a_panel_each_share_both_axes():
    snapshots = plane_history(30)
    panels = [figures.layer_histograms(snapshots[k], "pre_activation") for k in (0, 10, -1)]
    ranges = [figure["layout"]["xaxis"]["range"] for figure in on_shared_axes(panels)]
    assert ranges[0] == ranges[1] == ranges[2]
    own = [figure["layout"]["xaxis"]["range"] for figure in panels]
    assert ranges[0] == [min(r[0] for r in own), max(r[1] for r in own)]


def test_limits_hold_all_points_in_powers_of_ten_on_a_logarithmic_axis():
    one, other = (
        {
            "data": [{"x": np.array([1.0, 2.0]), "y": np.array([low, 100.0, np.nan, -1.0])}],
            "layout": {"xaxis": {"rangemode": "nonnegative"}, "yaxis": {"type": "log"}},
        }
        for low in (0.01, 10.0)
    )
    limits = common_limits([one, other])
    assert limits["xaxis"] == [0.0, pytest.approx(2.05)]
    assert limits["yaxis"] == [pytest.approx(-2.2), pytest.approx(2.2)]
    kept = with_limits(one, limits)
    assert kept["layout"]["yaxis"]["range"] == limits["yaxis"]
    assert "range" not in one["layout"]["yaxis"]


def test_an_empty_figure_has_no_say_about_the_axes_and_stays_as_it_is():
    empty = figures.empty_figure("nothing yet")
    full = figures.layer_histograms(plane_history(2)[-1], "activation")
    assert common_limits([empty, full]) == common_limits([full])
    assert on_shared_axes([empty, full])[0] is empty
    assert common_limits([empty]) == {}


def test_a_band_leaves_out_where_every_seed_has_diverged():
    traces = drawn(figures.seed_bands(CHECKPOINTS, band(), NAMES[:2], "test loss", "nats"))
    assert [len(trace["x"]) for trace in traces] == [8, 4, 6, 4]
    assert np.isnan(traces[3]["y"][-1])


def test_stars_stand_where_the_difference_is_beyond_seed_noise():
    clear_T = np.array([True, False, False, True])
    unit = ("test loss", "nats")
    traces = drawn(figures.paired_difference(CHECKPOINTS, difference(), clear_T, *unit))
    assert traces[2]["x"].tolist() == [10, 1000]
    few = drawn(figures.paired_difference(CHECKPOINTS, difference(True), ~clear_T & False, *unit))
    assert len(few[0]["x"]) == 0
    assert np.isfinite(few[1]["y"]).all()


def test_only_lanes_that_differ_by_mode_are_drawn():
    entries = mode_entries()
    lines = drawn(figures.mode_curves(entries, NAMES, "loss", 5))
    assert [line["name"] for line in lines] == [
        "before, train()", "before, eval()", "after, train()", "after, eval()",
    ]  # fmt: skip
    assert len(drawn(figures.mode_outputs(entries[-1][1], NAMES))) == 3
    layers = drawn(figures.mode_layers(entries[-1][1], NAMES))
    assert np.isnan(layers[0]["y"][0])
    assert layers[0]["y"][1:] == pytest.approx([1.4, 1.4])


@pytest.mark.parametrize(
    "figure",
    [
        figures.mode_curves([], NAMES, "loss"),
        figures.mode_layers(None, NAMES),
        figures.mode_outputs(None, NAMES),
        figures.mode_curves(mode_entries((False,)), NAMES[:1], "accuracy"),
        figures.mode_layers(mode_entries((False,))[0][1], NAMES[:1]),
        figures.lane_profiles([], [], "std"),
        figures.seed_bands(
            CHECKPOINTS, tuple(np.full((1, 4), np.nan) for _ in range(3)), ("a",), "loss", "nats"
        ),
    ],
)
def test_nothing_to_draw_is_said_in_words(figure):
    assert not figure["data"]
    assert len(figure["layout"]["annotations"][0]["text"]) > 10
