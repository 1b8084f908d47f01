"""Steps on trust, steps with a look at every tensor and captured steps give the same numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from nnviz import DenseBlock, ExperimentSpec, NetworkSpec, advance, initial_state
from nnviz.records import DivergenceRecord
from nnviz.training import TrainingState, trusted
from nnviz.training.capture import CapturedStep, why_not_captured
from nnviz.training.trainer import Trainer
from nnviz.training.trusted import TrustedSteps, careful_update
from tests.training.test_bursts import OPTIMIZER_CASES, assert_same, convolutional, spec_of

N_STEPS = 21


def reached(spec: ExperimentSpec, step: Callable[[Trainer], object]) -> TrainingState:
    trainer = Trainer(spec)
    trainer.load(initial_state(spec))
    for _ in range(N_STEPS):
        step(trainer)
    return trainer.state()


def on_trust(spec: ExperimentSpec) -> TrainingState:
    trainer = Trainer(spec)
    trainer.load(initial_state(spec))
    steps = TrustedSteps(trainer)
    for _ in range(N_STEPS):
        assert steps.step() is None
    assert steps.settle() is None
    return trainer.state()


@pytest.fixture(params=[*OPTIMIZER_CASES, "convolutions"], ids=str)
def spec(request: pytest.FixtureRequest) -> ExperimentSpec:
    return convolutional() if request.param == "convolutions" else spec_of(request.param)


@pytest.mark.parametrize("limit", [1, 5, 64])
def test_steps_on_trust_equal_careful_ones_bitwise(
    spec: ExperimentSpec, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trusted, "MAX_STEPS", limit)
    assert_same(on_trust(spec), reached(spec, careful_update))


def test_taking_the_steps_back_and_again_changes_no_number(
    spec: ExperimentSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trusted, "MAX_STEPS", 8)
    calm = on_trust(spec)
    monkeypatch.setattr(TrustedSteps, "_were_good", lambda self: False)
    assert_same(on_trust(spec), calm)


def test_a_sum_of_large_losses_is_no_divergence() -> None:
    """Each loss is finite and so is every weight; their sum is not."""
    spec = spec_of({"name": "sgd"})
    trainer = Trainer(spec)
    trainer.load(initial_state(spec))
    steps = TrustedSteps(trainer)
    for _ in range(3):
        steps.step()
    steps._losses[:] = [torch.tensor(3e38)] * 3
    assert steps.settle() is None
    assert_same(trainer.state(), advance(initial_state(spec), n_steps=3, record=False)[0])


def test_an_accelerator_is_asked_a_few_times_a_burst(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock of a tenth of a millisecond a step: 256 steps are asked for at once, not one."""
    clock = iter(range(10**9))
    monkeypatch.setattr(trusted.time, "perf_counter", lambda: next(clock) * 1e-4)
    asked: list[int] = []
    monkeypatch.setattr(
        TrustedSteps, "_were_good", lambda self: asked.append(len(self._losses)) or True
    )
    trainer = Trainer(spec_of())
    steps = TrustedSteps(trainer)
    steps._runs_ahead, steps._limit = True, 1
    for _ in range(1500):
        steps.step()
    assert asked[:4] == [1, 4, 16, 64]
    assert set(asked[4:]) == {256}


class Rehearsal(CapturedStep):
    """A captured step without a graph: its replay takes the step from the same static memory."""

    def __init__(self, trainer: Trainer) -> None:
        self.n_replays = 0
        super().__init__(trainer, self._record)

    def _record(self, step: Callable[[], None]) -> Callable[[], None]:
        for _ in range(4):  # warming up and recording leave the trainer somewhere
            step()

        def replay() -> None:
            self.n_replays += 1
            step()

        return replay


def rehearsed(spec: ExperimentSpec) -> Trainer:
    trainer = Trainer(spec)
    trainer.captured = Rehearsal(trainer)
    return trainer


CAPTURED = [case for case in OPTIMIZER_CASES if case["name"] != "adagrad"]


