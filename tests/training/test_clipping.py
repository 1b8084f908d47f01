"""The gradient is shortened exactly as torch.nn.utils.clip_grad_norm_ shortens it."""

import pytest
import torch
from torch import nn

from nnviz import DenseBlock, ExperimentSpec, advance, initial_state
from nnviz.training.trainer import Trainer
from tests.training.test_bursts import assert_same, spec_of
from tests.training.test_trusted import rehearsed

BLOCKS = (DenseBlock(width=6, activation="tanh"), DenseBlock(width=5, activation="tanh"))
SGD = {"name": "sgd"}


def ready(**changes):
    spec = spec_of(SGD, schedule="constant", blocks=BLOCKS, **changes)
    trainer = Trainer(spec)
    trainer.load(initial_state(spec))
    return trainer


def gradients(network):
    return [p.grad.clone() for p in network.parameters()]


@pytest.mark.parametrize("l1", [0.0, 0.1])
@pytest.mark.parametrize("clip_norm", [1e-3, 0.1, 0.3, 1.0, 1000.0])
def test_what_the_optimizer_gets_is_torchs(clip_norm, l1):
    trainer, unclipped = ready(clip_norm=clip_norm, l1=l1), ready(l1=l1)
    for own in (trainer, unclipped):
        own.backward()
        own.apply_gradient()  # the L1 term is a part of the objective, and clipped with it
    norm = nn.utils.clip_grad_norm_(unclipped.network.parameters(), clip_norm)
    for ours, theirs in zip(gradients(trainer.network), gradients(unclipped.network), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-9)
    flat = unclipped.gradient.clone()
    clipped = trainer.gradient
    assert float(clipped.norm()) == pytest.approx(min(clip_norm, float(norm)), rel=1e-5)
    assert float(torch.cosine_similarity(flat, clipped, dim=0)) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("clip_norm", [0.01, 0.1])
def test_over_one_vector_it_is_torchs_bit_for_bit(clip_norm):
    trainer, other = ready(clip_norm=clip_norm, l1=0.0), ready(l1=0.0)
    trainer.backward()
    trainer.apply_gradient()
    other.backward()
    other.flat.grad = other.gradient
    nn.utils.clip_grad_norm_([other.flat], clip_norm)
    assert torch.equal(trainer.gradient, other.gradient)


def test_a_norm_above_every_gradient_changes_no_number():
    with_it, without = (spec_of(SGD, clip_norm=norm) for norm in (1000.0, None))
    reached = [
        advance(initial_state(spec), n_steps=20, record=False)[0] for spec in (with_it, without)
    ]
    for name, tensor in reached[0].parameters.items():
        assert torch.equal(tensor, reached[1].parameters[name])


def test_bursts_of_one_step_equal_one_burst():
    spec = spec_of("adam", clip_norm=0.05)
    whole, state = advance(initial_state(spec), n_steps=9)[0], initial_state(spec)
    for _ in range(9):
        state, _ = advance(state, n_steps=1, record=False)
    assert_same(state, whole)


def test_a_captured_step_clips_as_every_other():
    spec = spec_of("adam", clip_norm=0.05, blocks=BLOCKS)
    trainer = rehearsed(spec)
    trainer.load(initial_state(spec))
    for _ in range(9):
        trainer.take_step()
    expected, _ = advance(initial_state(spec), n_steps=9, record=False)
    for name, tensor in expected.parameters.items():
        torch.testing.assert_close(trainer.state().parameters[name], tensor, rtol=1e-4, atol=1e-5)


def test_a_snapshot_tells_the_gradient_of_the_loss_before_it_is_clipped():
    clipped, plain = (spec_of(SGD, blocks=BLOCKS, clip_norm=norm, l1=0.0) for norm in (0.001, None))
    norms = []
    for spec in (clipped, plain):
        _, snapshots = advance(initial_state(spec), n_steps=1)
        norms.append([layer.grad_norm for layer in snapshots[-1].learned_layers])
    assert norms[0] == norms[1]
    assert max(norms[0]) > 0.01


def test_a_gradient_that_explodes_is_held():
    def trained(clip_norm):
        sgd = {"name": "sgd", "learning_rate": 1.0}
        training = {"optimizer": sgd, "loss": "mse", "clip_norm": clip_norm}
        data = {"name": "wine", "scaling": "none"}
        spec = ExperimentSpec.model_validate(
            {"data": data, "network": {"blocks": []}, "training": training}
        )
        return advance(initial_state(spec), n_steps=100, record=False)[0]

    assert trained(None).divergence is not None
    assert trained(1.0).divergence is None


@pytest.mark.parametrize("clip_norm", [0, -1, 1001, float("nan"), float("inf"), "much"])
def test_a_norm_out_of_bounds_is_refused(clip_norm):
    with pytest.raises(ValueError, match="clip_norm"):
        ExperimentSpec.model_validate({"training": {"clip_norm": clip_norm}})
