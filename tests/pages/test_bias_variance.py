"""The bias-variance page measures what is asked, refuses the rest, and loses nothing."""

import re
import time

import pytest

from nnviz.experiments.complexity.collecting import Collector
from nnviz.experiments.complexity.presets import COMPLEXITY_PRESETS
from nnviz.experiments.complexity.settings import ComplexitySettings
from nnviz.spec.code import encoded
from tests.pages.test_playground import widget

PAGE = "bias_variance"


def code_of(**changes):
    """The address of settings, valid or not."""
    document = ComplexitySettings().model_dump(mode="json")
    return encoded({**document, **changes}, document)


def settings_of(app):
    return app.session_state["nnviz.lab.bias_variance.valid"]


def sweeps_of(app, page=PAGE):
    """The sweeps of the question that is shown."""
    known = app.session_state[f"nnviz.measured.{page}"]
    return next(reversed(known.values())).sweeps


def measured(app, page=PAGE, seconds=90):
    """Wait for the latest sweep and draw its end."""
    deadline = time.monotonic() + seconds
    found = sweeps_of(app, page)[-1]
    while found.is_live and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found.status == "finished", found.failures
    app.run()
    return found


def _bias_at(app, place):
    settings = settings_of(app)
    pieces = [result for sweep in sweeps_of(app) for result in sweep.results]
    return Collector(settings).record(settings, pieces).at[place].bias


def words(app):
    return " ".join(found.value for found in app.markdown)


def test_the_first_visit_measures_the_u_curve_unasked(visit):
    app = visit(PAGE)
    assert not app.exception
    measured(app)
    assert not app.exception
    assert "Lowest risk" in words(app)
    assert "polynomial degree **3**" in words(app) or "polynomial degree **4**" in words(app)
    assert app.button("bias_variance.measure").disabled


def test_more_replicates_add_to_those_measured(visit):
    app = visit(PAGE, lab=code_of(n_replicates=4, high=4, n_values=5))
    first = measured(app)
    app.button("bias_variance.more").click().run()
    second = measured(app)
    assert second is not first
    assert settings_of(app).n_replicates == 16
    assert min(result.start for result in second.results) == 4
    assert "(16 replicates)" in words(app)
    assert re.search(r"risk \*\*[\d.]+\*\* \[[\d.]+, [\d.]+\] squared error", words(app))


def test_four_replicates_are_said_to_be_too_few_for_an_interval(visit):
    app = visit(PAGE, lab=code_of(n_replicates=4, high=4, n_values=5))
    measured(app)
    assert "(4 replicates: too few for an interval)" in words(app)
    assert "4 replicates can't tell it from its neighbours" in words(app)


def test_the_page_says_what_its_intervals_promise_and_hold(visit):
    shown = words(visit(PAGE, lab=code_of(n_replicates=4, high=4, n_values=5)))
    assert "aim at\n  95% and hold the true value at least 90 times in 100" in shown


def test_the_parts_of_domingos_stand_beside_their_caution(visit):
    experiment = {
        "data": {"name": "moons", "n_samples": 60},
        "network": {"blocks": [{"kind": "dense", "width": 4}]},
        "training": {"n_steps": 20},
    }
    code = code_of(
        model="network", axis="width", low=1, high=4, n_values=2, n_replicates=4,
        experiment=experiment, loss="domingos",
    )  # fmt: skip
    app = visit(PAGE, lab=code)
    app.button("bias_variance.measure").click().run()
    measured(app)
    [told] = [found.value for found in app.markdown if "P(answer ≠ main)" in found.value]
    assert "plug-in estimates that move with the number of replicates" in told
    assert "Kohavi & Wolpert" in told


def test_the_slider_shows_another_value(visit):
    app = visit(PAGE, lab=code_of(n_replicates=4, high=4, n_values=5))
    measured(app)
    slider = next(s for s in app.select_slider if s.key.startswith("bias_variance.place"))
    slider.set_value(1.0).run()
    assert not app.exception
    assert next(s for s in app.select_slider if s.key == slider.key).value == 1.0
    assert f"bias² **{_bias_at(app, 1):.3g}**" in words(app)


@pytest.mark.parametrize("name", COMPLEXITY_PRESETS)
def test_every_starting_point_opens(visit, name):
    app = visit(PAGE)
    app.selectbox("bias_variance.preset").select(name).run()
    assert not app.exception
    assert not app.error
    asked, preset = settings_of(app), COMPLEXITY_PRESETS[name].settings
    assert asked.question == preset.question


