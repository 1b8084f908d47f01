"""Every number of a LayerRecord against a direct computation with plain autograd on a copy."""

import copy
import math

import numpy as np
import pytest
import torch
from torch import nn

from nnviz import (
    DataSpec,
    DenseBlock,
    ExperimentSpec,
    NetworkSpec,
    OptimizerSpec,
    TrainingSpec,
    advance,
    build_network,
    initial_state,
)
from nnviz.data import load
from nnviz.spec import ConvolutionBlock, PoolBlock
from nnviz.training.trainer import Trainer

N_BEFORE = 6


def dense(**training):
    blocks = (
        DenseBlock(width=8, normalization="batch"),
        DenseBlock(width=7, activation="tanh", normalization="layer", placement="after"),
        DenseBlock(width=6, activation="hardswish", dropout=0.3),
        DenseBlock(width=5, activation="sigmoid"),
    )
    optimizer = training.pop("optimizer", OptimizerSpec(learning_rate=0.05, weight_decay=0.02))
    return ExperimentSpec(
        data=DataSpec(name="wine"),
        network=NetworkSpec(blocks=blocks),
        training=TrainingSpec(optimizer=optimizer, **training),
    )


def convolutional():
    blocks = (
        ConvolutionBlock(channels=4, normalization="batch", activation="relu"),
        PoolBlock(),
        ConvolutionBlock(channels=3, normalization="instance", activation="relu6"),
        DenseBlock(width=9, activation="relu"),
    )
    return ExperimentSpec(
        data=DataSpec(name="digits", n_samples=400), network=NetworkSpec(blocks=blocks)
    )


SPECS = {
    "dense": dense(),
    "l1": dense(l1=0.01),
    "sgd": dense(optimizer=OptimizerSpec(name="sgd", learning_rate=0.3, weight_decay=0.1)),
    "convolutional": convolutional(),
}


class Direct:
    """The step that led to the snapshot, taken again by plain autograd on a copied network."""

    def __init__(self, spec):
        self.spec, self.data = spec, load(spec.data)
        self.before, _ = advance(initial_state(spec), n_steps=N_BEFORE, record=False)
        self.after, snapshots = advance(self.before, n_steps=1)
        (self.snapshot,) = snapshots
        self.network = self.standing_at(self.before)
        trainer = Trainer(spec)
        trainer.load(self.before)
        self.x, self.y = trainer.next_batch()
        self.z, self.norm_inputs = {}, {}
        self._take_the_step(trainer)
        self.trained = self.standing_at(self.after).eval()
        self.reference = self._reference()

    def standing_at(self, state):
        network = build_network(self.spec.network, self.data.input_shape, self.spec.data.n_outputs)
        network.load_state_dict({**state.parameters, **state.buffers})
        return network

    def _take_the_step(self, trainer):
        """Dropout masks come from the trainer's own seeded layers; all else is plain torch."""
        values = self.x
        for name, block in self.network.named_children():
            for part_name, part in block.named_children():
                if part_name == "normalization":
                    self.norm_inputs[name] = values.detach()
                if part_name == "dropout":
                    part = trainer.network.get_submodule(f"{name}.dropout")
                values = part(values)
                if part_name in ("linear", "convolution"):
                    values.retain_grad()
                    self.z[name] = values
        self.batch_loss = nn.functional.cross_entropy(values, self.y)
        self.batch_loss.backward()

    def _reference(self):
        """Every part's value over the first 256 training points in evaluation mode."""
        values, kept = self.data.train_x[:256], {}
        with torch.no_grad():
            for name, block in self.trained.named_children():
                kept[name] = {}
                for part_name, part in block.named_children():
                    kept[name][f"{part_name}_input"] = values
                    values = part(values)
                    kept[name][part_name] = values
                kept[name]["output"] = values
        return kept

    def layers(self):
        return (*self.snapshot.layers, self.snapshot.output)

    def learned(self, name, network=None):
        block = (network or self.network).get_submodule(name)
        return getattr(block, "linear", None) or getattr(block, "convolution", None)


@pytest.fixture(params=sorted(SPECS), scope="module")
def direct(request):
    return Direct(SPECS[request.param])


def close(ours, expected, rel=1e-4):
    assert ours == pytest.approx(float(expected), rel=rel, abs=1e-7)


