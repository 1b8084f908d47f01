"""The sweep over one setting gives the curves that theory and other code paths give.

Shapes: V values of the axis, R replicates, N evaluation points.
"""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from nnviz.experiments.bias_variance import decompose_squared
from nnviz.experiments.bias_variance.jackknife import LEAST_REPLICATES, UPPER
from nnviz.experiments.classical_models import (
    PolynomialSpec,
    SineSpec,
    draw_training_sets,
    predictions_over_replicates,
    sine_truth,
)
from nnviz.experiments.complexity.axes import AXES, MODELS, applies_to
from nnviz.experiments.complexity.collecting import Collector, collected
from nnviz.experiments.complexity.measured import measure_piece
from nnviz.experiments.complexity.pieces import Piece, missing_pieces, pieces_for
from nnviz.experiments.complexity.presets import COMPLEXITY_PRESETS
from nnviz.experiments.complexity.settings import LOSSES, ROUNDS, ComplexitySettings
from nnviz.experiments.replicates import replicate_chunk
from nnviz.spec import ExperimentSpec

SINE = {
    "data": {"name": "sinusoid", "n_samples": 40, "test_fraction": 0.5},
    "network": {"blocks": [{"kind": "dense", "width": 4}]},
    "training": {"n_steps": 20, "batch_size": 10},
}
MOONS = {**SINE, "data": {"name": "moons", "n_samples": 60, "noise": 0.3}}
DIABETES = {**SINE, "data": {"name": "diabetes", "n_samples": 80}}


def asked(**changes) -> ComplexitySettings:
    return ComplexitySettings.model_validate(changes)


def network(experiment=SINE, **changes) -> ComplexitySettings:
    small = {"axis": "width", "low": 1, "high": 8, "n_values": 3, "n_replicates": 4}
    return asked(model="network", experiment=experiment, **{**small, **changes})


def measured(settings: ComplexitySettings):
    pieces = [measure_piece(settings, piece) for piece in pieces_for(settings)]
    return pieces, Collector(settings).record(settings, pieces)


@pytest.fixture(scope="module")
def u_curve():
    return measured(asked(n_replicates=256))[1]


def test_polynomials_on_a_sine_have_their_minimum_at_degree_three_or_four(u_curve):
    assert u_curve.values[u_curve.best] in (3, 4)
    risk = u_curve.curve("risk")
    assert risk[0] > 3 * risk[3]
    assert risk[1] == pytest.approx(risk[2], rel=0.2)


def test_polynomials_of_high_degree_have_heavy_tails(u_curve):
    place = u_curve.nearest(9)
    assert u_curve.at[place].risk > 5 * u_curve.at[place].median_risk
    assert u_curve.at[3].risk < 1.2 * u_curve.at[3].median_risk


def error_of(record, name, R, known=0.0):
    """The standard error that an interval of R replicates was made from."""
    value, low, high = (getattr(record, f"{name}{end}") for end in ("", "_low", "_high"))
    t = stats.t.ppf(UPPER, R - 1)
    if "bias" in name:
        return (high - low) / 2 / t
    return (value - known) * np.log((high - known) / (value - known)) / t


def test_the_sweep_agrees_with_the_estimators_called_by_hand(u_curve):
    """Another seed, the same truth: within standard errors of both."""
    sets = draw_training_sets(SineSpec(), 400, seed=77)
    grid = np.linspace(-1, 1, 101)
    for degree in (1, 3):
        predictions = predictions_over_replicates(
            PolynomialSpec(degree=degree), sets.x_RMF, sets.y_RM, grid
        )
        other = decompose_squared(predictions, sine_truth(grid), 0.09)
        value = u_curve.at[degree]
        for name, own in (("bias", "bias_squared"), ("variance", "variance"), ("risk", "risk")):
            known = 0.09 if name == "risk" else 0.0
            error = np.hypot(error_of(value, name, 256, known), error_of(other, own, 400, known))
            assert abs(getattr(value, name) - getattr(other, own)) < 4 * error


def test_random_features_peak_where_parameters_equal_points():
    settings = asked(
        model="random_features", axis="n_features", low=5, high=1000, n_values=8,
        n_samples=40, n_inputs=5, n_replicates=16,
    )  # fmt: skip
    record = measured(settings)[1]
    assert 40.0 in record.values
    assert record.threshold == 40
    median = record.curve("median_risk")
    peak = int(np.nanargmax(median))
    assert record.values[peak] == 40
    assert median[peak] > 10 * median[-1]


def test_one_neighbour_has_the_variance_of_the_noise():
    settings = asked(
        model="neighbors", axis="n_neighbors", low=1, high=2, n_values=2, n_samples=400
    )
    first = measured(settings)[1].at[0]
    assert first.variance == pytest.approx(0.09, abs=4 * error_of(first, "variance", 64) + 0.003)
    assert abs(first.bias) < 0.002


