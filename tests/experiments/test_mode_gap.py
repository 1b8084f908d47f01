"""The same batch in both modes: torch is the oracle, and the training does not notice."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from nnviz import (
    DataSpec,
    DenseBlock,
    ExperimentSpec,
    NetworkSpec,
    TrainingSpec,
    advance,
    build_network,
    initial_state,
)
from nnviz.experiments.mode_gap.measured import differs_by_mode, mode_gap
from nnviz.training.trainer import Trainer


def spec(**network):
    blocks = (DenseBlock(width=6),) * 2
    return ExperimentSpec(
        data=DataSpec(name="moons", n_samples=80),
        network=NetworkSpec(blocks=blocks, **network),
        training=TrainingSpec(batch_size=16, n_steps=100),
    )


def trained(asked, n_steps=7):
    return advance(initial_state(asked), n_steps=n_steps, record=False)[0]


def test_batch_norm_is_measured_as_torch_computes_it():
    state = trained(spec(normalization="batch"))
    record = mode_gap(state)
    network = build_network(state.spec.network, (2,), 2)
    network.load_state_dict({**state.parameters, **state.buffers})
    trainer = Trainer(state.spec)
    trainer.load(state)
    x, y = trainer.next_batch()
    with torch.no_grad():
        evaluated = network.eval()(x)
        inside = network.dense1(x)
        in_training = network.train()(x)
    np.testing.assert_array_equal(record.eval_output_BC, evaluated.numpy())
    np.testing.assert_array_equal(record.train_output_BC, in_training.numpy())
    assert record.train_loss == pytest.approx(float(cross_entropy(in_training, y)))
    assert record.eval_loss == pytest.approx(float(cross_entropy(evaluated, y)))
    assert record.eval_accuracy == float((evaluated.argmax(1) == y).float().mean())
    first = record.layers[0]
    assert first.eval_mean == pytest.approx(float(inside.mean()), rel=1e-5)
    assert first.eval_std == pytest.approx(float(inside.std(correction=0)), rel=1e-5)
    assert (record.step, record.differs) == (7, True)


def test_the_training_mode_loss_is_that_of_the_next_step():
    for network in ({"normalization": "batch"}, {"dropout": 0.5}):
        state = trained(spec(**network))
        _, snapshots = advance(state, n_steps=1)
        assert mode_gap(state).train_loss == pytest.approx(snapshots[-1].batch_loss, rel=1e-6)


def test_without_batch_norm_and_dropout_both_modes_are_the_same():
    for normalization in ("none", "layer", "group"):
        record = mode_gap(trained(spec(normalization=normalization, groups=2)))
        assert not record.differs
        np.testing.assert_array_equal(record.train_output_BC, record.eval_output_BC)
        assert record.single.train_refusal is None


def test_dropout_divides_the_mean_square_by_the_share_that_is_kept():
    """Science §6: survivors are scaled by 1 / (1 - q), so E[x²] grows by the same factor."""
    asked = ExperimentSpec(
        data=DataSpec(name="moons", n_samples=400),
        network=NetworkSpec(blocks=(DenseBlock(width=128),), dropout=0.5),
        training=TrainingSpec(batch_size=300),
    )
    layer = mode_gap(trained(asked)).layers[0]
    in_training = layer.train_mean**2 + layer.train_std**2
    assert in_training / (layer.eval_mean**2 + layer.eval_std**2) == pytest.approx(2, rel=0.05)


def test_measuring_changes_nothing():
    state = trained(spec(normalization="batch", dropout=0.3))
    before, random_state = state.to_bytes(), torch.get_rng_state()
    mode_gap(state)
    assert state.to_bytes() == before
    assert torch.equal(torch.get_rng_state(), random_state)
    on, _ = advance(state, n_steps=5)
    mode_gap(state)
    again, _ = advance(state, n_steps=5)
    assert on.to_bytes() == again.to_bytes()


def test_one_point_alone_is_refused_in_training_and_answered_by_running_statistics():
    single = mode_gap(trained(spec(normalization="batch"))).single
    assert single.train_output_C is None
    assert "more than 1 value per channel" in single.train_refusal
    assert single.eval_refusal is None
    assert np.isfinite(single.eval_output_C).all()


def test_without_running_statistics_evaluation_needs_a_batch_too():
    single = mode_gap(trained(spec(normalization="batch", track_running_stats=False))).single
    assert "more than 1 value per channel" in single.eval_refusal


def test_only_batch_norm_and_dropout_differ_by_mode():
    assert differs_by_mode(spec(dropout=0.1))
    assert differs_by_mode(spec(normalization="batch"))
    assert not differs_by_mode(spec(normalization="layer"))


def test_every_lane_is_measured_from_its_bytes():
    states = [trained(spec(**network)) for network in ({}, {"normalization": "batch"})]
    records = [mode_gap(state.to_bytes()) for state in states]
    assert [record.differs for record in records] == [False, True]
    assert records[1].train_loss == mode_gap(states[1]).train_loss
