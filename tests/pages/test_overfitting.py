"""The overfitting page trains what is asked, refuses the rest, and pairs its remedies."""

import pytest

from nnviz.experiments.overfitting.collecting import gap_record
from nnviz.experiments.overfitting.remedies import REMEDIES
from nnviz.experiments.overfitting.settings import OverfittingSettings
from nnviz.spec.code import encoded
from nnviz.ui.questions.overfitting_words import gap_words
from tests.pages.test_bias_variance import measured, sweeps_of, words
from tests.pages.test_playground import widget

PAGE = "overfitting"
SMALL = {
    "data": {"name": "moons", "n_samples": 40, "noise": 0.3},
    "network": {"blocks": [{"kind": "dense", "width": 8}]},
    "training": {"n_steps": 40, "batch_size": 10},
}


def code_of(**changes):
    document = OverfittingSettings().model_dump(mode="json")
    return encoded({**document, **changes}, document)


def settings_of(app):
    return app.session_state["nnviz.lab.overfitting.valid"]


def small(visit, **changes):
    return visit(PAGE, lab=code_of(experiment=SMALL, n_seeds=4, **changes))


def test_nothing_is_trained_unasked(visit):
    app = visit(PAGE)
    assert not app.exception
    assert not app.error
    assert not sweeps_of(app, PAGE)
    assert not app.button("overfitting.measure").disabled


def test_the_gap_and_where_training_would_stop_are_said(visit):
    app = small(visit)
    app.button("overfitting.measure").click().run()
    measured(app, PAGE)
    assert "At the end the gap is" in words(app)
    assert "(4 seeds)" in words(app)
    widget(app.number_input, "patience").set_value(1).run()
    record = gap_record(settings_of(app), measured(app, PAGE).results)
    assert settings_of(app).patience == 1
    assert gap_words(record) in words(app)
    assert not app.exception


def test_the_learning_curve_is_measured(visit):
    app = small(visit, view="sizes")
    app.button("overfitting.measure").click().run()
    measured(app, PAGE)
    assert "Test loss (nats, ± standard error)" in words(app)
    assert not app.exception


def test_remedies_are_compared_and_few_seeds_claim_nothing(visit):
    app = small(visit, view="remedies", remedies=["early_stopping", "l2"])
    app.button("overfitting.measure").click().run()
    measured(app, PAGE)
    assert words(app).count("Too few seeds to tell") == 2
    assert not app.exception


def test_one_click_trains_one_more_remedy(visit):
    app = small(visit, view="remedies", remedies=["l2"])
    app.button("overfitting.measure").click().run()
    measured(app, PAGE)
    pills = next(group for group in app.button_group if group.key == "overfitting.remedies")
    pills.set_value(["l2", "dropout"]).run()
    second = measured(app, PAGE)
    assert {result.lane for result in second.results} == {"dropout@medium"}
    assert "dropout 0.3" in words(app)


def test_all_remedies_at_once(visit):
    app = small(visit, view="remedies", remedies=list(REMEDIES))
    app.button("overfitting.measure").click().run()
    measured(app, PAGE)
    assert not app.exception
    assert not app.error


def test_my_own_network_is_the_playgrounds(visit):
    app = visit(PAGE)
    whose = next(group for group in app.button_group if group.key == "overfitting.whose")
    whose.set_value("my own network").run()
    assert not app.exception
    assert settings_of(app).asked.data.name == "moons"
    assert settings_of(app).experiment is not None


@pytest.mark.parametrize(
    "code",
    [
        "", "1.", "1.AAAA", "💥", "1." + "A" * 9000, code_of(view="<b>"),
        code_of(remedies=["l2"] * 50), code_of(remedies=["rm -rf"]), code_of(n_seeds=10**9),
        code_of(patience=-1), code_of(min_delta=1e300), code_of(dose="lethal"),
        code_of(experiment={"training": {"n_steps": 10**6}}), code_of(experiment="x"),
        code_of(experiment={"network": {"blocks": [{"kind": "dense", "width": 10**9}]}}),
    ],
)  # fmt: skip
def test_a_hostile_address_never_breaks_the_page(visit, code):
    app = visit(PAGE, lab=code, sweep="../x~" * 20)
    assert not app.exception
    settings_of(app)