SETTINGS = [
    asked(n_values=4),
    asked(model="tree", axis="max_depth", low=1, high=5, n_values=3, n_replicates=4),
    asked(model="random_features", axis="ridge", low=1e-4, high=1, n_values=3, n_inputs=3),
    network(),
    network(axis="n_steps", low=1, high=20, n_values=4),
    network(DIABETES),
    *(network(MOONS, loss=loss) for loss in LOSSES),
    *(network(MOONS, loss=loss, n_values=2, n_replicates=16) for loss in LOSSES),
]


@pytest.mark.parametrize(
    "settings", SETTINGS, ids=lambda s: f"{s.model}-{s.axis}-{s.loss}-{s.n_replicates}"
)
def test_risk_is_the_sum_of_its_parts_in_every_record(settings):
    _, record = measured(settings)
    for value in record.at:
        total = value.bias + value.variance + value.noise
        assert value.risk == pytest.approx(total, abs=1e-9 + 1e-9 * abs(value.risk))
        parts = ("risk",) if value.loss == "domingos" else ("bias", "variance", "risk")
        for part in parts:
            low, high = getattr(value, f"{part}_low"), getattr(value, f"{part}_high")
            if value.n_replicates < LEAST_REPLICATES:
                assert np.isnan([low, high]).all()
            else:
                assert low < getattr(value, part) < high
        if value.loss == "domingos":
            ends = value.bias_low, value.bias_high, value.variance_low, value.variance_high
            assert np.isnan(ends).all()


def test_known_and_unknown_noise_are_named():
    assert measured(network())[1].bias_name == "bias²"
    assert measured(network())[1].at[0].noise == pytest.approx(0.09)
    assert measured(network(DIABETES))[1].bias_name == "bias² + noise"
    assert measured(network(DIABETES))[1].at[0].noise == 0


def test_a_network_replicate_is_the_one_that_replicate_chunk_trains():
    settings = network()
    piece = pieces_for(settings)[0]
    record = measure_piece(settings, piece)
    spec = settings.at(settings.values[piece.places[0]])
    other = replicate_chunk(spec, range(piece.start, piece.stop), settings.seed)
    np.testing.assert_allclose(
        record.answers[0], other.grid_predictions_TRG[-1], rtol=1e-4, atol=1e-5
    )


def test_checkpoints_of_one_training_equal_shorter_trainings():
    settings = network(axis="n_steps", low=5, high=20, n_values=2)
    (piece,) = pieces_for(settings)
    together = measure_piece(settings, piece)
    short = network({**SINE, "training": {"n_steps": 5, "batch_size": 10}}, low=4, high=5,
                    n_values=2)  # fmt: skip
    alone = measure_piece(short, Piece((0,), piece.start, piece.stop))
    np.testing.assert_allclose(together.answers[0], alone.answers[0], rtol=1e-4, atol=1e-5)


def test_the_whole_curve_comes_coarsely_first():
    settings = asked(n_replicates=256)
    pieces = pieces_for(settings)
    first = pieces[: len(settings.values)]
    assert {piece.places[0] for piece in first} == set(range(len(settings.values)))
    assert all(piece.stop == ROUNDS[0] for piece in first)
    assert [piece.places[0] for piece in first[:3]] == [0, 12, 6]


def test_continuing_equals_one_go():
    few, many = asked(n_replicates=16), asked(n_replicates=64)
    begun = [measure_piece(few, piece) for piece in pieces_for(few)]
    missing = missing_pieces(many, begun)
    assert missing == pieces_for(many)[len(begun) :]
    continued = [*begun, *(measure_piece(many, piece) for piece in missing)]
    in_one_go, record = measured(many)
    shuffled = Collector(many).record(many, continued[::-1])
    for one, other in zip(record.at, shuffled.at, strict=True):
        assert (one.bias, one.variance, one.risk) == (other.bias, other.variance, other.risk)
    assert len(in_one_go) == len(continued)


def test_partial_results_converge():
    settings = asked(low=1, high=4, n_values=4, n_replicates=256)
    pieces = pieces_for(settings)
    collector, known, widths = Collector(settings), [], []
    for piece in pieces:
        known.append(measure_piece(settings, piece))
        record = collector.record(settings, known)
        if record.at[2] is not None:
            widths.append(
                (record.at[2].n_replicates, record.at[2].risk_high - record.at[2].risk_low)
            )
    assert widths[0][0] == 4
    assert np.isnan(widths[0][1])
    assert record.at[2].n_replicates == 256
    known = [(n, width) for n, width in widths if n >= LEAST_REPLICATES]
    final = known[-1][1]
    assert final < known[0][1]
    for n, width in known:
        assert width < 8 * final * np.sqrt(256 / n)


def test_a_value_without_results_is_missing():
    settings = asked(n_values=4)
    pieces = pieces_for(settings)[:1]
    record = Collector(settings).record(settings, [measure_piece(settings, p) for p in pieces])
    assert sum(value is not None for value in record.at) == 1
    assert np.isnan(record.curve("risk")).sum() == len(record.at) - 1


