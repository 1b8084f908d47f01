"""The axes of a run's curves say what they show, from the first step on and when all diverges."""

from dataclasses import replace

import numpy as np
import pytest

from nnviz import figures
from nnviz.figures.lanes import lane_colour
from nnviz.figures.layout import plain_number

from .conftest import plane_history


def first_step(task="classification", **numbers):
    return figures.Series([replace(plane_history(1)[0], step=0, task=task, **numbers)])


def y_axis(figure):
    return figure["layout"]["yaxis"]


@pytest.mark.parametrize("quantity", ["train_accuracy", "test_accuracy"])
def test_shares_keep_to_0_and_1_at_the_first_step(quantity):
    series = first_step()
    for figure in (
        figures.accuracy_curve(series),
        figures.lane_curves([series, series], ["one", "two"], quantity),
    ):
        low, high = y_axis(figure)["range"]
        assert -0.05 <= low <= 0 < 1 <= high <= 1.05


@pytest.mark.parametrize(("value", "low"), [(0.4, 0.0), (-0.3, -0.3), (-9e30, -1.0)])
def test_r2_starts_at_its_data_and_at_most_one_below_0(value, low):
    series = first_step("regression", train_accuracy=value, test_accuracy=value)
    for figure in (
        figures.accuracy_curve(series),
        figures.lane_curves([series], ["one"], "test_accuracy"),
    ):
        assert y_axis(figure)["range"] == pytest.approx([low - 0.03, 1.03])
        assert "R²" in y_axis(figure)["title"]["text"]
        assert "accuracy" not in y_axis(figure)["title"]["text"]


def test_a_first_loss_has_an_axis_from_0_to_just_above_it():
    series = first_step(train_loss=0.694123, test_loss=0.694187)
    figure = figures.lane_curves([series, series], ["one", "two"], "test_loss")
    assert y_axis(figure)["range"] == pytest.approx([0, 1.06 * 0.694187])


def test_two_first_losses_on_a_log_axis_are_marked_by_short_numbers():
    lanes = [first_step(test_loss=loss) for loss in (0.694123, 0.694187)]
    shown = y_axis(figures.lane_curves(lanes, ["one", "two"], "test_loss", log_scale=True))
    assert shown["ticktext"] == ["0.5", "0.7"]


def test_a_lane_that_diverges_does_not_flatten_the_others():
    calm, wild = (plane_history(3) for _ in range(2))
    wild = [replace(taken, test_loss=10.0 ** (12 * taken.step)) for taken in wild]
    figure = figures.lane_curves(
        [figures.Series(calm), figures.Series(wild)], ["calm", "wild"], "test_loss"
    )
    assert y_axis(figure)["range"][1] <= 11 * calm[0].test_loss


def test_the_first_steps_stand_on_whole_numbers():
    series = first_step()
    for figure in (figures.loss_curve(series), figures.layer_lines(series, "mean")):
        assert figure["layout"]["xaxis"]["range"] == [-0.15, 5]
        assert figure["layout"]["xaxis"]["dtick"] == 1
    later = figures.Series(plane_history(30))
    assert "range" not in figures.loss_curve(later)["layout"]["xaxis"]


def test_thousands_have_a_comma_on_every_axis(drawn):
    for name, figure in drawn.items():
        for key, axis in figure["layout"].items():
            if key[1:5] == "axis" and "title" in axis:
                assert axis["separatethousands"], (name, key)
                assert axis["minexponent"] == 6, (name, key)


@pytest.mark.parametrize(
    ("value", "text"), [(0.05, "0.05"), (1500, "1,500"), (2e6, "2,000,000"), (1e-9, "1e-09")]
)
def test_numbers_are_short(value, text):
    assert plain_number(value) == text


def test_a_lanes_histograms_have_its_colour():
    snapshot = plane_history(2)[-1]
    filled = figures.layer_histograms(snapshot, "activation", lane_colour(2))["data"][0]
    assert filled["line"]["color"] == "var(--nnviz-lane_2)"
    assert np.isfinite(filled["y"]).any()
