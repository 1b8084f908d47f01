"""A snapshot's answers are those of the network in evaluation mode."""

import numpy as np
import pytest
import torch
from sklearn.metrics import confusion_matrix, r2_score
from torch import nn

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
from nnviz.data import input_grid, load
from nnviz.training import snapshots as snapshots_module

BLOCKS = (DenseBlock(width=14, normalization="batch", dropout=0.3), DenseBlock(width=5))


def taken(name, n_steps=40, **data):
    spec = ExperimentSpec(data=DataSpec(name=name, **data), network=NetworkSpec(blocks=BLOCKS))
    state, (*_, snapshot) = advance(initial_state(spec), n_steps=n_steps)
    network = build_network(spec.network, spec.data.sample, spec.data.output_shape)
    network.load_state_dict({**state.parameters, **state.buffers})
    return spec, load(spec.data), network.eval(), snapshot


@pytest.mark.parametrize("name", ["spirals", "wine", "digits", "mnist1d"])
def test_losses_accuracies_and_confusion_are_those_in_evaluation_mode(name):
    _, data, network, snapshot = taken(name)
    with torch.no_grad():
        train, test = network(data.train_x), network(data.test_x)
    loss = nn.functional.cross_entropy
    assert snapshot.train_loss == pytest.approx(float(loss(train, data.train_y)), rel=1e-5)
    assert snapshot.train_sample is None
    assert snapshot.n_reference == min(256, len(data.train_y))
    assert snapshot.test_loss == pytest.approx(float(loss(test, data.test_y)), rel=1e-5)
    predicted = test.argmax(dim=1)
    assert snapshot.test_accuracy == pytest.approx(
        float((predicted == data.test_y).double().mean()), rel=1e-6
    )
    np.testing.assert_array_equal(snapshot.test_predicted_N, predicted)
    labels = range(len(data.record.class_names))
    np.testing.assert_array_equal(
        snapshot.confusion_CC, confusion_matrix(data.test_y, predicted, labels=labels)
    )
    training_mode = loss(network.train()(data.test_x), data.test_y).item()
    assert snapshot.test_loss != pytest.approx(training_mode, rel=1e-3)


@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
def test_where_each_place_has_a_class_means_and_counts_run_over_places(loss):
    document = {"data": {"name": "sorting", "length": 6}, "training": {"loss": loss}}
    spec = ExperimentSpec.model_validate(document)
    state, (*_, snapshot) = advance(initial_state(spec), n_steps=40)
    network = build_network(spec.network, spec.data.sample, spec.data.output_shape)
    network.load_state_dict({**state.parameters, **state.buffers})
    data = load(spec.data)
    with torch.no_grad():
        out_NCT = network.eval()(data.test_x)
    rows, labels = out_NCT.mT.reshape(-1, 10), data.test_y.flatten()
    expected = nn.functional.cross_entropy(rows, labels)
    if loss == "mse":
        expected = (rows - nn.functional.one_hot(labels, 10)).square().mean()
    assert snapshot.test_loss == pytest.approx(float(expected), rel=1e-5)
    predicted = rows.argmax(dim=1)
    right = float((predicted == labels).double().mean())
    assert snapshot.test_accuracy == pytest.approx(right, rel=1e-6)
    np.testing.assert_array_equal(snapshot.test_predicted_N, predicted.view(-1, 6))
    counts = confusion_matrix(labels, predicted, labels=range(10))
    np.testing.assert_array_equal(snapshot.confusion_CC, counts)
    frequencies = torch.bincount(data.train_y.flatten(), minlength=10) / data.train_y.numel()
    if loss == "cross_entropy":
        entropy = -(frequencies * frequencies.log()).sum()
        assert snapshot.data.constant_loss == pytest.approx(float(entropy), rel=1e-5)


def whole(spec, state):
    """Loss and accuracy on every training point, in one pass."""
    data = load(spec.data)
    network = build_network(spec.network, spec.data.sample, spec.data.output_shape)
    network.load_state_dict({**state.parameters, **state.buffers})
    with torch.no_grad():
        out = network.eval()(data.train_x)
    right = (out.argmax(dim=1) == data.train_y).double()
    return float(nn.functional.cross_entropy(out, data.train_y)), float(right.mean())


def test_all_of_7500_training_points_are_measured():
    spec = ExperimentSpec(data=DataSpec(n_samples=10_000))
    assert spec.data.n_train == 7500
    state, (*_, snapshot) = advance(initial_state(spec), n_steps=20)
    loss, accuracy = whole(spec, state)
    assert snapshot.train_sample is None
    assert snapshot.train_loss == pytest.approx(loss, rel=1e-5)
    assert snapshot.train_accuracy == pytest.approx(accuracy, abs=1e-6)


def test_where_all_would_be_too_much_a_fair_sample_is_measured_and_said():
    blocks = (DenseBlock(width=256),) * 4
    spec = ExperimentSpec(data=DataSpec(n_samples=10_000), network=NetworkSpec(blocks=blocks))
    state, (*_, snapshot) = advance(initial_state(spec), n_steps=20)
    n, (_, accuracy) = snapshot.train_sample, whole(spec, state)
    assert 2000 <= n < 7500
    sampling_error = (accuracy * (1 - accuracy) / n) ** 0.5
    assert snapshot.train_accuracy == pytest.approx(accuracy, abs=3 * sampling_error)
    shares = [load(spec.data).train_y[part].double().mean() for part in (slice(n), slice(None))]
    assert abs(float(shares[0] - shares[1])) < 3 * (0.25 / n) ** 0.5
    _, (*_, other) = advance(initial_state(spec), n_steps=20)
    assert other.train_accuracy == snapshot.train_accuracy  # always the same points