@pytest.mark.parametrize("model", ["random_features", "neighbors", "tree", "network"])
def test_every_model_can_be_chosen_and_left_again(visit, model):
    app = visit(PAGE)
    widget(app.selectbox, ".model").select(model).run()
    assert not app.exception
    assert not app.error
    assert settings_of(app).model == model
    widget(app.selectbox, ".model").select("polynomial").run()
    assert not app.error
    assert settings_of(app).axis == "degree"


def test_every_axis_of_a_network_can_be_chosen(visit):
    app = visit(PAGE)
    widget(app.selectbox, ".model").select("network").run()
    box = widget(app.selectbox, f"{PAGE}.1.axis")
    for name in ("depth", "n_steps", "dropout", "weight_decay", "label_noise", "n_samples"):
        box = next(b for b in app.selectbox if b.key.endswith(".axis"))
        box.select(name).run()
        assert not app.exception
        assert not app.error, (name, [e.value for e in app.error])
        assert settings_of(app).axis == name


def test_a_range_upside_down_is_said_and_the_last_one_holds(visit):
    app = visit(PAGE)
    before = settings_of(app)
    widget(app.number_input, ".low").set_value(20).run()
    assert not app.exception
    assert any("upwards" in error.value for error in app.error)
    assert settings_of(app) == before


def test_predicting_hides_what_is_measured_until_it_is_asked_for(visit):
    app = visit(PAGE, lab=code_of(n_replicates=4, high=4, n_values=5))
    measured(app)
    app.toggle("bias_variance.predict").set_value(True).run()
    assert not app.exception
    assert "Lowest risk" not in words(app)
    assert app.button("bias_variance.reveal").disabled
    app.selectbox("bias_variance.guess.risk").select("valley").run()
    app.button("bias_variance.reveal").click().run()
    assert "Lowest risk" in words(app)


@pytest.mark.parametrize(
    "code",
    [
        "", "1.", "1.AAAA", "2.x", "💥", "1." + "A" * 9000, "../../x",
        code_of(model="network"), code_of(axis="<script>"), code_of(values=[1] * 999),
        code_of(n_replicates=10**9), code_of(high=1e308), code_of(low=-5),
        code_of(model="network", axis="width", low=1, experiment={"data": {"name": "moons"}}),
        code_of(model="network", axis="width", low=1, experiment={"data": {"name": "x" * 99}}),
        code_of(n_values=10**6), code_of(noise="NaN"), code_of(experiment=[[[]]]),
    ],
)  # fmt: skip
def test_a_hostile_address_never_breaks_the_page(visit, code):
    app = visit(PAGE, lab=code, sweep="no-such~" * 50)
    assert not app.exception
    settings_of(app)


def test_anothers_sweep_is_not_given_out(visit):
    mine = visit(PAGE, lab=code_of(n_replicates=4, high=4, n_values=5))
    measured(mine)
    (own,) = sweeps_of(mine)
    stranger = visit(PAGE, lab=code_of(n_replicates=4, high=4, n_values=5), sweep=own.id)
    assert own not in sweeps_of(stranger)


def test_another_question_cancels_the_sweep_of_the_one_before(visit):
    app = visit(PAGE, lab=code_of(model="tree", axis="max_depth", low=1, high=10, n_values=10,
                                  n_samples=2000, n_replicates=256))  # fmt: skip
    (first,) = sweeps_of(app)
    widget(app.selectbox, ".model").select("polynomial").run()
    assert first.status in ("cancelled", "finished")
    assert not app.exception


def test_a_network_is_measured_when_asked(visit):
    experiment = {
        "data": {"name": "sinusoid", "n_samples": 40},
        "network": {"blocks": [{"kind": "dense", "width": 4}]},
        "training": {"n_steps": 20, "loss": "mse"},
    }
    code = code_of(
        model="network", axis="width", low=1, high=4, n_values=2, n_replicates=4,
        experiment=experiment,
    )  # fmt: skip
    app = visit(PAGE, lab=code)
    assert settings_of(app).experiment.data.name == "sinusoid"
    assert not sweeps_of(app)
    app.button("bias_variance.measure").click().run()
    measured(app)
    assert "Lowest risk" in words(app)
    assert not app.exception


def test_the_playground_opens_its_own_network_here(visit):
    app = visit("playground")
    widget(app.number_input, ".width").set_value(5).run()
    app.button("playground.bias_variance").click().run()
    assert not app.exception
    settings = settings_of(app)
    assert settings.model == "network"
    assert settings.experiment.network.blocks[0].width == 5
