"""The bias-variance page: what is drawn is what is measured, and what is asked is kept."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest

from nnviz.experiments.complexity.pile import PileSettings
from nnviz.experiments.complexity.pile_record import DEGREES, MOST_SETS
from nnviz.experiments.complexity.presets import COMPLEXITY_PRESETS
from nnviz.experiments.complexity.settings import LOSSES, ComplexitySettings
from nnviz.spec.code import encoded
from nnviz.ui.charts import ChartClick
from nnviz.ui.exhibits.bias_variance import EXPLORE, NETWORK, PILE
from nnviz.ui.exhibits.words import told
from tests.pages.test_playground import widget

PAGE = "bias_variance"
TINY = {
    "data": {"name": "sinusoid", "n_samples": 40, "test_fraction": 0.5},
    "network": {"blocks": [{"kind": "dense", "width": 4}]},
    "training": {"n_steps": 20, "batch_size": 10},
}
MOONS = {**TINY, "data": {"name": "moons", "n_samples": 60, "noise": 0.3}}
SMALL = {"model": "network", "axis": "width", "low": 1, "high": 4, "n_values": 2, "n_replicates": 4}


def link(name, **settings):
    """The address of an exhibit with these settings."""
    return encoded({"view": name, "settings": settings}, {})


def settings_of(app, name="explore"):
    return app.session_state[f"nnviz.exhibits.{PAGE}.{name}.valid"]


def document_of(app, name):
    return app.session_state[f"nnviz.exhibits.{PAGE}"][name]


def words(app):
    return " ".join(found.value for found in app.markdown)


def press(app, label):
    return next(button for button in app.button if button.label == label).click().run()


def drawn(app, text, seconds=90):
    """The page once it says this."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and text not in words(app):
        time.sleep(0.2)
        app.run()
    assert not app.exception
    assert text in words(app)
    return app


def pieces_of(exhibit, settings, n=None):
    return [call(*arguments) for call, arguments in exhibit.measure.calls(settings, [])[:n]]


def measured(exhibit, settings, n=None):
    record = exhibit.measure.collect(settings, pieces_of(exhibit, settings, n))
    assert record is not None
    return record


def executed(exhibit, settings):
    names: dict = {}
    exec(compile(exhibit.code(settings), exhibit.name, "exec"), names)  # noqa: S102
    return names


# the pile of fits


@pytest.mark.parametrize("sets", [2, 12, MOST_SETS])
def test_bars_and_numbers_add_up_to_the_risk(sets):
    settings = PileSettings(sets=sets, chosen_degree=5)
    shown = PILE.measure(settings)
    bars = {trace["name"]: trace for trace in PILE.picture(settings, shown)[1].figure["data"]}
    heights = sum(np.float64(bars[name]["y"]) for name in ("noise", "bias²", "variance"))
    risks = [shown.parts(degree, sets).risk for degree in DEGREES]
    np.testing.assert_allclose(heights, risks, rtol=1e-5)
    found = {name: float(told(text, False)) for name, text in PILE.numbers(settings, shown).items()}
    assert sum(list(found.values())[:3]) == pytest.approx(found["= risk"], abs=0.002)


def test_one_fit_is_not_split():
    settings = PileSettings(sets=1)
    shown = PILE.measure(settings)
    fits, beside = PILE.picture(settings, shown)
    names = [trace["name"] for trace in (*fits.figure["data"], *beside.figure["data"])]
    assert not {"mean", "± spread", "variance", "bias²"} & set(names)
    assert "nobody can tell why" in PILE.notice(settings, shown)


def test_bars_that_leave_the_picture_say_how_tall_they_are():
    settings = PileSettings(n_points=12, sets=MOST_SETS)
    shown = PILE.measure(settings)
    frame = PILE.picture(settings, shown)[1].figure["layout"]
    top = frame["yaxis"]["range"][1]
    cut = [degree for degree in DEGREES if shown.parts(degree, MOST_SETS).risk > top]
    assert cut
    assert [note["x"] for note in frame["annotations"]] == cut


def test_below_zero_is_explained_exactly_where_it_appears():
    for degree in DEGREES:
        settings = PileSettings(chosen_degree=degree)
        shown = PILE.measure(settings)
        is_negative = shown.parts(degree, settings.sets).bias_squared < 0
        assert ("below 0" in PILE.notice(settings, shown)) == is_negative