def test_batch_loss_is_that_of_the_step_in_training_mode_before_the_update(direct):
    close(direct.snapshot.batch_loss, direct.batch_loss.detach())


def test_gradient_norms_are_autograds_without_penalties(direct):
    for layer in direct.layers():
        if layer.is_learned:
            gradient = direct.learned(layer.name).weight.grad
            close(layer.grad_norm, gradient.norm())
            close(layer.grad_rms, gradient.square().mean().sqrt())
            counts, _ = np.histogram(
                gradient.numpy().astype(np.float64), bins=layer.histograms["gradient"].edges
            )
            # gradients are recomputed: a value on an edge may fall on its other side
            assert np.abs(counts - layer.histograms["gradient"].counts_B).sum() <= 4
        else:
            assert math.isnan(layer.grad_norm)


def test_delta_rms_is_that_of_the_loss_gradient_at_z(direct):
    for layer in direct.layers():
        if layer.is_learned:
            close(layer.delta_rms, direct.z[layer.name].grad.square().mean().sqrt())
        else:
            assert math.isnan(layer.delta_rms)


def test_update_to_weight_ratio_is_of_the_actual_parameters(direct):
    for layer in direct.layers():
        if layer.is_learned:
            part = "convolution" if layer.kind == "convolution" else "linear"
            before = direct.before.parameters[f"{layer.name}.{part}.weight"]
            after = direct.after.parameters[f"{layer.name}.{part}.weight"]
            assert float((after - before).norm()) > 0
            close(layer.update_to_weight_ratio, (after - before).norm() / before.norm())
            close(layer.weight_norm, after.norm())
            assert ("weight" in layer.histograms) is True
            assert_histogram(layer.histograms["weight"], after)


def assert_histogram(histogram, values):
    finite = values.detach().numpy().astype(np.float64).ravel()
    counts, edges = np.histogram(finite, bins=64, range=(-histogram.limit, histogram.limit))
    np.testing.assert_array_equal(histogram.counts_B, counts)
    np.testing.assert_array_equal(histogram.edges, edges)
    assert histogram.limit / 2 < max(np.abs(finite).max(), 2.0**-41) <= histogram.limit


def test_forward_numbers_are_those_of_the_reference_set_in_evaluation_mode(direct):
    for layer in direct.layers():
        kept = direct.reference[layer.name]
        output = kept["output"]
        activation = kept.get("activation", output)
        close(layer.mean, activation.double().mean())
        close(layer.std, activation.double().std(correction=0))
        close(layer.output_mean, output.double().mean(), rel=1e-3)
        close(layer.output_std, output.double().std(correction=0))
        close(layer.zero_fraction, (activation == 0).double().mean())
        close(layer.negative_fraction, (output < 0).double().mean())
        axes = [axis for axis in range(activation.dim()) if axis != 1]
        np.testing.assert_allclose(layer.unit_mean_D, activation.mean(dim=axes), atol=1e-6)
        unit_std = activation.std(dim=axes, correction=0)
        np.testing.assert_allclose(layer.unit_std_D, unit_std, atol=1e-6)
        if layer.is_learned:
            z = kept.get("linear", kept.get("convolution")).double()
            close(layer.pre_activation_mean, z.mean())
            close(layer.pre_activation_std, z.std(correction=0))


def test_forward_histograms_are_numpys(direct):
    for layer in direct.layers():
        kept = direct.reference[layer.name]
        for quantity, parts in {
            "pre_activation": ("linear", "convolution"),
            "normalized": ("normalization",),
            "activation": ("activation",),
        }.items():
            value = next((kept[part] for part in parts if part in kept), None)
            assert (quantity in layer.histograms) == (value is not None)
            if value is not None:
                assert_histogram(layer.histograms[quantity], value)


def test_dead_units_get_nothing_on_the_whole_reference_set(direct):
    thresholds = {"relu": 0.0, "relu6": 0.0, "hardswish": -3.0}
    shapes = {shape.name: shape for shape in direct.spec.layer_shapes}
    for layer in direct.layers():
        settings = shapes[layer.name].settings
        name = settings.activation if settings else None
        if name not in thresholds:
            assert math.isnan(layer.dead_fraction)
            assert layer.dead_D is None
            continue
        given = direct.reference[layer.name]["activation_input"].transpose(0, 1).flatten(1)
        dead_D = (given <= thresholds[name]).all(dim=1)
        assert layer.dead_D.tolist() == dead_D.tolist()
        close(layer.dead_fraction, dead_D.double().mean())


