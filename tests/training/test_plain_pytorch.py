"""The oracle: the loop a PyTorch user writes reaches the same parameters."""

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
    ScheduleSpec,
    TrainingSpec,
    advance,
    initial_state,
)
from nnviz.data import load
from nnviz.seeds import derived_seed

N_STEPS = 60
TORCH = {
    "sgd": lambda p, **options: torch.optim.SGD(p, **options),
    "adam": lambda p, **options: torch.optim.Adam(p, **options),
    "adamw": lambda p, **options: torch.optim.AdamW(p, **options),
    "rmsprop": lambda p, **options: torch.optim.RMSprop(p, **options),
    "adagrad": lambda p, **options: torch.optim.Adagrad(p, **options),
}


def spec_of(optimizer, data="spirals", placement="after", **training):
    """`placement` None is a network without normalization."""
    norm = {"normalization": "batch", "placement": placement} if placement else {}
    blocks = (DenseBlock(width=8, **norm), DenseBlock(width=6, activation="tanh"))
    return ExperimentSpec(
        data=DataSpec(name=data, n_samples=100),
        network=NetworkSpec(blocks=blocks),
        training=TrainingSpec(
            batch_size=16, n_steps=N_STEPS, optimizer=OptimizerSpec(**optimizer), **training
        ),
    )


def plain_network(spec, placement="after"):
    """Written out by hand; only the initial weights are taken from the state."""
    p = initial_state(spec).parameters
    n_in, n_out = p["dense1.linear.weight"].shape[1], p["output.linear.bias"].shape[0]
    one, two, three = nn.Linear(n_in, 8), nn.Linear(8, 6), nn.Linear(6, n_out)
    first = {
        None: [one, nn.ReLU()],
        "before": [one, nn.BatchNorm1d(8), nn.ReLU()],
        "after": [one, nn.ReLU(), nn.BatchNorm1d(8)],
    }[placement]
    with torch.no_grad():
        for layer, name in ((one, "dense1"), (two, "dense2"), (three, "output")):
            layer.weight.copy_(p[f"{name}.linear.weight"])
            layer.bias.copy_(p[f"{name}.linear.bias"])
    return nn.Sequential(*first, two, nn.Tanh(), three)


def plain_training(spec, network, make_optimizer, rate_of=None, penalty=None):
    data, loss_of = load(spec.data), nn.CrossEntropyLoss()
    if spec.data.entry.task == "regression":
        loss_of = nn.MSELoss()
    optimizer = make_optimizer(network.parameters())
    step, epoch = 0, 0
    while True:
        generator = torch.Generator().manual_seed(derived_seed(spec.training.seed, "epoch", epoch))
        order = torch.randperm(len(data.train_x), generator=generator)
        for batch in order.split(16):
            if step == N_STEPS:
                return
            if rate_of is not None:
                optimizer.param_groups[0]["lr"] = rate_of(step)
            optimizer.zero_grad()
            loss = loss_of(network(data.train_x[batch]), data.train_y[batch])
            if penalty is not None:
                loss = loss + penalty(network)
            loss.backward()
            optimizer.step()
            step += 1
        epoch += 1


def assert_reached(spec, network):
    state, _ = advance(initial_state(spec), n_steps=N_STEPS)
    ours = [*state.parameters.values()]
    theirs = [parameter.detach() for parameter in network.parameters()]
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-3, atol=1e-4)
    moved = initial_state(spec).parameters["dense1.linear.weight"] - ours[0]
    assert float(moved.norm()) > 0.01
    return state


CASES = [
    {"name": "sgd", "learning_rate": 0.1},
    {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9, "weight_decay": 0.01},
    {"name": "adam", "learning_rate": 0.01},
    {"name": "adam", "learning_rate": 0.01, "weight_decay": 0.01},
    {"name": "adamw", "learning_rate": 0.01, "weight_decay": 0.1},
    {"name": "rmsprop", "learning_rate": 0.003},
    {"name": "adagrad", "learning_rate": 0.05},
]


PLACES = [
    ("spirals", None), ("spirals", "after"), ("wine", None), ("wine", "after"), ("sinusoid", None),
]  # fmt: skip
# not ("sinusoid", "after"): a unit that is on for all of a one-dimensional input is scale-free
# under BatchNorm, its gradient pure rounding noise, which Adam turns into full steps


@pytest.mark.parametrize(("data", "placement"), PLACES)
@pytest.mark.parametrize("optimizer", CASES, ids=lambda case: "-".join(map(str, case.values())))
def test_a_plain_loop_reaches_the_same_parameters(optimizer, data, placement):
    spec = spec_of(optimizer, data, placement)
    network = plain_network(spec, placement)
    plain_training(spec, network, maker(optimizer))
    state = assert_reached(spec, network)
    buffers = dict(network.named_buffers())
    assert len(state.buffers) == len(buffers)
    for ours, theirs in zip(state.buffers.values(), buffers.values(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("data", ["spirals", "wine"])
@pytest.mark.parametrize("optimizer", CASES[:2], ids=lambda case: "-".join(map(str, case.values())))
def test_a_plain_loop_with_normalization_before_reaches_the_same(optimizer, data):
    """SGD only: Adam divides the bias's gradient, pure rounding noise here, by its own size."""
    spec = spec_of(optimizer, data, "before")
    network = plain_network(spec, "before")
    plain_training(spec, network, maker(optimizer))
    assert_reached(spec, network)


def maker(optimizer):
    options = {"lr": optimizer["learning_rate"], "weight_decay": optimizer.get("weight_decay", 0.0)}
    if "momentum" in optimizer:
        options["momentum"] = optimizer["momentum"]
    return lambda parameters: TORCH[optimizer["name"]](parameters, **options)


def test_a_scheduled_training_follows_torchs_scheduler():
    optimizer = {"name": "sgd", "learning_rate": 0.2}
    spec = spec_of(optimizer, schedule=ScheduleSpec(name="cosine"))
    network = plain_network(spec)
    scheduled = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.2)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(scheduled, T_max=N_STEPS)
    rates = []
    for _ in range(N_STEPS):
        rates.append(scheduler.get_last_lr()[0])
        scheduled.step()
        scheduler.step()
    plain_training(spec, network, maker(optimizer), rate_of=lambda step: rates[step])
    assert_reached(spec, network)


def test_l1_is_the_gradient_of_the_weights_absolute_sum():
    optimizer = {"name": "sgd", "learning_rate": 0.1}
    spec = spec_of(optimizer, l1=0.01)
    network = plain_network(spec)

    def penalty(module):
        return 0.01 * sum(p.abs().sum() for p in module.parameters() if p.dim() > 1)

    plain_training(spec, network, maker(optimizer), penalty=penalty)
    assert_reached(spec, network)


def test_balanced_class_weights_are_inverse_frequencies():
    from sklearn.utils.class_weight import compute_class_weight

    spec = ExperimentSpec(
        data=DataSpec(name="wine"), training=TrainingSpec(class_weights="balanced")
    )
    data = load(spec.data)
    labels = data.train_y.numpy()
    weights = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    _, (first,) = advance(initial_state(spec), n_steps=0)
    network = nn.CrossEntropyLoss(weight=torch.tensor(weights, dtype=torch.float32))
    from nnviz import build_network

    built = build_network(spec.network, (13,), 3).eval()
    with torch.no_grad():
        expected = float(network(built(data.train_x), data.train_y))
    assert first.train_loss == pytest.approx(expected, rel=1e-5)
