"""Replicates do not disturb each other, however they are grouped."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from nnviz import ExperimentSpec, advance, build_network, initial_state
from nnviz.catalog.initializers import INITIALIZERS
from nnviz.data import load
from nnviz.ensemble import Ensemble, EnsembleData, ensemble, network, own_data, train_ensemble
from nnviz.ensemble.losses import loss_of_replicates, losses_one_by_one
from nnviz.ensemble.one_by_one import one_by_one

BLOCKS = [{"kind": "dense", "width": 10}, {"kind": "dense", "width": 10}]


def spec_of(**training: Any) -> ExperimentSpec:
    """Plain gradient descent: Adam turns the rounding errors in the gradient of a bias before
    batch normalization, which is 0, into whole steps."""
    network = {"blocks": BLOCKS, "activation": "tanh", "normalization": "batch", "dropout": 0.1}
    training = {"optimizer": {"name": "sgd", "learning_rate": 0.05}, **training}
    return ExperimentSpec.model_validate(
        {"data": {"name": "wine"}, "network": network, "training": training}
    )


def three_sets(spec: ExperimentSpec) -> EnsembleData:
    return own_data([load(spec.data.model_copy(update={"seed": seed})) for seed in range(3)])


@pytest.mark.parametrize("kind", ["dense", "convolution"])
def test_a_replicate_that_diverges_leaves_the_others_bitwise_alone(kind: str) -> None:
    blocks = BLOCKS if kind == "dense" else [{"kind": "convolution", "channels": 4}]
    document = {
        "data": {"name": "digits", "n_samples": 120},
        "network": {"blocks": blocks, "normalization": "batch"},
        "training": {"loss": "mse", "optimizer": {"name": "sgd", "learning_rate": 0.01}},
    }
    spec = ExperimentSpec.model_validate(document)
    calm, wild = (Ensemble(spec, (0, 1, 2)) for _ in range(2))
    wild._groups[0].network.parameters["output.linear.weight"][1] *= 1e30
    for one in (calm, wild):
        one.advance(20)
    measured, undisturbed = wild.snapshot(), calm.snapshot()
    assert measured.diverged_R.tolist() == [False, True, False]
    assert np.isnan(measured.train_loss_R[1])
    assert np.isnan(measured.test_accuracy_R[1])
    for name, tensor in calm.parameters.items():
        assert torch.equal(tensor[[0, 2]], wild.parameters[name][[0, 2]])
    np.testing.assert_array_equal(measured.test_loss_R[[0, 2]], undisturbed.test_loss_R[[0, 2]])


def test_a_gradient_that_is_no_number_is_a_divergence_at_once() -> None:
    """Losses up to here are finite; the weights that the last update left are not."""
    document = {
        "data": {"name": "moons"},
        "network": {"blocks": [{"kind": "dense", "width": 16}] * 2, "normalization": "batch"},
        "training": {"loss": "mse", "optimizer": {"name": "sgd", "learning_rate": 10.0}},
    }
    spec = ExperimentSpec.model_validate(document)
    together = Ensemble(spec, (0, 1))
    together.advance(4)
    assert together._groups[0]._losses_finite_R.tolist() == [True, True]
    alone = [
        advance(initial_state(spec.model_copy(update={"training": own})), n_steps=4)[0].divergence
        for own in (spec.training.model_copy(update={"seed": seed}) for seed in (0, 1))
    ]
    assert [found is not None for found in alone] == [False, True]
    assert together.snapshot().diverged_R.tolist() == [False, True]


@pytest.mark.parametrize("width", [8, 256])
def test_training_numbers_are_of_the_points_a_single_training_is_measured_on(width: int) -> None:
    document = {
        "data": {"name": "spirals", "n_samples": 10_000},
        "network": {"blocks": [{"kind": "dense", "width": width}] * 4},
    }
    spec = ExperimentSpec.model_validate(document)
    measured = Ensemble(spec, (0,)).snapshot()
    _, (alone,) = advance(initial_state(spec), n_steps=0)
    assert measured.train_sample == alone.train_sample
    assert (measured.train_sample is None) == (width == 8)
    assert float(measured.train_loss_R[0]) == pytest.approx(alone.train_loss, rel=1e-5)


def test_a_diverged_replicate_stays_diverged() -> None:
    spec = spec_of(loss="mse", optimizer={"name": "sgd", "learning_rate": 100.0})
    plain = spec.model_copy(
        update={"network": spec.network.model_copy(update={"normalization": "none"})}
    )
    snapshots = list(train_ensemble(plain, (0, 1), (0, 50, 60)))
    assert not snapshots[0].diverged_R.any()
    assert snapshots[1].diverged_R.all()
    assert snapshots[2].diverged_R.all()


def test_a_replicate_does_not_depend_on_its_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    spec, seeds = spec_of(), (5, 6, 7, 8, 9)
    whole = list(train_ensemble(spec, seeds, (0, 30)))[-1]
    monkeypatch.setattr(ensemble, "replicates_at_once", lambda spec, device: 2)
    cut = list(train_ensemble(spec, seeds, (0, 30)))[-1]
    alone = [list(train_ensemble(spec, (seed,), (0, 30)))[-1] for seed in seeds]
    np.testing.assert_allclose(whole.test_loss_R, cut.test_loss_R, rtol=1e-5)
    np.testing.assert_allclose(
        whole.test_loss_R, [float(one.test_loss_R[0]) for one in alone], rtol=1e-5
    )


def test_steps_may_be_cut_anywhere() -> None:
    at_once, in_bursts = (Ensemble(spec_of(), (0, 1)) for _ in range(2))
    at_once.advance(25)
    for n_steps in (1, 7, 17):
        in_bursts.advance(n_steps)
    for name, tensor in at_once.parameters.items():
        assert torch.equal(tensor, in_bursts.parameters[name])


def test_own_data_gives_each_replicate_its_training_set() -> None:
    spec = spec_of(class_weights="balanced")
    together = Ensemble(spec, (3, 4, 5), three_sets(spec))
    together.advance(20)
    measured = together.snapshot()
    for r, seed in enumerate((3, 4, 5)):
        own = spec.data.model_copy(update={"seed": r})
        alone = Ensemble(spec.model_copy(update={"data": own}), (seed,))
        alone.advance(20)
        assert float(measured.test_loss_R[r]) == pytest.approx(
            float(alone.snapshot().test_loss_R[0]), rel=1e-5
        )


def test_the_random_state_of_the_caller_is_left_alone() -> None:
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    Ensemble(spec_of(), (0, 1)).advance(3)
    assert torch.equal(before, torch.random.get_rng_state())


def test_a_replicate_comes_out_as_an_ordinary_network() -> None:
    spec = spec_of()
    together = Ensemble(spec, (0, 1, 2))
    together.advance(5)
    x = load(spec.data).test_x
    with torch.no_grad():
        alone = together.network(2).eval()(x)
    torch.testing.assert_close(together.evaluate(x)[2], alone, rtol=1e-4, atol=1e-5)
    own = x.expand(3, *x.shape)
    torch.testing.assert_close(together.evaluate(own, shared=False)[2], alone, rtol=1e-4, atol=1e-5)


def test_what_has_no_batched_form_runs_one_by_one_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = network.batched_layer

    def without_norms(name: str, part: nn.Module, *rest: Any) -> Any:
        return None if isinstance(part, nn.BatchNorm1d) else known(name, part, *rest)

    batched = Ensemble(spec_of(), (0, 1, 2))
    monkeypatch.setattr(network, "batched_layer", without_norms)
    fallen_back = Ensemble(spec_of(), (0, 1, 2))
    for one in (batched, fallen_back):
        one.advance(15)
    assert batched.snapshot().batched
    measured = fallen_back.snapshot()
    assert not measured.batched
    assert "dense1.normalization (BatchNorm1d)" in (measured.reason or "")
    np.testing.assert_allclose(measured.test_loss_R, batched.snapshot().test_loss_R, rtol=1e-4)
    assert torch.equal(
        fallen_back.buffers["dense1.normalization.num_batches_tracked"], torch.tensor([15] * 3)
    )


@pytest.mark.parametrize("flat", [True, False])
def test_one_by_one_is_the_module_on_each_replicate(flat: bool) -> None:
    shape = (3, 5, 4) if flat else (3, 5, 4, 6)
    x_RB = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    module = nn.Linear(4, 4) if flat else nn.Conv1d(4, 4, 3)
    tensors = {
        f"part.{name}": torch.cat([(r + 1) * p.detach() for r in range(3)])
        for name, p in module.named_parameters()
    }
    run = network.Pass(tensors, 3, training=False, step=0)
    out = one_by_one("part", module, flat, flat)(network.joined(x_RB, flat), run)
    first = out.mT[0] if flat else out.unflatten(1, (3, -1))[:, 0]
    torch.testing.assert_close(first, module(x_RB[0]))


@pytest.mark.parametrize(
    "training",
    [
        {"label_smoothing": 0.1},
        {"class_weights": "balanced", "label_smoothing": 0.1},
        {"loss": "mse"},
        {"loss": "huber"},
    ],
    ids=str,
)
def test_batched_losses_are_the_losses_one_by_one(training: dict[str, Any]) -> None:
    spec = spec_of(**training)
    data = three_sets(spec)
    out_RCB = torch.randn((3, 3, data.n_train), generator=torch.Generator().manual_seed(0))
    weights = None
    if "class_weights" in training:
        counts_RC = torch.stack([torch.bincount(y, minlength=3) for y in data.train_y])
        weights = data.n_train / (3 * counts_RC.float())
    torch.testing.assert_close(
        loss_of_replicates(spec, data, 3)(out_RCB, data.train_y),
        losses_one_by_one(spec, weights)(out_RCB, data.train_y),
    )


def test_an_ensemble_starts_at_the_networks_of_its_seeds() -> None:
    spec = spec_of()
    alone = build_network(spec.network, (13,), 3, seed=7)
    together = Ensemble(spec, (6, 7)).parameters
    for name, parameter in alone.named_parameters():
        assert torch.equal(together[name][1], parameter)


def test_an_ensemble_needs_a_seed() -> None:
    with pytest.raises(ValueError, match="at least one seed"):
        Ensemble(spec_of(), ())


@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_initial_weights_of_every_initializer_are_those_of_its_seed(initializer: str) -> None:
    kind = "convolution" if initializer == "dirac" else "dense"
    chosen = {"name": initializer} | ({} if initializer == "default" else {"bias": 0.1})
    blocks = [{"kind": kind, "initialization": chosen}, {"kind": "dense", "activation": "prelu"}]
    spec = ExperimentSpec.model_validate(
        {"data": {"name": "digits"}, "network": {"blocks": blocks, "initialization": {}}}
    )
    together = Ensemble(spec, (2, 3, 4)).parameters
    for r, seed in enumerate((2, 3, 4)):
        alone = build_network(spec.network, (1, 8, 8), 10, seed)
        for name, parameter in alone.named_parameters():
            assert torch.equal(together[name][r], parameter)
