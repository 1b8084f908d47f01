"""The figures of bias, variance and overfitting show what was measured and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz import figures
from nnviz.figures.expected_shapes import EXPECTED_SHAPES, expected_shape

from .question_records import complexity, overfitting


def trace(figure, name):
    return next(found for found in figure["data"] if found.get("name") == name)


@pytest.mark.parametrize("name", ["polynomial", "features", "moons", "digits", "wine"])
def test_the_curves_are_the_records(name):
    record = complexity(name)
    figure = figures.complexity_curves(record)
    risk = trace(figure, "risk")
    np.testing.assert_allclose(risk["y"], record.curve("risk"), rtol=1e-5)
    np.testing.assert_allclose(risk["x"], record.values)
    best = trace(figure, "lowest risk")
    assert best["x"][0] == np.float32(record.values[record.best])


def test_the_band_of_the_risk_is_its_interval_and_the_hover_says_it():
    record = complexity("polynomial")
    drawn = figures.complexity_curves(record)
    bands = [t for t in drawn["data"] if t.get("fill") == "toself"]
    n = len(record.values)
    np.testing.assert_allclose(bands[-1]["y"][:n], record.curve("risk_high"), rtol=1e-4)
    np.testing.assert_allclose(bands[-1]["y"][n:][::-1], record.curve("risk_low"), rtol=1e-4)
    value = record.at[3]
    words = f"[{value.risk_low:.3g}, {value.risk_high:.3g}], 16 replicates"
    assert trace(drawn, "risk")["text"][3] == words


@pytest.mark.parametrize("log_risk", [False, True])
def test_no_band_is_cut_off_by_the_axis(log_risk):
    record = complexity("polynomial")
    calm = [value if value.risk < 1 else None for value in record.at]
    drawn = figures.complexity_curves(replace(record, at=tuple(calm)), log_risk=log_risk)
    top = drawn["layout"]["yaxis"]["range"][1]
    highs = [t["y"].max() for t in drawn["data"] if t.get("fill") == "toself"]
    assert len(highs) == 3
    assert max(highs) <= (10**top if log_risk else top)


def test_no_band_is_drawn_across_a_value_without_an_interval():
    record = complexity("polynomial")
    ends = [f"{part}_{end}" for part in ("bias", "variance", "risk") for end in ("low", "high")]
    few = replace(record.at[3], **dict.fromkeys(ends, np.nan))
    drawn = figures.complexity_curves(replace(record, at=(*record.at[:3], few, *record.at[4:])))
    spans = [(t["x"].min(), t["x"].max()) for t in drawn["data"] if t.get("fill") == "toself"]
    assert len(spans) == 6
    assert all(last < 3 or first > 3 for first, last in spans)


def test_fewer_than_eight_replicates_draw_no_band_and_say_so():
    drawn = figures.complexity_curves(complexity("features"))
    assert not any(len(t["y"]) for t in drawn["data"] if t.get("fill") == "toself")
    assert trace(drawn, "risk")["text"][0] == "(too few for an interval), 4 replicates"


def test_the_parts_of_domingos_have_no_interval_to_draw():
    record = complexity("moons")
    value = replace(record.at[0], n_replicates=16, risk_low=0.1, risk_high=0.3)
    drawn = figures.complexity_curves(replace(record, at=(value,) * len(record.values)))
    texts = [trace(drawn, name)["text"][0] for name in ("bias", "variance's effect", "risk")]
    assert texts == [
        "(plug-in, no interval), 16 replicates",
        "(plug-in, no interval), 16 replicates",
        "[0.1, 0.3], 16 replicates",
    ]


def test_what_has_not_been_measured_is_missing():
    record = complexity("begun")
    risk = trace(figures.complexity_curves(record), "risk")
    assert np.isnan(risk["y"]).sum() == len(record.values) - 2
    place = next(n for n, value in enumerate(record.at) if value is None)
    for make in (figures.fit_cloud, figures.errors_along):
        assert make(record, place)["layout"]["annotations"][0]["text"]


def test_a_guess_alone_is_drawn_without_measured_curves():
    record = complexity("polynomial")
    unknown = replace(record, at=(None,) * len(record.at))
    guess = {"risk": expected_shape("valley", len(record.values))}
    figure = figures.complexity_curves(unknown, guesses=guess)
    assert [found["name"] for found in figure["data"]] == ["my risk"]


def test_a_guess_is_stretched_to_the_measured_range():
    record = complexity("features")
    guess = {"risk": expected_shape("falls", len(record.values))}
    drawn = trace(figures.complexity_curves(record, guesses=guess), "my risk")["y"]
    risk = record.curve("risk")
    assert (drawn.max(), drawn.min()) == pytest.approx((risk.max(), risk.min()), rel=1e-5)


@pytest.mark.parametrize("name", EXPECTED_SHAPES)
def test_expected_shapes_lie_between_zero_and_one(name):
    shape = expected_shape(name, 13)
    assert shape.min() >= 0
    assert shape.max() <= 1


def test_the_areas_along_x_add_up_to_the_risk():
    record = complexity("polynomial")
    value = record.at[3]
    top = figures.errors_along(record, 3)["data"][-1]["y"]
    parts = np.maximum(value.bias_line_G, 0) + value.variance_line_G + value.noise
    np.testing.assert_allclose(top, parts, rtol=1e-5)


def test_the_cloud_holds_every_fit_it_names():
    record = complexity("polynomial")
    cloud = figures.fit_cloud(record, 3)["data"][0]
    assert cloud["name"] == "16 of 16 fits"
    assert np.isnan(cloud["y"]).sum() == 16


def test_the_interpolation_threshold_is_marked():
    record = complexity("features")
    lines = figures.complexity_curves(record)["layout"]["shapes"]
    assert any(line["x0"] == record.threshold == 20 for line in lines)


def test_the_classes_of_the_decomposition_are_all_there():
    record = complexity("digits")
    bars = figures.decomposition_by_class(record, 0)["data"]
    assert set(bars[0]["x"]) == {str(c) for c in np.unique(record.evaluation.labels_N)}


def test_bars_of_all_points_of_all_classes_average_to_the_record():
    record = complexity("moons")
    labels = record.evaluation.labels_N
    share = np.array([(labels == c).mean() for c in np.unique(labels)])
    bias, variance = figures.decomposition_by_class(record, 1)["data"]
    assert (share * bias["y"]).sum() == pytest.approx(record.at[1].bias, abs=1e-6)
    assert (share * variance["y"]).sum() == pytest.approx(record.at[1].variance, abs=1e-6)


def test_the_gap_figure_marks_each_seed_with_its_restored_weights():
    record = overfitting("training")
    stars = trace(figures.loss_gap(record), "early stopping, each seed")
    steps = np.asarray(record.lane.checkpoints)[record.stops.best_S]
    np.testing.assert_array_equal(stars["x"], steps)


def test_remedies_are_coloured_by_what_can_be_said():
    record = replace(overfitting("remedies"), ahead_L=np.array([1, 0, -1]))
    record = replace(record, accuracy_ahead_L=np.array([0, 0, 0]))
    shown = {t["name"]: t["y"] for t in figures.remedy_changes(record, quality=True)["data"]}
    assert shown == {"smaller than seed noise": list(record.names)}
    shown = {t["name"]: t["y"] for t in figures.remedy_changes(record)["data"]}
    assert shown["better beyond seed noise"] == [record.names[0]]
    assert shown["smaller than seed noise"] == [record.names[1]]
    assert shown["worse beyond seed noise"] == [record.names[2]]
