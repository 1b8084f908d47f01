"""A training that blows up says when and where, and stays there."""

import math

import pytest
import torch

from nnviz import (
    DataSpec,
    DenseBlock,
    ExperimentSpec,
    NetworkSpec,
    OptimizerSpec,
    TrainingSpec,
    advance,
    initial_state,
)


def exploding(**network):
    network.setdefault("blocks", (DenseBlock(width=8), DenseBlock(width=8)))
    return ExperimentSpec(
        data=DataSpec(name="sinusoid"),
        network=NetworkSpec(activation="identity", **network),
        training=TrainingSpec(optimizer=OptimizerSpec(name="sgd", learning_rate=100.0)),
    )


def first_bad_step(spec):
    state = initial_state(spec)
    for step in range(1, 500):
        state, _ = advance(state, n_steps=1, record=False)
        if state.divergence is not None:
            return step, state
    raise AssertionError("it did not diverge")


def test_divergence_names_the_step_and_a_layer_of_the_network():
    step, state = first_bad_step(exploding())
    assert state.divergence.step == step
    assert state.divergence.layer in ("dense1", "dense2", "output")
    assert state.step == step - 1


def test_it_is_the_same_however_the_burst_is_cut_or_recorded():
    _, cut = first_bad_step(exploding())
    whole, snapshots = advance(initial_state(exploding()), n_steps=500)
    assert whole.divergence == cut.divergence
    assert whole.step == cut.step
    for name, tensor in whole.parameters.items():
        torch.testing.assert_close(tensor, cut.parameters[name], rtol=0, atol=0, equal_nan=True)
    assert snapshots[-1].divergence == whole.divergence
    assert sum(snapshot.divergence is not None for snapshot in snapshots) == 1


def test_a_diverged_training_stays_where_it_is():
    _, state = first_bad_step(exploding())
    after, snapshots = advance(state, n_steps=10)
    assert after.step == state.step
    assert after.divergence == state.divergence
    assert snapshots == []


def test_the_first_layer_whose_activation_overflows_is_named():
    """Weights are set by hand: 1e30 · 1e30 overflows in the second layer, not in the first."""
    state = initial_state(exploding())
    for name in ("dense1", "dense2"):
        state.parameters[f"{name}.linear.weight"].fill_(1e30)
    after, snapshots = advance(state, n_steps=1)
    assert after.divergence.layer == "dense2"
    assert after.divergence.quantity == "activation"
    assert after.divergence.step == 1
    assert not math.isfinite(snapshots[-1].batch_loss)


def test_a_weight_that_is_not_a_number_is_named():
    state = initial_state(exploding())
    state.parameters["dense2.linear.bias"][3] = math.nan
    after, _ = advance(state, n_steps=1)
    assert (after.divergence.layer, after.divergence.quantity) == ("dense2", "weight")


def test_a_finite_output_with_an_infinite_loss_is_the_losses():
    state = initial_state(exploding())
    state.parameters["output.linear.bias"].fill_(1e30)  # its square overflows
    after, _ = advance(state, n_steps=1)
    assert (after.divergence.layer, after.divergence.quantity) == ("output", "loss")


def test_the_last_snapshot_shows_what_is_missing_as_missing():
    _, snapshots = advance(initial_state(exploding()), n_steps=500)
    last = snapshots[-1]
    assert not math.isfinite(last.batch_loss)
    for layer in last.learned_layers:
        assert layer.update_to_weight_ratio != layer.update_to_weight_ratio  # NaN: no update
        for histogram in layer.histograms.values():
            assert histogram.limit > 0


@pytest.mark.parametrize("burst", [1, 3, 100])
@pytest.mark.parametrize("record", [True, False])
def test_where_a_training_diverges_does_not_depend_on_how_it_is_cut_and_recorded(burst, record):
    """Here an activation overflows two updates before the loss does, and relu swallows it."""
    spec = ExperimentSpec.model_validate(
        {
            "data": {"name": "polynomial", "n_samples": 60},
            "training": {
                "batch_size": 16, "loss": "mse", "optimizer": {"name": "sgd", "learning_rate": 100}
            },
        }
    )  # fmt: skip
    state = initial_state(spec)
    while state.divergence is None:
        state, _ = advance(state, n_steps=burst, record=record)
    assert (state.step, state.divergence.step) == (6, 7)
