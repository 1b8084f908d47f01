"""The overfitting page: what is said follows the numbers, and what is told as code gives them."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from nnviz.data import load
from nnviz.ensemble import Ensemble, shared_data
from nnviz.experiments.overfitting import gallery_remedies
from nnviz.experiments.overfitting.collecting import gap_record
from nnviz.experiments.overfitting.gallery import GallerySettings, gallery_lane
from nnviz.experiments.overfitting.gallery_remedies import GALLERY
from nnviz.experiments.overfitting.remedies import REMEDIES
from nnviz.experiments.overfitting.remedies_settings import RemediesSettings
from nnviz.experiments.overfitting.settings import GapSettings, SizesSettings
from nnviz.experiments.overfitting.stopping import early_stops
from nnviz.spec import ExperimentSpec
from nnviz.ui.charts import ChartClick
from nnviz.ui.exhibits.exhibit import Shown
from nnviz.ui.exhibits.overfitting import EXHIBITS
from nnviz.ui.exhibits.overfitting.change import change_words
from nnviz.ui.exhibits.words import told
from tests.pages.test_exhibits import addressed, holds

SMALL = {
    "data": {"name": "moons", "n_samples": 40, "noise": 0.3},
    "network": {"blocks": [{"kind": "dense", "width": 8}]},
    "training": {"n_steps": 40, "batch_size": 10},
}
SINE = {**SMALL, "data": {"name": "sinusoid", "n_samples": 40}}
BY_NAME: dict[str, Shown] = {exhibit.name: exhibit for exhibit in EXHIBITS}


@cache
def results(name, settings):
    """All that the workers would send back, in order."""
    return tuple(function(*given) for function, given in BY_NAME[name].measure.calls(settings, []))


def measured(name, settings, n=None):
    exhibit = BY_NAME[name]
    return exhibit.measure.collect(settings, results(name, settings)[:n])


def asked(kind, experiment=SMALL, **changes):
    return kind.model_validate({"experiment": experiment, "n_seeds": 4, **changes})


QUESTIONS = {
    "training": asked(GapSettings),
    "sizes": asked(SizesSettings, SINE),
    "remedies": asked(RemediesSettings, remedies=list(REMEDIES), dose="strong"),
}


@pytest.fixture
def run(monkeypatch):
    """What a script leaves behind, run as without arguments."""
    monkeypatch.setattr(sys, "argv", ["script"])

    def ran(script: str) -> dict[str, Any]:
        found: dict[str, Any] = {"__name__": "__main__"}
        exec(script, found)  # noqa: S102
        return found

    return ran


@pytest.fixture
def short(monkeypatch):
    """Trainings of 20 updates, over which rounding does not grow."""
    monkeypatch.setattr(gallery_remedies, "N_STEPS", 20)
    results.cache_clear()
    yield
    results.cache_clear()


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("n", [1, 2, None])
def test_what_is_back_is_shown_however_little_it_is(name, n):
    settings = QUESTIONS[name]
    if (record := measured(name, settings, n)) is not None:
        holds(BY_NAME[name], settings, record)


@pytest.mark.parametrize("name", QUESTIONS)
def test_nothing_is_asked_twice_and_drawing_asks_nothing(name):
    exhibit, settings = BY_NAME[name], QUESTIONS[name]
    assert exhibit.measure.calls(settings, results(name, settings)) == []
    other = settings.model_copy(update={"log_loss": True, "n_seeds": 12})
    assert exhibit.measure.question(other) == exhibit.measure.question(settings)


def test_more_patience_is_no_new_training():
    settings = QUESTIONS["training"].model_copy(update={"patience": 9, "stop": 2})
    assert (
        BY_NAME["training"].measure.calls(settings, results("training", QUESTIONS["training"]))
        == []
    )


def test_the_gap_and_where_training_would_stop_are_said():
    settings = QUESTIONS["training"]
    record = measured("training", settings)
    text = told(BY_NAME["training"].notice(settings, record), is_full=True)
    gap_S = record.lane.test_loss_ST[:, -1] - record.lane.train_loss_ST[:, -1]
    assert f"**{gap_S.mean():.3g} ± {gap_S.std(ddof=1) / 2:.1g}**" in text
    assert "(4 seeds)" in text
    numbers = BY_NAME["training"].numbers(settings, record)
    own = record.lane.test_loss_ST[:, settings.stop_at].mean()
    assert numbers["Test loss at my stop"].startswith(f"{own:.3g}")


@pytest.mark.parametrize(
    ("sent", "stop"),
    [({"stop": 0}, 0), ({"stop": 40.0}, 32), ({"stop": 11.4}, 9), ({"stop": "x"}, None)],
)
def test_the_line_snaps_to_an_evaluation(sent, stop):
    settings = QUESTIONS["training"]
    found = BY_NAME["training"].grasp(settings, sent).get("stop")
    assert found == stop
    if found is not None:
        assert abs(settings.checkpoints[found] - sent["stop"]) <= 1


def test_the_training_plays_from_its_start_to_its_end():
    settings = QUESTIONS["training"]
    frames = BY_NAME["training"].play.frames(settings, measured("training", settings))
    assert len(frames) == 32
    assert frames[-1].words.startswith("After 40 updates")
    for frame in frames:
        frame.panels[0].wired()


@pytest.mark.parametrize("experiment", [SMALL, SINE])
def test_the_code_of_early_stopping_stops_where_the_rule_does(experiment, run):
    settings = asked(GapSettings, {**experiment, "training": {"n_steps": 320}}, patience=2)
    ran = run(BY_NAME["training"].code(settings))
    spec, data = settings.asked, load(settings.asked.data)
    ensemble = Ensemble(spec, [spec.training.seed], shared_data(data))
    half, losses = len(data.test_x) // 2, []
    for step in settings.checkpoints:
        ensemble.advance(step - ensemble.step)
        out = ensemble.evaluate(data.test_x[:half])[0]
        loss = (
            torch.nn.functional.cross_entropy if spec.data.classes else torch.nn.functional.mse_loss
        )
        losses.append(float(loss(out, data.test_y[:half])))
    stops = early_stops(np.array([losses]), patience=2)
    assert ran["best"]["step"] == settings.checkpoints[stops.best_S[0]]
    assert ran["best"]["loss"] == pytest.approx(min(losses[: stops.stopped_S[0] + 1]), rel=0.02)


def test_sizes_are_read_where_the_line_stands():
    settings = QUESTIONS["sizes"]
    exhibit, record = BY_NAME["sizes"], measured("sizes", QUESTIONS["sizes"])
    for size in settings.sizes:
        moved = settings.model_copy(update=exhibit.grasp(settings, {"n_points": size * 1.01}))
        assert moved.nearest == size
        z = record.sizes.index(size)
        assert exhibit.numbers(moved, record)["Test loss"].startswith(
            f"{record.test_loss_Z[z]:.3g}"
        )
        assert abs(exhibit.experiment(moved).data.n_train - size) <= 8


def test_every_remedy_is_judged_by_loss_and_by_accuracy():
    settings = asked(RemediesSettings, remedies=["l2", "dropout"])
    record = measured("remedies", settings)
    ends = {"low_L": np.full(2, -0.2), "high_L": np.full(2, -0.1)}
    worse = {"accuracy_low_L": np.full(2, -0.3), "accuracy_high_L": np.array([-0.1, 0.1])}
    text = BY_NAME["remedies"].notice(settings, replace(record, **ends, **worse))
    plain = told(text, is_full=False)
    assert "**L2 0.01**: a lower test loss; a lower test accuracy." in plain
    assert "**dropout 0.3**: a lower test loss; no difference in test accuracy that" in plain
    assert "(-" not in plain


def test_few_seeds_claim_nothing():
    record = measured("remedies", QUESTIONS["remedies"])
    text = BY_NAME["remedies"].notice(QUESTIONS["remedies"], record)
    assert text.count("Too few seeds to tell") == len(record.names)


def test_a_dose_that_is_none_is_refused_in_words():
    settings = QUESTIONS["remedies"]
    text = BY_NAME["remedies"].refusal(settings, measured("remedies", settings))
    assert "fewer layers has no dose as strong as this here" in text
    assert "shallower" not in settings.chosen


def test_a_click_on_a_remedy_is_what_is_tried():
    settings = asked(RemediesSettings, remedies=["l2", "dropout"])
    clicked = ChartClick("loss", 0, 0, -0.1, "dropout 0.3")
    changes = BY_NAME["remedies"].click(settings, clicked)
    assert changes == {"shown": "dropout"}
    tried = BY_NAME["remedies"].experiment(settings.model_copy(update=changes))
    assert tried.network.dropout == 0.3
    assert BY_NAME["remedies"].click(settings, replace(clicked, y=3)) == {}


@pytest.mark.parametrize("name", [*(name for name in GALLERY if name != "input_noise"), ""])
def test_a_tile_is_the_network_of_its_code(name, short, run):
    settings = GallerySettings(shown=name, dose=2, n_seeds=4)
    record = gallery_lane(replace(settings.lane, n_seeds=1))
    ran = run(BY_NAME["gallery"].code(settings))
    network, x, y = ran["network"].eval(), ran["test_x"], ran["test_y"]
    with torch.no_grad():
        loss = torch.nn.functional.cross_entropy(network(x), y)
    assert float(loss) == pytest.approx(record.test_loss_S[0], rel=2e-3)


def test_the_gallery_holds_with_one_lane_and_with_all_of_a_dose(short):
    exhibit, asked_for = BY_NAME["gallery"], GallerySettings(n_seeds=4, dose=3)
    calls = exhibit.measure.calls(asked_for, [])
    back = [function(*given) for function, given in calls[: 2 + len(GALLERY)]]
    for n in (1, 2, len(back)):
        shown = exhibit.measure.collect(asked_for, back[:n])
        for changes in ({}, {"dose": 0}, {"shown": "l2"}, {"shown": "l2", "dose": 0}, {"dose": 4}):
            holds(exhibit, asked_for.model_copy(update=changes), shown)
    left = exhibit.measure.calls(asked_for, back)
    assert len(left) == len(calls) - len(back)
    assert exhibit.measure.question(asked_for) == exhibit.measure.question(
        GallerySettings(n_seeds=4, shown="l1", dose=1)
    )


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((-0.3, -0.5, -0.1), "a lower loss"),
        ((0.3, 0.1, 0.5), "a higher loss"),
        ((0.3, -0.1, 0.5), "no difference in loss that these seeds can tell"),
        ((0.3, -np.inf, np.inf), "too few seeds to tell about the loss"),
    ],
)
def test_a_change_is_claimed_only_where_its_interval_leaves_out_zero(ends, words):
    assert told(change_words("loss", *ends), is_full=False) == words


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("remedies", {"remedies": ["prayer"]}, "remedies must be of"),
        ("remedies", {"shown": "prayer"}, "remedies must be of"),
        ("gallery", {"shown": "<b>"}, "shown must be one of"),
        ("gallery", {"dose": 9}, "less than or equal to 4"),
        ("training", {"experiment": {**SMALL, "training": {"n_steps": 10**6}}}, "fewer steps"),
    ],
)
def test_what_can_not_be_asked_is_refused_in_words(name, changes, words):
    with pytest.raises(ValidationError, match=words):
        BY_NAME[name].settings.model_validate(changes)


def test_my_own_network_is_the_playgrounds(visit):
    app = visit("overfitting", lab=addressed(BY_NAME["remedies"], {}))
    whose = next(group for group in app.button_group if "whose" in str(group.key))
    whose.set_value("my own network").run()
    assert not app.exception
    experiment = app.session_state["nnviz.exhibits.overfitting"]["remedies"]["experiment"]
    assert ExperimentSpec.model_validate(experiment).data.name == "moons"


def test_the_record_of_a_training_is_the_same_as_before():
    settings = QUESTIONS["training"]
    record = gap_record(settings, results("training", settings))
    assert record is not None
    np.testing.assert_allclose(
        record.gap(), (record.lane.test_loss_ST - record.lane.train_loss_ST).mean(axis=0)
    )
