"""Replicates of a network give the bias and variance that theory and print say."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from scipy import stats

from nnviz import ExperimentSpec
from nnviz.data import load
from nnviz.experiments.bias_variance import decompose_cross_entropy, decompose_squared
from nnviz.experiments.bias_variance.jackknife import UPPER
from nnviz.experiments.replicate_data import replicate_source
from nnviz.experiments.replicates import Freeze, collect_replicates, replicate_chunk


def curve(**changes: Any) -> ExperimentSpec:
    document: dict[str, Any] = {
        "data": {"name": "sinusoid", "n_samples": 40, "noise": 0.3},
        "network": {"blocks": [{"kind": "dense", "width": 8}], "activation": "tanh"},
        "training": {"n_steps": 60, "optimizer": {"name": "sgd", "learning_rate": 0.1}},
    }
    return ExperimentSpec.model_validate({**document, **changes})


DIGITS = {"name": "digits", "n_samples": 200}


def test_test_points_and_scaling_are_those_of_the_spec() -> None:
    for name in ("sinusoid", "moons"):
        spec = curve(data={"name": name, "n_samples": 40, "seed": 3}).data
        source, dataset = replicate_source(spec), load(spec)
        np.testing.assert_array_equal(source.test_x, dataset.record.test_x)
        np.testing.assert_array_equal(source.test_y, dataset.record.test_y)
        raw_x, _ = spec.entry.draw(spec.size, spec.noise_level, spec.classes, _same_draw(spec))
        scaled = np.concatenate([dataset.record.train_x, dataset.record.test_x])
        np.testing.assert_allclose(
            np.sort(source.scale_x(raw_x), axis=0), np.sort(scaled, axis=0), atol=1e-12
        )


def _same_draw(spec: Any) -> np.random.Generator:
    from nnviz.seeds import derived_seed

    return np.random.default_rng(derived_seed(spec.name, spec.seed, "draw"))


def test_the_truth_is_the_noiseless_target() -> None:
    record = replicate_chunk(curve(), (0, 1))
    assert record.truth_N is not None
    assert record.targets_N is not None
    assert record.noise_variance == pytest.approx(0.09)
    noiseless = replicate_chunk(
        curve(data={"name": "sinusoid", "n_samples": 40, "noise": 0.0}), (0,)
    )
    np.testing.assert_allclose(noiseless.truth_N, noiseless.targets_N, atol=1e-9)
    assert record.grid_predictions_TRG is not None
    assert record.grid_predictions_TRG.shape == (1, 2, 200)


def test_training_sets_are_fresh_and_do_not_overlap_the_test_points() -> None:
    spec = curve(data=DIGITS).data
    source = replicate_source(spec)
    x, y = source.draw((1, 2))
    assert x.shape == (2, 150, 1, 8, 8)
    assert not np.array_equal(x[0], x[1])
    assert y.shape == (2, 150)
    tests = {row.tobytes() for row in source.test_x.astype(np.float32)}
    assert len(source.test_x) == 449
    both = tests & {row.numpy().tobytes() for row in x[0]}
    assert not both


def test_a_real_set_gives_at_most_half_of_its_pool() -> None:
    source = replicate_source(curve(data={"name": "wine"}).data)
    assert source.pool_x is not None
    assert source.n_train == len(source.pool_x) // 2


def test_label_noise_is_drawn_anew_and_spares_the_test_labels() -> None:
    clean, noisy = (
        replicate_source(curve(data={**DIGITS, "label_noise": share}).data) for share in (0.0, 0.2)
    )
    (_, y), (_, flipped) = clean.draw((1, 2)), noisy.draw((1, 2))
    changed_RN = (y != flipped).numpy()
    assert changed_RN.sum(axis=1).tolist() == [30, 30]
    assert (changed_RN[0] != changed_RN[1]).any()
    np.testing.assert_array_equal(clean.test_y, noisy.test_y)


@pytest.mark.parametrize("freeze", ["none", "data", "initialization"])
def test_a_replicate_is_the_same_in_any_chunk(freeze: Freeze) -> None:
    whole = replicate_chunk(curve(), range(6), seed=1, checkpoints=(10, 60), freeze=freeze)
    parts = [
        replicate_chunk(curve(), numbers, seed=1, checkpoints=(10, 60), freeze=freeze)
        for numbers in ((4, 5), (0, 1, 2, 3))
    ]
    together = collect_replicates(pickle.loads(pickle.dumps(part)) for part in parts)  # noqa: S301
    assert together.replicates == whole.replicates
    np.testing.assert_allclose(together.predictions, whole.predictions, rtol=1e-3, atol=1e-5)


def test_freezing_either_cause_leaves_less_variance() -> None:
    def variance(freeze: Freeze) -> float:
        record = replicate_chunk(curve(), range(40), freeze=freeze)
        assert record.truth_N is not None
        return decompose_squared(record.predictions[-1], record.truth_N).variance

    both = variance("none")
    assert 0 < variance("data") < both
    assert 0 < variance("initialization") < both


def test_a_linear_network_has_the_variance_of_least_squares() -> None:
    """Gradient descent to the end on a linear model is least squares: Var f(x) follows from it."""
    spec = curve(
        data={"name": "sinusoid", "n_samples": 40, "noise": 1.0},
        network={"blocks": []},
        training={
            "n_steps": 400, "batch_size": 32, "optimizer": {"name": "sgd", "learning_rate": 0.3},
        },
    )  # fmt: skip
    record = replicate_chunk(spec, range(200))
    source = replicate_source(spec.data)
    answers = []
    from nnviz.seeds import derived_seed

    for r in range(200):
        x, y = source.draw([derived_seed(0, "data", r) % 2**31])
        design = np.column_stack([x[0].numpy().astype(float), np.ones(len(x[0]))])
        weights = np.linalg.lstsq(design, y[0].numpy().astype(float), rcond=None)[0]
        points = np.column_stack([record.eval_x, np.ones(len(record.eval_x))])
        answers.append((points @ weights)[:, 0])
    np.testing.assert_allclose(record.predictions[-1], np.stack(answers), atol=1e-4)


def test_diverged_replicates_are_marked_and_can_be_left_out() -> None:
    spec = curve(
        network={"blocks": [{"kind": "dense", "width": 8}], "activation": "identity"},
        training={"n_steps": 200, "optimizer": {"name": "sgd", "learning_rate": 5.0}},
    )
    record = replicate_chunk(spec, range(3))
    assert record.diverged_R.all()
    assert record.kept().predictions.shape[1] == 0


def test_points_of_the_callers_own_have_no_labels_but_may_have_a_truth() -> None:
    record = replicate_chunk(curve(), (0, 1), x_eval=np.array([[-1.0], [0.0], [1.0]]))
    assert record.predictions.shape == (1, 2, 3)
    assert record.targets_N is None
    assert record.truth_N is not None
    assert record.truth_N.shape == (3,)


def test_unknown_requests_are_refused() -> None:
    with pytest.raises(ValueError, match="freeze must be one of none, data, initialization"):
        replicate_chunk(curve(), (0,), freeze="both")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least one replicate"):
        replicate_chunk(curve(), ())
    with pytest.raises(ValueError, match="share a replicate"):
        collect_replicates([replicate_chunk(curve(), (0,))] * 2)


def test_variance_rises_then_falls_with_width_and_bias_falls() -> None:
    """Yang et al. 2020: digits with 20 % label noise; the peak lies between width 1 and 512."""
    records = []
    for width in (1, 4, 16, 64, 512):
        spec = curve(
            data={"name": "digits", "n_samples": 500, "label_noise": 0.2},
            network={"blocks": [{"kind": "dense", "width": width}]},
            training={
                "n_steps": 800, "batch_size": 64,
                "optimizer": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9},
            },
        )  # fmt: skip
        made = replicate_chunk(spec, range(8)).kept()
        assert made.targets_N is not None
        records.append(decompose_cross_entropy(made.predictions[-1], made.targets_N))
    variance = np.array([record.variance for record in records])
    t = stats.t.ppf(UPPER, 7)
    error = variance * np.log([r.variance_high / r.variance for r in records]) / t
    peak = int(variance.argmax())
    assert peak in (1, 2, 3)
    assert variance[peak] - variance[0] > 3 * np.hypot(error[peak], error[0])
    assert variance[peak] - variance[-1] > 3 * np.hypot(error[peak], error[-1])
    bias = np.array([record.bias for record in records])
    bias_error = np.array([(r.bias_high - r.bias) / t for r in records])
    assert bias[0] > 10 * bias[-1]
    rises = np.diff(bias)
    assert (rises < 3 * np.hypot(bias_error[1:], bias_error[:-1])).all()