def test_parts_of_a_measurement_say_how_many_replicates_they_hold():
    settings = asked(n_replicates=64, high=4, n_values=5)
    pieces = pieces_for(settings)
    assert collected(settings, []) is None
    known = [measure_piece(settings, piece) for piece in pieces]
    for n in range(1, len(pieces) + 1):
        record = collected(settings, known[:n])
        for place, value in enumerate(record.at):
            own = [piece for piece in pieces[:n] if place in piece.places]
            assert (value.n_replicates if value else 0) == sum(p.stop - p.start for p in own)
    assert {value.n_replicates for value in record.at} == {64}


def test_what_two_readers_measured_at_once_counts_once():
    settings = asked(n_replicates=16, high=4, n_values=5)
    known = [measure_piece(settings, piece) for piece in pieces_for(settings)]
    once, twice = collected(settings, known), Collector(settings).record(settings, known + known)
    for one, other in zip(once.at, twice.at, strict=True):
        assert (one.risk, one.n_replicates) == (other.risk, other.n_replicates)


def test_what_only_concerns_the_drawing_is_not_asked_of_the_workers():
    settings = asked(n_replicates=16, place=3, predict=True, guess_risk="valley", log_risk=False)
    assert settings.question == asked().question


def test_diverged_replicates_are_left_out_and_counted():
    hot = {**SINE, "training": {"n_steps": 40, "batch_size": 10,
                                "optimizer": {"name": "sgd", "learning_rate": 100}}}  # fmt: skip
    record = measured(network(hot, low=4, high=8, n_values=2))[1]
    for value in record.at:
        assert value is None or value.n_diverged + value.n_replicates == 4


def test_frozen_data_leave_no_variance_to_a_model_without_random_weights():
    record = measured(asked(freeze="data", low=1, high=3, n_values=3, n_replicates=4))[1]
    assert np.allclose(record.curve("variance"), 0, atol=1e-9)


def test_frozen_weights_are_the_same_for_all_random_features():
    free = asked(model="random_features", axis="n_features", low=4, high=20, n_values=2,
                 n_samples=200, noise=0.0, n_replicates=64)  # fmt: skip
    frozen = free.model_copy(update={"freeze": "initialization"})
    assert measured(frozen)[1].at[0].variance < measured(free)[1].at[0].variance


def test_the_number_of_training_points_is_what_the_axis_says():
    settings = network(MOONS, axis="n_samples", low=30, high=120, n_values=3)
    for value in settings.values:
        assert settings.at(value).data.n_train == pytest.approx(value, abs=1)


def test_every_axis_of_every_model_can_be_asked():
    for model in MODELS:
        for name, axis in AXES.items():
            if model not in axis.models:
                continue
            if model == "network":
                spec = ExperimentSpec.model_validate(MOONS)
                if applies_to(spec, name):
                    low, high = axis.start
                    assert len(network(MOONS, axis=name, low=low, high=high).values) >= 2
            else:
                n_samples = 60
                low, high = axis.start
                settings = asked(
                    model=model, axis=name, low=low, high=high, n_samples=n_samples, n_values=3
                )
                assert len(settings.values) >= 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"axis": "width"}, "axis must be one of degree"),
        ({"axis": "x" * 500}, "axis must be one of"),
        ({"low": 5, "high": 2}, "upwards"),
        ({"high": 2000}, "at most 50"),
        ({"n_replicates": 17}, "n_replicates must be one of"),
        ({"n_inputs": 2}, "1 input"),
        ({"model": "network", "axis": "width", "low": 1}, "experiment belongs"),
        ({"model": "neighbors", "axis": "n_neighbors", "low": 1, "high": 400}, "neighbours"),
        ({"surprise": 1}, "Extra inputs"),
        ({"noise": float("nan")}, "finite"),
    ],
)
def test_what_can_not_be_asked_is_refused_in_words(changes, words):
    with pytest.raises(ValidationError, match=words):
        asked(**changes)


def test_a_set_with_an_answer_at_each_place_is_refused_in_words():
    rows = {**SINE, "data": {"name": "reversal"}, "network": {}}
    with pytest.raises(ValidationError, match="reversal asks for one at each position"):
        network(rows, axis="n_samples", low=50, high=200)


@pytest.mark.parametrize("name", ["adding", "brackets", "characters", "volumes"])
def test_rows_and_volumes_with_one_answer_a_point_can_be_asked(name):
    experiment = {"data": {"name": name, "n_samples": 60}, "training": {"n_steps": 4}}
    settings = network(experiment, axis="n_samples", low=20, high=40, n_values=2)
    _, record = measured(settings)
    assert np.isfinite([value.risk for value in record.at]).all()


def test_a_training_that_takes_far_too_long_is_refused():
    long = {**SINE, "training": {"n_steps": 1_000_000}}
    with pytest.raises(ValidationError, match="fewer steps"):
        network(long)


@pytest.mark.parametrize("name", COMPLEXITY_PRESETS)
def test_every_starting_point_is_valid_and_has_a_source(name):
    preset = COMPLEXITY_PRESETS[name]
    assert len(preset.settings.values) >= 5
    assert preset.notice.endswith(".")
    assert any(character.isdigit() for character in preset.source)
