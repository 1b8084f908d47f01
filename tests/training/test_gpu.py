"""What needs a CUDA GPU; elsewhere these tests are skipped and say so."""

from __future__ import annotations

import pytest
import torch

from nnviz import DenseBlock, ExperimentSpec, advance, initial_state
from nnviz.ensemble import Ensemble
from nnviz.training.capture import CapturedStep
from nnviz.training.trainer import Trainer
from nnviz.training.trusted import TrustedSteps
from tests.training.test_bursts import OPTIMIZER_CASES, spec_of

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA GPU"),
]
CAPTURED = [case for case in OPTIMIZER_CASES if case["name"] != "adagrad"]
BLOCKS = (
    DenseBlock(width=6, activation="tanh", dropout=0.2),
    DenseBlock(width=5, activation="tanh", dropout=0.1, dropout_kind="alpha"),
    DenseBlock(width=4, activation="tanh", normalization="batch", placement="after"),
)


def trained(spec: ExperimentSpec, captured: bool, n_steps: int = 23) -> dict[str, torch.Tensor]:
    trainer = Trainer(spec, torch.device("cuda"))
    if captured:
        trainer.captured = CapturedStep(trainer)
    trainer.load(initial_state(spec))
    steps = TrustedSteps(trainer)
    for _ in range(n_steps):
        assert steps.step() is None
    assert steps.settle() is None
    state = trainer.state()
    return {**state.parameters, **state.buffers}


def assert_close(ours: dict[str, torch.Tensor], theirs: dict[str, torch.Tensor]) -> None:
    for name, tensor in theirs.items():
        torch.testing.assert_close(ours[name], tensor, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("case", CAPTURED, ids=str)
def test_captured_steps_give_the_numbers_of_eager_ones(case: dict) -> None:
    spec = spec_of(case, blocks=BLOCKS)
    assert_close(trained(spec, captured=True), trained(spec, captured=False))


@pytest.mark.parametrize("captured", [False, True])
def test_a_clipped_gradient_is_that_of_the_cpu(captured: bool) -> None:
    spec = spec_of("adam", blocks=BLOCKS, clip_norm=0.05)
    expected, _ = advance(initial_state(spec), n_steps=23, record=False)
    assert_close(trained(spec, captured), {**expected.parameters, **expected.buffers})


@pytest.mark.parametrize("case", OPTIMIZER_CASES, ids=str)
def test_a_gpu_gives_the_numbers_of_the_cpu(case: dict) -> None:
    """Batches and dropout masks too: they are drawn on the CPU wherever the training is."""
    spec = spec_of(case, blocks=BLOCKS)
    expected, _ = advance(initial_state(spec), n_steps=23, record=False)
    assert_close(trained(spec, captured=False), {**expected.parameters, **expected.buffers})


def test_no_step_waits_for_the_gpu() -> None:
    """torch raises at a synchronization; only `settle` may ask."""
    spec = spec_of(blocks=BLOCKS)
    for captured in (False, True):
        trainer = Trainer(spec, torch.device("cuda"))
        if captured:
            trainer.captured = CapturedStep(trainer)
        trainer.load(initial_state(spec))
        trainer.take_step()
        torch.cuda.set_sync_debug_mode("error")
        try:
            for _ in range(3):
                trainer.take_step()
        finally:
            torch.cuda.set_sync_debug_mode("default")


def test_a_training_that_diverges_tells_the_step_and_layer_of_the_cpu() -> None:
    document = {
        "data": {"name": "moons"},
        "network": {"blocks": [{"kind": "dense", "width": 16}] * 2, "normalization": "batch"},
        "training": {
            "loss": "mse", "seed": 1, "optimizer": {"name": "sgd", "learning_rate": 10.0},
        },
    }  # fmt: skip
    spec = ExperimentSpec.model_validate(document)
    expected = advance(initial_state(spec), n_steps=20, record=False)[0].divergence
    trainer = Trainer(spec, torch.device("cuda"))
    trainer.captured = CapturedStep(trainer)
    trainer.load(initial_state(spec))
    steps, found = TrustedSteps(trainer), None
    while found is None:
        found = steps.step()
    assert found == expected


def test_replicates_on_a_gpu_are_those_on_the_cpu() -> None:
    spec = spec_of({"name": "sgd"}, blocks=BLOCKS)
    cpu, gpu = (Ensemble(spec, range(5), device=device) for device in ("cpu", "cuda"))
    for one in (cpu, gpu):
        one.advance(15)
    for name, tensor in cpu.parameters.items():
        torch.testing.assert_close(gpu.parameters[name].cpu(), tensor, rtol=1e-3, atol=1e-4)
