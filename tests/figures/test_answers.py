"""Surfaces, curves, matrices and verdicts agree with the records they are drawn from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz import figures
from nnviz.figures.gradients import flow_verdict
from nnviz.figures.misclassified import tile_mosaic
from nnviz.figures.surface import surface_heatmap

from .conftest import (
    bare_history,
    curve_data,
    curve_history,
    deep_history,
    diverged_history,
    image_data,
    image_history,
    image_predictions,
    plane_data,
    plane_history,
    signal_data,
    surface,
    table_data,
)


def traces(figure):
    return {trace["name"]: trace for trace in figure["data"] if trace.get("name")}


@pytest.mark.parametrize("n_classes", [3, 5, 10])
def test_the_winning_class_can_be_read_off_its_shade(n_classes):
    record = surface(n_classes, 0.8)
    trace = surface_heatmap(record)
    np.testing.assert_array_equal(np.floor(trace["z"]), record.label_GG)
    np.testing.assert_array_equal(trace["customdata"], record.value_GG.astype(np.float16))
    positions = [stop[0] for stop in trace["colorscale"]]
    assert positions == sorted(positions)
    assert (positions[0], positions[-1]) == (0.0, 1.0)


def test_surer_answers_are_stronger_shades():
    record = surface(5, 0.8)
    shade = surface_heatmap(record)["z"] % 1
    order = np.argsort(record.value_GG.ravel())
    assert (np.diff(shade.ravel()[order]) >= -1e-5).all()


def test_two_classes_meet_at_one_half():
    trace = surface_heatmap(surface(2, 0.5))
    assert (trace["zmin"] + trace["zmax"]) / 2 == 0.5


def test_points_and_flipped_labels_are_drawn():
    data = plane_data()
    figure = figures.decision_surface(plane_history(5)[-1], data)
    drawn = {
        t["name"]: t
        for t in figure["data"]
        if t.get("showlegend", True) is False or "flip" in t["name"]
    }
    assert len(drawn["train"]["x"]) == len(data.train_x)
    assert len(drawn["test"]["x"]) == len(data.test_x)
    assert len(drawn["flipped label"]["x"]) == data.flipped_N.sum() > 0
    without = figures.decision_surface(plane_history(5)[-1], data, show_test=False)
    assert "test" not in traces(without)


def test_the_curve_comes_with_truth_and_points():
    drawn = traces(figures.regression_curve(curve_history(5)[-1], curve_data()))
    assert set(drawn) == {"train", "test", "truth", "network"}


def test_the_lowest_test_loss_is_marked():
    series = figures.Series(plane_history(60))
    star = traces(figures.loss_curve(series))["lowest test loss"]
    best = int(np.argmin(series.run("test_loss")))
    assert star["x"][0] == series.steps[best]
    assert 0 < best < 59


def test_a_diverged_loss_becomes_missing_and_is_explained():
    history = diverged_history()
    figure = figures.loss_curve(figures.Series(history))
    drawn = traces(figure)
    finite = [np.isfinite(snapshot.train_loss) for snapshot in history]
    assert np.isfinite(drawn["train"]["y"]).tolist() == finite
    assert "step 16" in figure["layout"]["annotations"][0]["text"]
    assert "diverged" in figures.decision_surface(history[-1])["layout"]["annotations"][0]["text"]


def test_an_unmeasured_loss_is_missing_not_zero():
    batch = traces(figures.loss_curve(figures.Series(plane_history(5))))["batch"]
    assert np.isnan(batch["y"][0])
    assert not figures.loss_curve(figures.Series(bare_history()))["data"]


def test_step_zero_has_no_place_on_a_log_axis():
    figure = figures.loss_curve(figures.Series(plane_history(5)), 0, log_steps=True)
    assert np.isnan(traces(figure)["train"]["x"][0])
    assert figure["layout"]["shapes"] == []


@pytest.mark.parametrize(
    ("ratio", "word"),
    [(1, "healthy"), (5e-3, "limit"), (5e-4, "vanishing"), (500, "limit"), (5000, "exploding")],
)
def test_the_verdict_follows_first_over_last(ratio, word):
    assert word in flow_verdict(np.array([ratio, 0.3, 1.0]))[0]


def test_a_gradient_that_is_not_finite_explodes():
    assert "exploding" in flow_verdict(np.array([np.inf, 1.0]))[0]
    assert "exploding" in flow_verdict(np.array([np.nan, 1.0]))[0]


def test_the_flow_of_a_deep_network_is_called_vanishing():
    figure = figures.gradient_flow(deep_history(3)[-1])
    assert "vanishing" in figure["layout"]["annotations"][0]["text"]


def test_of_many_layers_the_number_drawn_is_told():
    figure = figures.update_ratios(figures.Series(deep_history(5)))
    assert len(figure["data"]) == 8
    told = " ".join(words["text"] for words in figure["layout"]["annotations"])
    assert "8 of 21 layers" in told


def test_rows_of_the_matrix_are_shares_and_cells_are_counts():
    last = image_history(5)[-1]
    trace = figures.confusion_matrix(last)["data"][0]
    np.testing.assert_allclose(trace["z"].sum(axis=1), 1, rtol=1e-6)
    counts = [[int(cell or 0) for cell in row] for row in trace["text"]]
    np.testing.assert_array_equal(counts, last.confusion_CC)


def test_a_class_without_test_points_is_a_missing_row():
    last = plane_history(5)[-1]
    bare = replace(last, confusion_CC=np.array([[0, 0], [3, 4]]))
    trace = figures.confusion_matrix(bare)["data"][0]
    assert np.isnan(trace["z"][0]).all()


def test_mistakes_are_labelled_true_to_predicted():
    data, predicted = image_data(), image_predictions()
    figure = figures.misclassified_images(data, predicted, max_images=24)
    wrong = np.flatnonzero(data.test_y != predicted)[:24]
    expected = [f"{data.test_y[i]}→{predicted[i]}" for i in wrong]
    assert list(figure["data"][-1]["text"]) == expected
    np.testing.assert_array_equal(figure["data"][-1]["customdata"], wrong)


def test_every_pixel_of_every_mistake_is_in_the_mosaic_upright():
    tiles = np.random.default_rng(0).random((11, 8, 6)).astype(np.float32)
    x, y, values = tile_mosaic(tiles)
    assert np.isfinite(values).sum() == tiles.size
    assert (len(y) - 1, len(x) - 1) == values.shape
    assert (np.diff(x) > 0).all()
    assert (np.diff(y) > 0).all()
    top_left = values[-9:-1, :6][::-1]
    np.testing.assert_array_equal(top_left, tiles[0])


def test_signals_are_drawn_as_lines_and_tables_are_explained():
    data = signal_data()
    wrong = (data.test_y + 1) % 10
    assert figures.misclassified_images(data, wrong)["data"][0]["mode"] == "lines"
    table = table_data()
    assert not figures.misclassified_images(table, (table.test_y + 1) % 3)["data"]


def test_no_mistake_is_good_news():
    data = image_data()
    figure = figures.misclassified_images(data, data.test_y)
    assert "correct" in figure["layout"]["annotations"][0]["text"]


def test_undefined_shares_are_marked():
    last = plane_history(5)[-1]
    figure = figures.unit_health(last)
    dashes = figure["data"][-1]
    assert list(dashes["text"]) == ["–"] * 3
    assert set(dashes["customdata"]) == {"saturated"}


def test_the_gap_of_batch_statistics_is_the_mean_absolute_difference():
    history = plane_history(10)
    drawn = figures.batch_statistics_gap(figures.Series(history), 1)["data"]
    record = history[-1].layers[1].batch_statistics
    expected = np.abs(record.batch_mean_D - record.running_mean_D).mean()
    assert drawn[0]["y"][-1] == pytest.approx(expected, rel=1e-6)