def test_playing_ends_with_the_picture_of_all_sets():
    settings = PileSettings(sets=MOST_SETS)
    shown = PILE.measure(settings)
    last = PILE.play.frames(settings, shown)[-1]
    for one, other in zip(last.panels, PILE.picture(settings, shown), strict=True):
        assert one.wired().whole == other.wired().whole


def test_a_click_on_a_bar_chooses_its_degree():
    at = ChartClick("parts", 0, 4, 4, 0.1)
    assert PILE.click(PileSettings(), at) == {"chosen_degree": 4}
    assert PILE.click(PileSettings(), ChartClick("fits", 0, 4, 4, 0.1)) == {}


@pytest.mark.parametrize("asked", [{}, {"inputs": "fixed", "sets": 5}, {"n_points": 40, "draw": 3}])
def test_the_code_of_the_pile_gives_the_same_numbers(asked):
    settings = PileSettings(**asked)
    names, shown = executed(PILE, settings), PILE.measure(settings)
    found = [shown.parts(degree, settings.sets) for degree in DEGREES]
    expected = [each.bias_squared for each in found], [each.variance for each in found]
    np.testing.assert_allclose(names["bias_squared"], expected[0], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(names["variance"], expected[1], rtol=1e-6)


def test_fits_come_one_at_a_time_on_the_page(visit):
    app = press(visit(PAGE), "The first")
    assert "nobody can tell why" in words(app)
    app = press(app, "Next training set")
    assert document_of(app, "pile")["sets"] == 2
    assert "too few for an interval" in words(app)
    app = press(app, f"All {MOST_SETS}")
    assert "expected to be at 3" in words(app)
    assert not app.exception


# any model against any of its settings


def test_all_pictures_and_numbers_are_of_one_place():
    settings = ComplexitySettings(n_replicates=16, place=4)
    shown = measured(EXPLORE, settings)
    curves, cloud = EXPLORE.picture(settings, shown)
    (errors,) = EXPLORE.panels(settings, shown)
    assert curves.grips[0].x == 4
    assert cloud.title.endswith("degree 4")
    assert errors.title.endswith("degree 4")
    numbers = EXPLORE.numbers(settings, shown)
    assert told(numbers["= risk"], False) == f"{shown.at[4].risk:.3g}"
    assert np.allclose(cloud.figure["data"][-2]["y"], shown.at[4].mean_line_G, atol=1e-5)


def test_without_a_place_the_lowest_risk_is_looked_at():
    settings = ComplexitySettings(n_replicates=4)
    shown = measured(EXPLORE, settings)
    assert EXPLORE.picture(settings, shown)[0].grips[0].x == shown.values[shown.best]


def test_a_line_that_is_dragged_stands_on_a_value():
    settings = ComplexitySettings(
        model="random_features", axis="n_features", low=4, high=1000, n_values=6
    )
    for sent in (4, 100.3, 999):
        assert EXPLORE.grasp(settings, {"place": sent})["place"] in settings.values
    with pytest.raises((ValueError, TypeError)):
        EXPLORE.grasp(settings, {"place": "far"})


def test_a_part_of_the_measurement_says_so_and_is_not_joined():
    settings = ComplexitySettings()
    shown = measured(EXPLORE, settings, 2)
    assert sum(value is not None for value in shown.at) == 2
    assert "So far: 4 of 64 replicates, at 2 of 13 values" in EXPLORE.notice(settings, shown)
    assert "lowest so far" in EXPLORE.notice(settings, shown)
    assert EXPLORE.numbers(settings, shown)["replicates"] == "4"
    traces = EXPLORE.picture(settings, shown)[0].figure["data"]
    assert not any(trace.get("connectgaps") for trace in traces)
    assert "lowest so far" in [trace["name"] for trace in traces]


def test_fewer_replicates_are_shown_where_fewer_are_asked():
    many, few = (
        ComplexitySettings(n_replicates=16, high=4),
        ComplexitySettings(n_replicates=4, high=4),
    )
    pieces = pieces_of(EXPLORE, many)
    assert {v.n_replicates for v in EXPLORE.measure.collect(few, pieces).at} == {4}
    assert {v.n_replicates for v in EXPLORE.measure.collect(many, pieces).at} == {16}
    assert not EXPLORE.measure.calls(few, pieces)


def test_four_replicates_are_said_to_be_too_few():
    settings = ComplexitySettings(n_replicates=4, high=4)
    notice = EXPLORE.notice(settings, measured(EXPLORE, settings))
    assert "4 replicates can't tell it from its neighbours" in notice


def test_a_negative_bias_is_named_where_it_is():
    settings = ComplexitySettings(n_replicates=16)
    shown = measured(EXPLORE, settings)
    below = [f"{value.value:g}" for value in shown.at if value.bias < 0]
    notice = EXPLORE.notice(settings, shown)
    assert below
    assert f"below 0 at polynomial degree {', '.join(below[:4])}" in notice
    calm = ComplexitySettings(n_replicates=16, high=3)
    assert "below 0" not in EXPLORE.notice(calm, measured(EXPLORE, calm))


def test_the_page_says_what_its_intervals_promise():
    settings = ComplexitySettings(n_replicates=4, high=4)
    help = EXPLORE.picture(settings, measured(EXPLORE, settings))[0].help
    assert "aim at 95% and hold the true value at least 90 times in 100" in help


def test_what_is_measured_is_hidden_until_it_is_asked_for():
    hidden = ComplexitySettings(n_replicates=4, high=4, predict=True, guess_risk="valley")
    shown = measured(EXPLORE, hidden)
    (curves,) = EXPLORE.picture(hidden, shown)
    assert [trace["name"] for trace in curves.figure["data"]] == ["my risk"]
    assert not EXPLORE.numbers(hidden, shown)
    assert not EXPLORE.panels(hidden, shown)
    assert "lowest" not in EXPLORE.notice(hidden, shown)
    (reveal, *_) = EXPLORE.actions(hidden, shown)
    revealed = hidden.model_copy(update=dict(reveal.changes))
    names = [trace["name"] for trace in EXPLORE.picture(revealed, shown)[0].figure["data"]]
    assert {"my risk", "risk"} <= set(names)


CLASSICAL = [
    {"place": 4},
    {"model": "tree", "axis": "max_depth", "low": 1, "high": 5, "n_values": 3, "place": 3},
    {"model": "random_features", "axis": "n_features", "low": 4, "high": 80, "n_values": 4,
     "place": 25, "n_inputs": 3, "ridge": 0.001},
    {"model": "random_features", "axis": "n_features", "low": 4, "high": 80, "n_values": 4,
     "place": 80, "n_inputs": 3, "freeze": "initialization"},
    {"model": "neighbors", "axis": "n_neighbors", "low": 1, "high": 20, "n_values": 4,
     "place": 3, "freeze": "data"},
]  # fmt: skip
NETWORKS = [
    {**SMALL, "experiment": TINY, "place": 4},
    {**SMALL, "experiment": {**TINY, "data": {"name": "diabetes", "n_samples": 80}}, "place": 4},
    *({**SMALL, "experiment": MOONS, "loss": loss, "place": 4} for loss in LOSSES),
]


@pytest.mark.parametrize(
    "asked", [*CLASSICAL, *NETWORKS],
    ids=lambda asked: f"{asked.get('model')}-{asked.get('freeze')}-{asked.get('loss')}",
)  # fmt: skip
def test_the_code_at_a_value_gives_the_same_numbers(asked):
    settings = ComplexitySettings.model_validate({"n_replicates": 16, **asked})
    value = measured(EXPLORE, settings).at[settings.values.index(settings.place)]
    names = executed(EXPLORE, settings)
    bias = names.get("bias_squared", names.get("bias"))
    assert bias == pytest.approx(value.bias, rel=1e-4, abs=1e-6)
    assert names["variance"] == pytest.approx(value.variance, rel=1e-4, abs=1e-6)


def test_the_parts_of_domingos_stand_beside_their_caution():
    settings = ComplexitySettings.model_validate(
        {**SMALL, "experiment": MOONS, "loss": "domingos", "n_replicates": 16}
    )
    shown = measured(NETWORK, settings)
    notice = NETWORK.notice(settings, shown)
    assert "plug-in estimates that move with the number of replicates" in notice
    assert "Kohavi & Wolpert" in notice
    assert "P(answer ≠ main)" in NETWORK.numbers(settings, shown)
    assert [panel.id for panel in NETWORK.picture(settings, shown)] == ["curves", "borders"]


def test_workers_are_asked_in_the_words_of_the_experiments():
    for call, (question, _) in NETWORK.measure.calls(NETWORK.settings(), []):
        assert type(question) is ComplexitySettings
        assert call.__module__.startswith("nnviz.experiments")


# the page


def test_the_u_curve_is_measured_unasked(visit):
    app = drawn(visit(PAGE, lab=link("explore")), "The risk is lowest at")
    assert re.search(r"lowest at polynomial degree \*\*[34]\*\*", words(app))


def test_more_replicates_add_to_those_measured(visit):
    app = drawn(
        visit(PAGE, lab=link("explore", n_replicates=4, high=4, n_values=5)), "4 replicates"
    )
    app = press(app, "To 16 replicates")
    assert settings_of(app).n_replicates == 16
    drawn(app, "can't be told apart")
    assert "So far" not in words(app)


@pytest.mark.parametrize("name", COMPLEXITY_PRESETS)
def test_every_starting_point_opens(visit, name):
    preset = COMPLEXITY_PRESETS[name].settings
    page = "network" if preset.model == "network" else "explore"
    app = visit(PAGE, lab=link(page, **({"n_replicates": 4} if page == "explore" else {})))
    widget(app.selectbox, "start.None" if page == "network" else "start.u_curve").select(name).run()
    assert not app.exception
    assert not app.error
    assert settings_of(app, page).question == preset.question
    assert any(COMPLEXITY_PRESETS[name].notice in caption.value for caption in app.caption)


@pytest.mark.parametrize("model", ["random_features", "neighbors", "tree"])
def test_every_model_can_be_chosen_and_left_again(visit, model):
    app = visit(PAGE, lab=link("explore"))
    widget(app.selectbox, ".model").select(model).run()
    assert not app.exception
    assert not app.error
    assert settings_of(app).model == model
    widget(app.selectbox, ".model").select("polynomial").run()
    assert not app.error
    assert settings_of(app).axis == "degree"


def test_every_axis_of_a_network_can_be_chosen(visit):
    app = visit(PAGE, lab=link("network"))
    for name in ("depth", "n_steps", "dropout", "weight_decay", "label_noise", "n_samples"):
        next(b for b in app.selectbox if b.key.endswith(".axis")).select(name).run()
        assert not app.exception
        assert not app.error, (name, [e.value for e in app.error])
        assert settings_of(app, "network").axis == name


def test_a_range_upside_down_is_said_and_the_last_one_holds(visit):
    app = visit(PAGE, lab=link("explore"))
    before = settings_of(app)
    widget(app.number_input, ".low").set_value(20).run()
    assert not app.exception
    assert any("upwards" in error.value for error in app.error)
    assert settings_of(app) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "network"}, {"axis": "<script>"}, {"values": [1] * 999},
        {"n_replicates": 10**9}, {"high": 1e308}, {"low": -5}, {"noise": "NaN"},
        {"model": "network", "axis": "width", "low": 1, "experiment": {"data": {"name": "x" * 99}}},
        {"n_values": 10**6}, {"experiment": [[[]]]}, {"place": 1e9}, {"guess_risk": "up"},
    ],
)  # fmt: skip
def test_a_hostile_address_never_breaks_the_page(visit, changes):
    app = visit(PAGE, lab=link("explore", **changes))
    assert not app.exception
    assert words(app)