@pytest.mark.parametrize("case", CAPTURED, ids=str)
def test_a_captured_step_takes_what_lies_in_its_static_memory(case: dict) -> None:
    """Batches, masks, learning rates and the optimizer's memory, odd batches taken without it."""
    # no normalization straight after a bias, whose gradient is rounding that Adam makes steps of
    blocks = (
        DenseBlock(width=6, activation="tanh", dropout=0.2),
        DenseBlock(width=5, activation="tanh", dropout=0.1, dropout_kind="alpha"),
        DenseBlock(width=4, activation="tanh", normalization="batch", placement="after"),
    )
    spec = spec_of(case, blocks=blocks)
    trainer = rehearsed(spec)
    early, _ = advance(initial_state(spec), n_steps=8, record=False)
    for start in (initial_state(spec), early, initial_state(spec)):
        trainer.load(start)
        steps = TrustedSteps(trainer)
        places = [tensor.data_ptr() for tensor in (trainer.flat, *trainer.memory().values())]
        for _ in range(N_STEPS):
            steps.step()
        steps.settle()
        expected, _ = advance(start, n_steps=N_STEPS, record=False)
        ours = trainer.state()
        assert (ours.step, ours.epoch, ours.position) == (
            expected.step, expected.epoch, expected.position,
        )  # fmt: skip
        for group in ("parameters", "buffers", "optimizer"):
            for name, tensor in getattr(expected, group).items():
                torch.testing.assert_close(getattr(ours, group)[name], tensor, rtol=1e-4, atol=1e-5)
        assert places == [t.data_ptr() for t in (trainer.flat, *trainer.memory().values())]
    assert isinstance(trainer.captured, Rehearsal)
    assert 0 < trainer.captured.n_replays < 3 * N_STEPS  # the batches of 11 go without


def test_a_captured_training_that_diverges_tells_the_same_first_number() -> None:
    document = {
        "data": {"name": "moons"},
        "network": {"blocks": [{"kind": "dense", "width": 16}] * 2, "normalization": "batch"},
        "training": {
            "loss": "mse", "seed": 1, "optimizer": {"name": "sgd", "learning_rate": 10.0},
        },
    }  # fmt: skip
    spec = ExperimentSpec.model_validate(document)
    trainer = rehearsed(spec)
    trainer.load(initial_state(spec))
    steps, found = TrustedSteps(trainer), None
    while found is None:
        found = steps.step()
    assert found == DivergenceRecord(4, "dense2", "gradient")
    assert trainer.step == 3


def test_what_counts_outside_the_device_is_not_captured(monkeypatch: pytest.MonkeyPatch) -> None:
    def reason(**document: object) -> str | None:
        trainer = Trainer(ExperimentSpec.model_validate(document))
        trainer.device = torch.device("cuda")
        return why_not_captured(trainer)

    assert reason() is None
    assert reason(training={"optimizer": {"name": "sgd", "momentum": 0.9}}) is None
    assert "adagrad" in str(reason(training={"optimizer": {"name": "adagrad"}}))
    cumulative = {"normalization": "batch", "momentum": "cumulative"}
    assert "cumulative" in str(reason(network=cumulative))
    assert why_not_captured(Trainer(ExperimentSpec())) == "only CUDA has graphs"


@pytest.mark.parametrize("kind", ["elementwise", "channel", "alpha"])
@pytest.mark.parametrize("n_rows", [32, 7, 1])
def test_masks_and_gradients_are_torchs_own(kind: str, n_rows: int) -> None:
    """The same seed in torch's global generator, through torch's own module, bit for bit."""
    from nnviz.catalog.dropout_noise import DropoutNoise
    from nnviz.catalog.dropouts import DROPOUT_KINDS

    shape = (6, 5, 4) if kind == "channel" else (40,)
    module = DROPOUT_KINDS[kind].call(len(shape), 0.3)()
    noise = DropoutNoise(module, shape, 32)
    noise.draw((1234,), n_rows)
    generator = torch.Generator().manual_seed(0)
    ours = torch.randn((n_rows, *shape), generator=generator).requires_grad_()
    theirs = ours.detach().clone().requires_grad_()
    weights: Tensor = torch.randn(ours.shape, generator=generator)
    out = ours * noise.factor[0, :n_rows]
    if noise.shift is not None:
        out = out + noise.shift[0, :n_rows]
    with torch.random.fork_rng():
        torch.manual_seed(1234)
        expected = module(theirs)
    assert torch.equal(out, expected)
    (out * weights).sum().backward()
    (expected * weights).sum().backward()
    assert torch.equal(ours.grad, theirs.grad)


def test_an_unknown_dropout_is_refused_loudly() -> None:
    from nnviz.catalog.dropout_noise import DropoutNoise

    with pytest.raises(TypeError, match="FeatureAlphaDropout"):
        DropoutNoise(torch.nn.FeatureAlphaDropout(0.5), (4, 2), 3)


def test_a_network_shows_its_dropout_as_torch_does() -> None:
    spec = ExperimentSpec(network=NetworkSpec(blocks=(DenseBlock(width=4, dropout=0.25),)))
    assert "p=0.25" in repr(Trainer(spec).network.dense1.dropout)
