"""Lanes repeated with N seeds are paired, and chunks put together are the whole."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from nnviz import ExperimentSpec, advance, initial_state
from nnviz.experiments.seed_bands import METRICS, collect, data_of_seed, seed_chunk

STEPS = (0, 5, 20)


def lane(**network: Any) -> ExperimentSpec:
    blocks = [{"kind": "dense", "width": 8}, {"kind": "dense", "width": 8}]
    return ExperimentSpec.model_validate(
        {
            "data": {"name": "moons", "n_samples": 120},
            "network": {"blocks": blocks, "activation": "tanh", **network},
            "training": {"optimizer": {"name": "sgd", "learning_rate": 0.1}},
        }
    )


LANES = (lane(), lane(normalization="layer"))


def test_each_seed_is_the_single_training_of_that_seed() -> None:
    bands = seed_chunk(LANES, (3, 8), STEPS)
    for number, spec in enumerate(LANES):
        training = spec.training.model_copy(update={"seed": 8})
        state = initial_state(spec.model_copy(update={"training": training}))
        measured = advance(state, 20)[1][-1]
        assert bands.test_loss_LST[number, 1, 2] == pytest.approx(measured.test_loss, rel=1e-4)
        assert bands.train_accuracy_LST[number, 1, 2] == pytest.approx(measured.train_accuracy)


@pytest.mark.parametrize("data", ["fixed", "fresh"])
def test_two_equal_lanes_are_equal_on_every_seed(data: Any) -> None:
    bands = seed_chunk((LANES[0], LANES[0]), (0, 1, 2), STEPS, data)
    for metric in METRICS:
        np.testing.assert_array_equal(bands.curves(metric)[0], bands.curves(metric)[1])
    assert bands.test_loss_LST[0, :, -1].std() > 0


def test_a_fresh_seed_trains_on_the_data_of_that_seed() -> None:
    bands = seed_chunk(LANES[:1], (0, 6), STEPS, "fresh")
    spec = LANES[0]
    own = spec.model_copy(update={"data": data_of_seed(spec.data, 6)})
    alone = seed_chunk((own,), (6,), STEPS)
    np.testing.assert_allclose(bands.test_loss_LST[0, 1], alone.test_loss_LST[0, 0], rtol=1e-4)


def test_chunks_travel_and_add_up_to_the_whole() -> None:
    whole = seed_chunk(LANES, range(5), STEPS)
    chunks = [seed_chunk(LANES, seeds, STEPS) for seeds in ((3, 4), (0, 1, 2))]
    together = collect(pickle.loads(pickle.dumps(chunk)) for chunk in chunks)  # noqa: S301
    assert together.seeds == whole.seeds
    assert together.checkpoints == STEPS
    for metric in METRICS:
        np.testing.assert_allclose(together.curves(metric), whole.curves(metric), rtol=1e-4)
    assert together.layers is not None
    assert whole.layers is not None
    np.testing.assert_allclose(
        together.layers[1].output_std_SB, whole.layers[1].output_std_SB, rtol=1e-4
    )


def test_chunks_that_do_not_belong_together_are_refused() -> None:
    chunk = seed_chunk(LANES, (0,), STEPS, layers=False)
    with pytest.raises(ValueError, match="share a seed"):
        collect([chunk, chunk])
    with pytest.raises(ValueError, match="same lanes"):
        collect([chunk, seed_chunk(LANES[:1], (1,), STEPS, layers=False)])
    with pytest.raises(ValueError, match="at least one chunk"):
        collect([])
    with pytest.raises(ValueError, match="at least one lane"):
        seed_chunk((), (0,), STEPS)
    values = ExperimentSpec.model_validate({"data": {"name": "diabetes"}})
    with pytest.raises(ValueError, match="all be classifications or all be regressions"):
        seed_chunk((LANES[0], values), (0,), STEPS)
    assert seed_chunk((values,), (0,), STEPS, layers=False).task == "regression"
    assert chunk.task == "classification"


def test_a_band_is_mean_and_range_of_the_seeds_that_are_there() -> None:
    wild = lane().model_copy(
        update={"training": LANES[0].training.model_copy(update={"loss": "mse"})}
    )
    optimizer = wild.training.optimizer.model_copy(update={"learning_rate": 100.0})
    identity = wild.network.model_copy(update={"activation": "identity"})
    training = wild.training.model_copy(update={"optimizer": optimizer})
    wild = wild.model_copy(update={"training": training, "network": identity})
    bands = seed_chunk((LANES[0], wild), (0, 1, 2), (0, 100))
    band = bands.band("test_loss")
    values = bands.test_loss_LST[0]
    np.testing.assert_allclose(band.mean_LT[0], values.mean(axis=0))
    np.testing.assert_allclose(band.low_LT[0], values.min(axis=0))
    np.testing.assert_allclose(band.high_LT[0], values.max(axis=0))
    assert bands.diverged_LST[1, :, 1].all()
    assert np.isnan(band.mean_LT[1, 1])
    assert band.n_seeds_LT[1].tolist() == [3, 0]


def test_layers_are_measured_on_every_seed() -> None:
    bands = seed_chunk(LANES, (0, 1, 2), STEPS)
    assert bands.layers is not None
    plain, normalized = bands.layers
    assert plain.names == ("dense1", "dense2", "output")
    assert plain.output_mean_SB.shape == (3, 3)
    assert np.isfinite(normalized.delta_rms_SB).all()
    growth_S = (normalized.delta_rms_SB[:, 0] / normalized.delta_rms_SB[:, 2]) ** (2 / 2)
    np.testing.assert_allclose(normalized.gradient_growth, growth_S)