@pytest.mark.parametrize("name", ["sinusoid", "diabetes"])
def test_for_values_accuracy_is_r_squared(name):
    _, data, network, snapshot = taken(name, n_steps=150)
    with torch.no_grad():
        test = network(data.test_x)
    assert snapshot.task == "regression"
    assert snapshot.test_loss == pytest.approx(
        float((test - data.test_y).square().mean()), rel=1e-5
    )
    assert snapshot.test_accuracy == pytest.approx(r2_score(data.test_y, test), abs=1e-5)
    assert snapshot.confusion_CC is None
    assert snapshot.surface is None


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_surface_is_the_networks_answer_at_every_grid_point(n_classes):
    _, data, network, snapshot = taken("spirals", n_classes=n_classes)
    surface = snapshot.surface
    x_axis, y_axis = input_grid(data.record, len(surface.x_G))
    np.testing.assert_array_equal(surface.x_G, x_axis)
    np.testing.assert_array_equal(surface.y_G, y_axis)
    for row in (0, 7, len(y_axis) - 1):
        for column in (0, 20, len(x_axis) - 1):
            point = torch.tensor([[x_axis[column], y_axis[row]]])
            with torch.no_grad():
                probability = network(point).softmax(dim=1)[0]
            value = probability[1] if n_classes == 2 else probability.max()
            assert surface.value_GG[row, column] == pytest.approx(float(value), abs=1e-5)
            assert surface.label_GG[row, column] == int(probability.argmax())


def test_unit_maps_are_what_the_units_compute_over_the_plane():
    _, _, network, snapshot = taken("moons")
    surface = snapshot.surface
    x, y = surface.x_G[::2], surface.y_G[::2]
    grid = torch.tensor(np.stack([m.ravel() for m in np.meshgrid(x, y)], axis=1))
    values = grid
    for layer, block in zip((*snapshot.layers, snapshot.output), network, strict=True):
        with torch.no_grad():
            values = block(values)
        shown = min(layer.n_units, 12)
        expected = values.T[:shown].reshape(shown, len(y), len(x))
        assert layer.unit_maps_KGG.shape == expected.shape
        # kept in half precision: 11 bits
        np.testing.assert_allclose(layer.unit_maps_KGG, expected, rtol=2**-10, atol=1e-4)


def test_the_curve_is_the_networks_answer_along_the_input():
    _, _, network, snapshot = taken("polynomial")
    with torch.no_grad():
        expected = network(torch.as_tensor(snapshot.curve.x_G)[:, None])[:, 0]
    np.testing.assert_allclose(snapshot.curve.prediction_G, expected, atol=1e-6)


def test_tables_and_images_have_no_surface():
    for name in ("wine", "digits"):
        snapshot = taken(name, n_steps=1)[-1]
        assert snapshot.surface is None
        assert snapshot.curve is None
        assert snapshot.layers[0].unit_maps_KGG is None


def test_step_and_epoch_count_updates_and_passes():
    spec = ExperimentSpec(
        data=DataSpec(n_samples=100, test_fraction=0.25), training=TrainingSpec(batch_size=16)
    )
    _, snapshots = advance(initial_state(spec), n_steps=8)
    assert [snapshot.step for snapshot in snapshots] == [0, 1, 2, 4, 8]
    assert [snapshot.epoch for snapshot in snapshots] == [0, 16 / 75, 32 / 75, 64 / 75, 1 + 48 / 75]


def test_a_large_network_is_evaluated_in_chunks_with_the_same_answers(monkeypatch):
    spec, _, _, whole = taken("mnist1d", n_steps=5, n_samples=1500)
    monkeypatch.setattr(snapshots_module, "MAX_NUMBERS_A_CHUNK", 1)
    _, (*_, chunked) = advance(initial_state(spec), n_steps=5)
    assert chunked.train_loss == pytest.approx(whole.train_loss, rel=1e-5)
    np.testing.assert_array_equal(chunked.confusion_CC, whole.confusion_CC)
    for ours, theirs in zip(chunked.layers, whole.layers, strict=True):
        assert ours.mean == pytest.approx(theirs.mean, rel=1e-4)  # the same reference set
        assert ours.effective_rank == pytest.approx(theirs.effective_rank, rel=1e-4)


def test_without_running_statistics_no_single_row_is_left_over(monkeypatch):
    network = NetworkSpec(normalization="batch", track_running_stats=False)
    data = DataSpec(n_samples=343)  # 257 training points
    spec = ExperimentSpec(data=data, network=network)
    assert spec.data.n_train == 257
    monkeypatch.setattr(snapshots_module, "MAX_NUMBERS_A_CHUNK", 1)
    _, snapshots = advance(initial_state(spec), n_steps=1)
    assert np.isfinite(snapshots[-1].train_loss)