def test_saturated_fraction_counts_beyond_the_thresholds(direct):
    bounds = {"tanh": (-0.97, 0.97), "sigmoid": (0.03, 0.97), "relu6": (-math.inf, 5.999999)}
    shapes = {shape.name: shape for shape in direct.spec.layer_shapes}
    for layer in direct.layers():
        settings = shapes[layer.name].settings
        if settings is None or settings.activation not in bounds:
            assert math.isnan(layer.saturated_fraction)
            continue
        low, high = bounds[settings.activation]
        values = direct.reference[layer.name]["activation"]
        close(layer.saturated_fraction, ((values < low) | (values > high)).double().mean())


def test_effective_rank_is_that_of_the_centred_outputs_singular_values(direct):
    for layer in direct.layers():
        samples = direct.reference[layer.name]["output"].flatten(1).double()
        if samples.shape[1] > 128:
            assert math.isnan(layer.effective_rank)
            continue
        singular = torch.linalg.svdvals(samples - samples.mean(dim=0))
        p = singular[singular > 1e-7 * singular[0]] / singular.sum()
        close(layer.effective_rank, torch.exp(-(p * p.log()).sum()), rel=1e-5)


def test_sample_cosine_is_the_mean_over_all_pairs(direct):
    for layer in direct.layers():
        samples = direct.reference[layer.name]["output"].flatten(1).double()
        samples = samples[samples.norm(dim=1) > 0]
        cosine = nn.functional.cosine_similarity(samples[:, None], samples[None], dim=2)
        n = len(samples)
        close(layer.sample_cosine, (cosine.sum() - n) / (n * (n - 1)), rel=1e-3)


def test_batch_statistics_are_torchs_own(direct):
    for layer in direct.layers():
        block = direct.network.get_submodule(layer.name)
        norm = getattr(block, "normalization", None)
        if not isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d)):
            assert layer.batch_statistics is None
            continue
        record, given = layer.batch_statistics, direct.norm_inputs[layer.name]
        everything = type(norm)(norm.num_features, momentum=1.0).train()
        everything(given)  # with momentum 1 torch's running statistics are the batch's
        np.testing.assert_allclose(
            record.batch_mean_D, everything.running_mean, rtol=1e-4, atol=1e-6
        )
        np.testing.assert_allclose(record.batch_var_D, everything.running_var, rtol=1e-4)
        running = direct.trained.get_submodule(layer.name).normalization
        np.testing.assert_array_equal(record.running_mean_D, running.running_mean)
        np.testing.assert_array_equal(record.running_var_D, running.running_var)
        np.testing.assert_allclose(
            record.running_var_D,
            0.9 * direct.before.buffers[f"{layer.name}.normalization.running_var"].numpy()
            + 0.1 * record.batch_var_D,
            rtol=1e-4,
        )


def test_a_bias_before_batch_normalization_is_marked(direct):
    marks = {layer.name: layer.bias_has_no_effect for layer in direct.layers()}
    first = direct.layers()[0].name
    assert marks.pop(first)
    assert marks == {name: name == "convolution3" for name in marks}


def test_weights_are_the_layers_own_for_the_drawing(direct):
    for layer in direct.layers():
        if layer.kind in ("dense", "output"):
            weight = direct.learned(layer.name, direct.trained).weight.detach()
            np.testing.assert_array_equal(layer.weight_DF, weight)
        else:
            assert layer.weight_DF is None
        assert layer.n_units == direct.reference[layer.name]["output"].shape[1]


def test_records_do_not_change_when_the_training_goes_on(direct):
    before = copy.deepcopy(direct.snapshot)
    advance(direct.after, n_steps=3)
    for old, new in zip(before.learned_layers, direct.snapshot.learned_layers, strict=True):
        np.testing.assert_array_equal(old.unit_mean_D, new.unit_mean_D)
        if old.weight_DF is not None:
            np.testing.assert_array_equal(old.weight_DF, new.weight_DF)