def test_a_link_of_the_page_before_opens_its_question(visit):
    app = visit(PAGE, lab=encoded({"axis": "n_samples", "low": 15, "high": 400, "noise": 0.5}, {}))
    assert not app.exception
    assert settings_of(app).axis == "n_samples"
    assert settings_of(app).noise == 0.5


def test_a_network_of_a_link_is_measured_when_asked(visit):
    app = visit(PAGE, lab=link("network", **SMALL, experiment=TINY))
    assert settings_of(app, "network").experiment.data.name == "sinusoid"
    assert app.session_state["nnviz.document"]["data"]["name"] == "sinusoid"
    assert "What to notice" not in words(app)
    drawn(press(app, "Measure"), "The risk is lowest at hidden width")


def test_the_playground_opens_its_own_network_here(visit):
    app = visit("playground")
    widget(app.number_input, ".width").set_value(5).run()
    app.button("playground.bias_variance").click().run()
    assert not app.exception
    settings = settings_of(app, "network")
    assert settings.model == "network"
    assert settings.experiment.network.blocks[0].width == 5


def test_the_network_of_the_playground_is_asked_about(visit):
    app = visit("playground")
    widget(app.number_input, ".width").set_value(7).run()
    app.switch_page("../../pages/bias_variance.py").run()
    next(found for found in app.button_group if found.key.endswith("view")).select("network").run()
    assert not app.exception
    assert settings_of(app, "network").experiment.network.blocks[0].width == 7
