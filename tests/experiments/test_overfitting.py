"""Gap, early stopping, learning curves and remedies are what their definitions say.

Shapes: S seeds, T checkpoints.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from nnviz.experiments.overfitting.collecting import (
    gap_record,
    learning_curve,
    missing_pieces,
    remedies_record,
)
from nnviz.experiments.overfitting.gallery_records import FEWER_INPUTS
from nnviz.experiments.overfitting.inputs import kept_inputs, told_by
from nnviz.experiments.overfitting.records import mean_and_error
from nnviz.experiments.overfitting.remedies import (
    DOSES,
    EARLY_STOPPING,
    INPUT_NOISE,
    MORE_DATA,
    REMEDIES,
)
from nnviz.experiments.overfitting.remedies_settings import RemediesSettings
from nnviz.experiments.overfitting.settings import (
    BASELINE,
    START,
    GapSettings,
    LanePiece,
    OverfittingSettings,
    SizesSettings,
    pieces_for,
)
from nnviz.experiments.overfitting.stopping import early_stops
from nnviz.experiments.overfitting.training import held_out, sized, train_lane
from nnviz.experiments.replicate_data import replicate_source
from nnviz.randomness import torch_generator
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.overfitting.remedies import verdict_words

SMALL = {
    "data": {"name": "moons", "n_samples": 40, "noise": 0.3, "label_noise": 0.2},
    "network": {"blocks": [{"kind": "dense", "width": 8}, {"kind": "dense", "width": 8}]},
    "training": {"n_steps": 32, "batch_size": 10},
}
SINE = {**SMALL, "data": {"name": "sinusoid", "n_samples": 40}}
WINE = {**SMALL, "data": {"name": "wine"}}


def asked(experiment=SMALL, kind=RemediesSettings, **changes) -> OverfittingSettings:
    return kind.model_validate({"experiment": experiment, "n_seeds": 4, **changes})


def trained(settings: OverfittingSettings):
    return [train_lane(settings, piece) for piece in pieces_for(settings)]


class TestEarlyStopping:
    def test_the_best_evaluation_is_restored_and_patience_counted_from_it(self):
        stops = early_stops(np.array([[5.0, 3, 4, 4, 4, 1]]), patience=3)
        assert (stops.best_S[0], stops.stopped_S[0], stops.ran_out_S[0]) == (1, 4, 1)

    def test_with_enough_patience_the_later_minimum_is_found(self):
        stops = early_stops(np.array([[5.0, 3, 4, 4, 4, 1]]), patience=4)
        assert (stops.best_S[0], stops.stopped_S[0], stops.ran_out_S[0]) == (5, 5, 0)

    def test_an_improvement_smaller_than_the_minimum_difference_does_not_count(self):
        falling = np.array([[1.0, 0.99, 0.98, 0.97, 0.5]])
        assert early_stops(falling, patience=3, min_delta=0.1).best_S[0] == 0
        assert early_stops(falling, patience=3, min_delta=0.0).best_S[0] == 4

    def test_a_loss_that_is_not_finite_never_improves(self):
        stops = early_stops(np.array([[2.0, 1, np.nan, np.nan, np.nan]]), patience=2)
        assert (stops.best_S[0], stops.stopped_S[0]) == (1, 3)

    def test_it_never_reads_beyond_where_it_stopped(self):
        loss_ST = np.random.default_rng(0).random((20, 30))
        stops = early_stops(loss_ST, patience=4)
        for loss_T, best, stopped in zip(loss_ST, stops.best_S, stops.stopped_S, strict=True):
            assert best <= stopped
            assert loss_T[best] == loss_T[: stopped + 1].min()


class TestTraining:
    def test_seeds_are_the_same_however_they_are_cut(self):
        settings = asked()
        whole = train_lane(settings, LanePiece(BASELINE, 0, 4))
        part = train_lane(settings, LanePiece(BASELINE, 2, 4))
        np.testing.assert_allclose(whole.test_loss_ST[2:], part.test_loss_ST, rtol=1e-4)

    def test_a_remedy_that_changes_nothing_gives_the_baseline(self):
        settings = asked(SINE, dose="light")
        lane = train_lane(settings, LanePiece("narrower@0", 0, 2))
        base = train_lane(settings, LanePiece(BASELINE, 0, 2))
        assert not np.allclose(lane.test_loss_ST, base.test_loss_ST)
        start_train = base.n_train
        same = train_lane(settings, LanePiece(f"size@{start_train}", 0, 2))
        np.testing.assert_allclose(same.test_loss_ST, base.test_loss_ST, rtol=1e-5)

    def test_label_smoothing_is_trained_with_but_not_measured_with(self):
        """Before the first step smoothing has changed nothing: the losses must agree."""
        settings = asked()
        base = train_lane(settings, LanePiece(BASELINE, 0, 2))
        smooth = train_lane(settings, LanePiece("label_smoothing@2", 0, 2))
        np.testing.assert_allclose(smooth.train_loss_ST[:, 0], base.train_loss_ST[:, 0], rtol=1e-6)
        assert not np.allclose(smooth.train_loss_ST[:, -1], base.train_loss_ST[:, -1])

    @pytest.mark.parametrize("experiment", [SMALL, SINE, WINE])
    def test_validation_and_test_points_are_apart(self, experiment):
        spec = ExperimentSpec.model_validate(experiment)
        (first, _), (second, _) = held_out(replicate_source(spec.data))
        rows = {tuple(row) for row in first.numpy().reshape(len(first), -1).round(6)}
        others = {tuple(row) for row in second.numpy().reshape(len(second), -1).round(6)}
        assert len(rows & others) <= 0.02 * len(rows)
        assert abs(len(first) - len(second)) <= 1

    @pytest.mark.parametrize("experiment", [SMALL, SINE, WINE])
    def test_held_out_points_stay_when_the_training_set_grows(self, experiment):
        source = replicate_source(ExperimentSpec.model_validate(experiment).data)
        larger = sized(source, 2 * source.n_train)
        x, _ = larger.draw([1])
        assert x.shape[1] == min(2 * source.n_train, x.shape[1])
        assert (held_out(source)[1][0] == held_out(larger)[1][0]).all()

    def test_more_data_has_more_points(self):
        settings = asked(remedies=[MORE_DATA], dose="medium")
        assert settings.lane(f"{MORE_DATA}@1")[1] == 2 * settings.n_train


class TestRecords:
    def test_the_gap_is_test_minus_training_loss(self):
        settings = asked()
        known = trained(settings)
        record = gap_record(settings, known)
        lane = record.lane
        expected = (lane.test_loss_ST - lane.train_loss_ST).mean(axis=0)
        np.testing.assert_allclose(record.gap(), expected)

    def test_means_and_errors_are_those_of_numpy(self):
        values = np.random.default_rng(0).random((7, 3))
        mean, error = mean_and_error(values)
        np.testing.assert_allclose(mean, values.mean(axis=0))
        np.testing.assert_allclose(error, values.std(axis=0, ddof=1) / np.sqrt(7))
        mean, error = mean_and_error(np.array([[np.nan], [2.0]]))
        assert mean[0] == 2
        assert np.isnan(error[0])

    def test_nothing_measured_gives_no_record(self):
        makes = {gap_record: GapSettings, learning_curve: SizesSettings,
                 remedies_record: RemediesSettings}  # fmt: skip
        for make, kind in makes.items():
            assert make(asked(kind=kind), []) is None

    def test_a_remedy_is_measured_only_where_it_is_missing(self):
        known = trained(asked(remedies=[]))
        wider = asked(remedies=["l2", EARLY_STOPPING])
        assert {piece.lane for piece in missing_pieces(wider, known)} == {"l2@1"}

    def test_early_stopping_needs_no_training_and_never_reads_the_test_points(self):
        settings = asked(remedies=[EARLY_STOPPING])
        known = trained(settings)
        assert {record.lane for record in known} == {BASELINE}
        record = remedies_record(settings, known)
        lane = known[0]
        best_S = early_stops(lane.validation_loss_ST, settings.patience).best_S
        expected = np.mean(
            lane.test_loss_ST[np.arange(len(best_S)), best_S] - lane.test_loss_ST[:, -1]
        )
        assert record.change_L[0] == pytest.approx(expected)

    def test_too_few_seeds_make_no_claim(self):
        settings = asked(remedies=["l2", "dropout"])
        record = remedies_record(settings, trained(settings))
        assert not record.ahead_L.any()
        assert all("Too few seeds" in sentence for sentence in record.sentences)

    def test_a_remedy_that_diverges_has_lost_on_that_seed(self):
        settings = asked(remedies=["l2"])
        lost = {name: np.full((4, 1), np.nan) for name in ("test_loss_ST", "test_accuracy_ST")}
        known = [
            lane if lane.lane == BASELINE else replace(lane, **lost) for lane in trained(settings)
        ]
        record = remedies_record(settings, known)
        told = "diverged on 4 of 4 seeds, the network as it is on none"
        assert told in record.divergences[0]
        assert told in verdict_words(record, 0)

    def test_the_learning_curve_falls_with_more_data(self):
        settings = asked({**SMALL, "training": {"n_steps": 300}}, kind=SizesSettings)
        record = learning_curve(settings, trained(settings))
        assert record.sizes[0] < record.now < record.sizes[-1]
        assert record.test_loss_Z[0] - record.test_loss_Z[-1] > 2 * np.hypot(
            record.test_error_Z[0], record.test_error_Z[-1]
        )
        assert record.train_loss_Z[0] < record.train_loss_Z[-1]


def test_the_example_overfits_and_early_stopping_and_decay_help_beyond_seed_noise():
    settings = RemediesSettings(remedies=(EARLY_STOPPING, "l2"), n_seeds=12)
    known = trained(settings)
    record = remedies_record(settings, known)
    assert list(record.ahead_L) == [1, 1]
    assert (record.high_L < 0).all()
    gap = gap_record(settings, known)
    assert gap.gap()[-1] > 0.5
    assert settings.asked == START


OUTSIDE = (MORE_DATA, EARLY_STOPPING, FEWER_INPUTS, INPUT_NOISE)
"""Remedies that are not a change of the experiment itself."""


@pytest.mark.parametrize("place", range(len(DOSES)))
@pytest.mark.parametrize("name", REMEDIES)
def test_every_remedy_gives_a_valid_experiment(name, place):
    for document in (SMALL, SINE, WINE):
        spec = ExperimentSpec.model_validate(document)
        if REMEDIES[name].applies(spec):
            changed = REMEDIES[name].applied(spec, place)
            assert (changed == spec) == (name in OUTSIDE)


@pytest.mark.parametrize("depth", [0, 1, 2, 3, 6])
@pytest.mark.parametrize("name", REMEDIES)
def test_doses_that_are_given_differ_from_each_other_and_from_nothing(name, depth):
    blocks = [{"kind": "dense", "width": 3}] * depth
    for document in (SMALL, WINE):
        experiment = {**document, "network": {"blocks": blocks}}
        given = [
            (settings.lane(f"{name}@{settings.place}"), REMEDIES[name].told(settings.asked, place))
            for place, dose in enumerate(DOSES)
            if (settings := asked(experiment, remedies=[name], dose=dose)).chosen
        ]
        if not REMEDIES[name].has_doses:
            continue
        assert len({repr(each) for each in given}) == len(given)
        if name not in OUTSIDE:
            assert settings.lane(BASELINE) not in [lane for lane, _ in given]
        assert settings.chosen or settings.why_not(name)


class TestInputs:
    def test_the_input_that_holds_the_class_tells_most(self):
        rng = np.random.default_rng(0)
        y = rng.integers(0, 2, 200)
        x = np.stack([rng.normal(size=200), y + 0.1 * rng.normal(size=200), 0 * y], axis=1)
        told = told_by(x, y)
        assert told.argmax() == 1
        assert told[2] == 0
        groups = [x[y == k, 1] for k in (0, 1)]
        f = pytest.importorskip("scipy.stats").f_oneway(*groups).statistic
        assert told[1] == pytest.approx(f / (f + 198))

    def test_for_values_it_is_the_squared_correlation(self):
        rng = np.random.default_rng(1)
        x = rng.normal(size=(50, 3))
        y = x @ [1.0, -0.5, 0.1] + rng.normal(size=50)
        expected = [np.corrcoef(x[:, k], y)[0, 1] ** 2 for k in range(3)]
        np.testing.assert_allclose(told_by(x, y[:, None]), expected)

    def test_the_least_telling_are_dropped_for_each_seed(self):
        x = torch.randn(2, 40, 3, generator=torch_generator(0))
        y = torch.stack([x[0, :, 2], x[1, :, 0]])[..., None]
        kept = kept_inputs(x, y, 2)
        assert kept[:, 0].tolist() == [[0, 0, 1], [1, 0, 0]]

    def test_dropping_all_but_one_input_of_wine_hurts_and_changes_the_inputs_only(self):
        settings = asked({**WINE, "training": {"n_steps": 300}}, remedies=[FEWER_INPUTS])
        assert settings.lane(f"{FEWER_INPUTS}@1") == settings.lane(BASELINE)
        piece = LanePiece(f"{FEWER_INPUTS}@2", 0, 2)
        lane, base = train_lane(settings, piece), train_lane(settings, LanePiece(BASELINE, 0, 2))
        assert lane.train_loss_ST[:, -1].mean() > base.train_loss_ST[:, -1].mean()

    def test_input_noise_changes_the_training_and_not_the_start_or_the_points(self):
        settings = asked(remedies=[INPUT_NOISE])
        noisy = train_lane(settings, LanePiece(f"{INPUT_NOISE}@2", 0, 2))
        base = train_lane(settings, LanePiece(BASELINE, 0, 2))
        np.testing.assert_allclose(noisy.train_loss_ST[:, 0], base.train_loss_ST[:, 0])
        assert not np.allclose(noisy.train_loss_ST[:, -1], base.train_loss_ST[:, -1])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"remedies": ["prayer"]}, "remedies must be of"),
        ({"remedies": ["l2", "l2"]}, "once"),
        ({"n_seeds": 5}, "4, 12 or 36"),
        ({"patience": 0}, "greater than or equal to 1"),
        ({"experiment": {**SMALL, "training": {"n_steps": 1_000_000}}}, "fewer steps"),
    ],
)
def test_what_can_not_be_asked_is_refused_in_words(changes, words):
    with pytest.raises(ValidationError, match=words):
        asked(**changes)


@pytest.mark.parametrize("name", ["sorting", "adding", "characters", "volumes"])
def test_rows_and_volumes_are_measured_as_every_other_set(name):
    experiment = {"data": {"name": name, "n_samples": 60}, "training": {"n_steps": 4}}
    settings = asked(experiment, kind=GapSettings)
    (record,) = [train_lane(settings, LanePiece(BASELINE, 0, 4))]
    assert np.isfinite(record.train_loss_ST).all()
    assert np.isfinite(record.test_accuracy_ST).all()
