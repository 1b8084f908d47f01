"""The oracle: a plain loop that looks at every tensor finds the same first bad number."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import Tensor, nn

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
from nnviz.records import DivergenceRecord
from nnviz.seeds import derived_seed

N_STEPS = 20
OPTIMIZERS = {
    "sgd": lambda p, lr: torch.optim.SGD(p, lr=lr),
    "momentum": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9),
    "adam": lambda p, lr: torch.optim.Adam(p, lr=lr),
    "rmsprop": lambda p, lr: torch.optim.RMSprop(p, lr=lr),
    "adagrad": lambda p, lr: torch.optim.Adagrad(p, lr=lr),
}
NETWORKS = {
    "relu": NetworkSpec(blocks=(DenseBlock(width=16),) * 2),
    "relu-batch-before": NetworkSpec(blocks=(DenseBlock(width=16),) * 2, normalization="batch"),
    "relu-batch-after": NetworkSpec(
        blocks=(DenseBlock(width=16),) * 2, normalization="batch", placement="after"
    ),
    "identity-deep": NetworkSpec(blocks=(DenseBlock(width=8),) * 6, activation="identity"),
    "tanh-layer": NetworkSpec(
        blocks=(DenseBlock(width=8),) * 3, activation="tanh", normalization="layer"
    ),
    "gelu": NetworkSpec(blocks=(DenseBlock(width=12), DenseBlock(width=6)), activation="gelu"),
}


def spec_of(network: str, optimizer: str, rate: float, **training: object) -> ExperimentSpec:
    name = {"momentum": "sgd"}.get(optimizer, optimizer)
    momentum = {"momentum": 0.9} if optimizer == "momentum" else {}
    return ExperimentSpec(
        data=DataSpec(name="moons"),
        network=NETWORKS[network],
        training=TrainingSpec(
            loss="mse",
            optimizer=OptimizerSpec(name=name, learning_rate=rate, **momentum),
            **training,
        ),
    )


def is_bad(tensor: Tensor | None) -> bool:
    return tensor is not None and not bool(tensor.isfinite().all())


def first_bad(network: nn.Sequential, loss: Tensor, outputs: dict[str, list[Tensor]]) -> tuple:
    """(layer, quantity) of one step after `backward`, every tensor kept; () where all is well."""
    for layer, values in outputs.items():
        if any(map(is_bad, values)):
            return layer, "activation"
    if is_bad(loss):
        return "output", "loss"
    for layer, block in reversed(list(network.named_children())):
        own = [*(value.grad for value in outputs[layer]), *(p.grad for p in block.parameters())]
        if any(map(is_bad, own)):
            return layer, "gradient"
    return ()


def plain_loop(spec: ExperimentSpec, optimizer: str) -> tuple | None:
    """(step, layer, quantity) of the first tensor that is not finite, None within N_STEPS."""
    data = load(spec.data)
    training = spec.training
    network = build_network(spec.network, data.input_shape, spec.data.n_outputs, training.seed)
    outputs: dict[str, list[Tensor]] = {}

    def keep(layer: str):
        def on_output(module: nn.Module, inputs: object, result: Tensor) -> None:
            result.retain_grad()
            outputs[layer].append(result)

        return on_output

    for layer, block in network.named_children():
        for part in block.children():
            part.register_forward_hook(keep(layer))
    target = nn.functional.one_hot(data.train_y, spec.data.classes).float()
    make = OPTIMIZERS[optimizer](network.parameters(), training.optimizer.learning_rate)
    step = 0
    for epoch in itertools.count():
        generator = torch.Generator().manual_seed(derived_seed(training.seed, "epoch", epoch))
        for batch in torch.randperm(len(target), generator=generator).split(training.batch_size):
            step += 1
            outputs = {layer: [] for layer, _ in network.named_children()}
            make.zero_grad()
            loss = nn.functional.mse_loss(network(data.train_x[batch]), target[batch])
            loss.backward()
            if found := first_bad(network, loss, outputs):
                return step, *found
            make.step()
            for layer, block in network.named_children():
                if any(map(is_bad, block.parameters())):
                    return step, layer, "weight"
            if step == N_STEPS:
                return None
    return None


def told(divergence: DivergenceRecord | None) -> tuple | None:
    return divergence and (divergence.step, divergence.layer, divergence.quantity)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_first_bad_number_is_the_one_a_plain_loop_finds(network: str, optimizer: str) -> None:
    for rate, seed in itertools.product((0.1, 3.0, 10.0, 100.0), (0, 1)):
        spec = spec_of(network, optimizer, rate, seed=seed)
        expected = plain_loop(spec, optimizer)
        state, _ = advance(initial_state(spec), n_steps=N_STEPS, record=False)
        assert told(state.divergence) == expected, (rate, seed)
        assert state.step == (expected[0] - 1 if expected else N_STEPS)


def test_a_gradient_is_told_before_the_update_spreads_it() -> None:
    spec = spec_of("relu-batch-before", "sgd", 10.0, seed=1)
    state, snapshots = advance(initial_state(spec), n_steps=N_STEPS)
    assert told(state.divergence) == (4, "dense2", "gradient")
    assert all(bool(tensor.isfinite().all()) for tensor in state.parameters.values())
    assert snapshots[-1].divergence == state.divergence
    assert snapshots[-1].step == 3


def test_a_weight_that_the_update_alone_makes_infinite_is_told_at_that_update() -> None:
    """Weight decay 10 at rate 100 takes 3e36 to -3e39; loss and gradient are finite before it."""
    optimizer = OptimizerSpec(name="sgd", learning_rate=100.0, weight_decay=10.0)
    spec = ExperimentSpec(
        data=DataSpec(name="moons"),
        network=NetworkSpec(blocks=()),
        training=TrainingSpec(optimizer=optimizer),
    )
    state = initial_state(spec)
    state.parameters["output.linear.weight"].fill_(3e36)
    for record in (True, False):
        after, _ = advance(state, n_steps=5, record=record)
        assert told(after.divergence) == (1, "output", "weight")
        assert after.step == 0
        assert bool(after.parameters["output.linear.weight"].isfinite().all())


@pytest.mark.parametrize("record", [True, False])
def test_it_is_the_same_in_bursts_of_one_step_and_beside_another_training(record: bool) -> None:
    wild, calm = spec_of("gelu", "sgd", 10.0), spec_of("gelu", "sgd", 0.1)
    whole, _ = advance(initial_state(wild), n_steps=N_STEPS, record=record)
    assert whole.divergence is not None
    cut, other = initial_state(wild), initial_state(calm)
    for _ in range(N_STEPS):
        cut, _ = advance(cut, n_steps=1, record=record)
        other, _ = advance(other, n_steps=1, record=record)
    assert cut.divergence == whole.divergence
    assert (cut.step, cut.position) == (whole.step, whole.position)
    for name, tensor in whole.parameters.items():
        assert torch.equal(cut.parameters[name], tensor)
    assert (other.step, other.divergence) == (N_STEPS, None)


def test_no_snapshot_shows_a_loss_that_is_no_number_without_a_word() -> None:
    silent = []
    for network, rate in itertools.product(NETWORKS, (3.0, 10.0, 100.0)):
        spec = spec_of(network, "sgd", rate)
        state = initial_state(spec)
        for _ in range(12):
            state, snapshots = advance(state, n_steps=1)
            for taken in snapshots:
                shown = (taken.train_loss, taken.test_loss, taken.batch_loss)
                worded = taken.divergence or taken.overflow
                if not all(map(math.isfinite, shown)) and not worded:
                    silent.append((network, rate, taken.step))
    assert silent == []


def test_overflow_in_evaluation_names_the_first_layer_of_it() -> None:
    """Running statistics lag behind: training's own batches are still finite."""
    spec = spec_of("relu-batch-before", "sgd", 10.0, seed=1)
    state, (*_, snapshot) = advance(initial_state(spec), n_steps=3)
    assert state.divergence is None
    assert not math.isfinite(snapshot.train_loss)
    network = build_network(spec.network, (2,), 2).eval()
    network.load_state_dict({**state.parameters, **state.buffers})
    values, layers = load(spec.data).train_x, []
    with torch.no_grad():
        for name, block in network.named_children():
            for part in block.children():
                values = part(values)
                if is_bad(values):
                    layers.append(name)
    assert snapshot.overflow == (layers[0] if layers else "output")


@pytest.mark.parametrize("scale", [1e30, 1e-30])
def test_norms_are_numbers_as_long_as_the_values_are(scale: float) -> None:
    from nnviz.recorders.measures import norm, sample_cosine

    values = torch.full((3, 4), scale)
    assert norm(values) == pytest.approx(float(values.double().norm()), rel=1e-12)
    assert norm(values) == pytest.approx(scale * math.sqrt(12), rel=1e-6)
    assert sample_cosine(values) == pytest.approx(1.0)
