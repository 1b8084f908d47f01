"""What is done by hand is what a plain PyTorch loop does by hand, and nothing else changes."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch
from torch import nn

from nnviz import ExperimentSpec, advance, initial_state
from nnviz.data import load
from nnviz.seeds import derived_seed
from nnviz.training import TrainingState, advance_to
from nnviz.training.capture import why_not_captured
from nnviz.training.trainer import Trainer

N_STEPS = 24
OPTIMIZERS: list[dict[str, Any]] = [
    {"name": "sgd", "learning_rate": 0.1},
    {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9, "weight_decay": 0.01},
    {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9, "nesterov": True},
    {"name": "adam", "learning_rate": 0.01, "weight_decay": 0.01},
    {"name": "adamw", "learning_rate": 0.01, "weight_decay": 0.1},
    {"name": "rmsprop", "learning_rate": 0.003},
    {"name": "adagrad", "learning_rate": 0.05},
]
DONE: list[dict[str, Any]] = [
    {"step": 0, "do": "set", "layer": "dense1", "unit": 2, "value": -0.25},
    {"step": 3, "do": "set", "layer": "dense1", "unit": 1, "input": 0, "value": 0.5},
    {"step": 5, "do": "off", "layer": "dense1", "unit": 3},
    {"step": 9, "do": "freeze", "layer": "dense1"},
    {"step": 14, "do": "on", "layer": "dense1", "unit": 3},
    {"step": 17, "do": "unfreeze", "layer": "dense1"},
]
CONVOLUTIONS: dict[str, Any] = {
    "data": {"name": "digits", "n_samples": 60},
    "network": {
        "normalization": "batch",
        "blocks": [
            {"kind": "convolution", "channels": 3},
            {"kind": "residual", "blocks": [{"kind": "convolution", "channels": 3}]},
            {"kind": "dense", "width": 4, "dropout": 0.3},
        ],
    },
}
IN_CONVOLUTIONS: list[dict[str, Any]] = [
    {"step": 1, "do": "off", "layer": "residual2", "unit": 1},
    {"step": 2, "do": "set", "layer": "convolution1", "unit": 2, "input": 4, "value": 1.5},
    {"step": 2, "do": "off", "layer": "residual2.convolution1", "unit": 0},
    {"step": 4, "do": "freeze", "layer": "residual2"},
    {"step": 6, "do": "off", "layer": "dense3", "unit": 3},
    {"step": 9, "do": "on", "layer": "residual2", "unit": 1},
]


def spec_of(done: list[dict[str, Any]], **training: Any) -> ExperimentSpec:
    blocks = [
        {"kind": "dense", "width": 6, "normalization": "batch", "placement": "after"},
        {"kind": "dense", "width": 5, "activation": "tanh", "dropout": 0.25},
    ]
    own = {"batch_size": 16, "n_steps": N_STEPS, "by_hand": done} | training
    return ExperimentSpec.model_validate(
        {"data": {"name": "spirals", "n_samples": 100}, "network": {"blocks": blocks},
         "training": own}
    )  # fmt: skip


class PlainNetwork(nn.Module):
    """The same network written by hand; `on` is 0 for a unit of the first layer that is off."""

    def __init__(self, spec: ExperimentSpec) -> None:
        super().__init__()
        plain = spec.model_copy(
            update={"training": spec.training.model_copy(update={"by_hand": ()})}
        )
        start = initial_state(plain).parameters
        self.one, self.norm = nn.Linear(2, 6), nn.BatchNorm1d(6)
        self.two, self.out = nn.Linear(6, 5), nn.Linear(5, 2)
        self.on, self.mask = torch.ones(6), torch.ones(())
        with torch.no_grad():
            for layer, name in ((self.one, "dense1"), (self.two, "dense2"), (self.out, "output")):
                layer.weight.copy_(start[f"{name}.linear.weight"])
                layer.bias.copy_(start[f"{name}.linear.bias"])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first = self.norm(torch.relu(self.one(x))) * self.on
        return self.out(torch.tanh(self.two(first)) * self.mask)


def plain_loop(spec: ExperimentSpec, make: Any, clip: float | None = None) -> PlainNetwork:
    network, data = PlainNetwork(spec), load(spec.data)
    optimizer, loss_of = make(network.parameters()), nn.CrossEntropyLoss()
    drawn, first = Trainer(spec), [*network.one.parameters(), *network.norm.parameters()]
    step = epoch = 0
    while True:
        generator = torch.Generator().manual_seed(derived_seed(spec.training.seed, "epoch", epoch))
        order = torch.randperm(len(data.train_x), generator=generator)
        for batch in order.split(16):
            if step == N_STEPS:
                return network
            with torch.no_grad():
                if step == 0:
                    network.one.bias[2] = -0.25
                if step == 3:
                    network.one.weight[1, 0] = 0.5
            network.on[3] = float(not 5 <= step < 14)
            dropout = drawn.network.get_submodule("dense2.dropout")
            drawn._dropouts[0].draw(step, len(batch))
            network.mask = dropout(torch.ones(len(batch), 5))
            optimizer.zero_grad()
            loss_of(network(data.train_x[batch]), data.train_y[batch]).backward()
            frozen = first if 9 <= step < 17 else []
            kept = [parameter.detach().clone() for parameter in frozen]
            for parameter in frozen:
                assert parameter.grad is not None
                parameter.grad.zero_()
            if clip:
                nn.utils.clip_grad_norm_(network.parameters(), clip)
            optimizer.step()
            with torch.no_grad():
                for parameter, before in zip(frozen, kept, strict=True):
                    parameter.copy_(before)
            step += 1
        epoch += 1


def maker(asked: dict[str, Any]) -> Any:
    kinds = {
        "sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW,
        "rmsprop": torch.optim.RMSprop, "adagrad": torch.optim.Adagrad,
    }  # fmt: skip
    options = {key: value for key, value in asked.items() if key not in ("name", "learning_rate")}
    return lambda parameters: kinds[asked["name"]](parameters, lr=asked["learning_rate"], **options)


@pytest.mark.parametrize("clip", [None, 0.3])
@pytest.mark.parametrize("asked", OPTIMIZERS, ids=lambda case: "-".join(map(str, case.values())))
def test_a_plain_loop_that_does_the_same_reaches_the_same(
    asked: dict[str, Any], clip: float | None
) -> None:
    spec = spec_of(DONE, optimizer=asked, clip_norm=clip)
    network = plain_loop(spec, maker(asked), clip)
    state, _ = advance(initial_state(spec), n_steps=N_STEPS)
    for ours, theirs in zip(state.parameters.values(), network.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs.detach(), rtol=1e-3, atol=1e-4)
    for ours, theirs in zip(state.buffers.values(), network.buffers(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)


def at(spec: ExperimentSpec, step: int) -> TrainingState:
    return (
        advance(initial_state(spec), n_steps=step, record=False)[0] if step else initial_state(spec)
    )


def assert_equal(one: TrainingState, other: TrainingState) -> None:
    for group in ("parameters", "buffers", "optimizer"):
        mine, theirs = getattr(one, group), getattr(other, group)
        assert mine.keys() == theirs.keys()
        assert all(torch.equal(mine[name], theirs[name]) for name in mine), group


@pytest.mark.parametrize("asked", OPTIMIZERS, ids=lambda case: "-".join(map(str, case.values())))
def test_what_is_frozen_stays_bit_for_bit_and_the_rest_learns(asked: dict[str, Any]) -> None:
    done = [{"step": 6, "do": "freeze", "layer": "dense1"}]
    spec = spec_of(done, optimizer=asked, l1=0.01)
    before, after = at(spec, 6).parameters, at(spec, 20).parameters
    for name in before:
        assert torch.equal(before[name], after[name]) == name.startswith("dense1."), name
    free = at(spec_of([], optimizer=asked, l1=0.01), 20).parameters
    assert not torch.equal(free["dense1.linear.weight"], after["dense1.linear.weight"])


def test_until_its_step_an_intervention_changes_nothing() -> None:
    spec, plain = spec_of(DONE[1:]), spec_of([])
    for step in (0, 1, 3):
        assert_equal(at(spec, step), at(plain, step))
    assert not torch.equal(at(spec, 4).parameters["dense1.linear.weight"],
                           at(plain, 4).parameters["dense1.linear.weight"])  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("places", ["dense", "convolutions"])
def test_bursts_cut_anywhere_give_the_same_numbers(places: str, seed: int) -> None:
    spec = spec_of(DONE)
    if places == "convolutions":
        training = {"batch_size": 16, "by_hand": IN_CONVOLUTIONS}
        spec = ExperimentSpec.model_validate(CONVOLUTIONS | {"training": training})
    whole = advance_to(
        initial_state(spec), N_STEPS, 60, recorded=lambda step: True, kept=lambda step: False
    )
    state, taken, cuts = initial_state(spec), [], random.Random(seed)
    while state.step < N_STEPS:
        until = min(N_STEPS, state.step + cuts.randint(1, 6))
        stretch = advance_to(
            TrainingState.from_bytes(state.to_bytes()), until, 60,
            recorded=lambda step: True, kept=lambda step: False,
        )  # fmt: skip
        state, taken = stretch.state, [*taken, *stretch.snapshots]
    assert_equal(whole.state, state)
    assert [one.train_loss for one in whole.snapshots] == [one.train_loss for one in taken]
    assert [one.test_loss for one in whole.snapshots] == [one.test_loss for one in taken]


def test_done_on_the_way_or_asked_for_from_the_start_is_the_same_training() -> None:
    asked = spec_of(DONE)
    state = at(spec_of([]), 0)
    for place, done in enumerate(DONE):
        if done["step"]:
            state = advance(state, n_steps=done["step"] - state.step, record=False)[0]
        state = state.with_training(spec_of(DONE[: place + 1]).training)
    assert_equal(advance(state, n_steps=N_STEPS - state.step, record=False)[0], at(asked, N_STEPS))


def test_a_unit_that_is_off_gives_zero_everywhere_the_network_is_run() -> None:
    spec = spec_of([{"step": 2, "do": "off", "layer": "dense1", "unit": 3}])
    _, snapshots = advance(initial_state(spec), n_steps=4)
    maps = {one.step: one.layers[0].unit_maps_KGG for one in snapshots}
    before, after = maps[2], maps[4]
    assert before is not None
    assert after is not None
    assert before[3].any()
    assert not after[3].any()
    assert after[2].any()
    state, network = at(spec, 8), Trainer(spec)
    network.load(state)
    pruned = Trainer(spec_of([]))
    pruned.load(state)
    with torch.no_grad():
        pruned.network.get_submodule("dense2.linear").weight[:, 3] = 0
        x = load(spec.data).test_x
        assert torch.equal(network.network.eval()(x), pruned.network.eval()(x))


def test_a_weight_that_is_set_has_that_value_in_the_next_forward_pass() -> None:
    spec = spec_of(
        [{"step": 4, "do": "set", "layer": "output", "unit": 1, "input": 2, "value": 9.0}]
    )
    trainer = Trainer(spec)
    trainer.load(at(spec, 4))
    weight = trainer.network.get_parameter("output.linear.weight").detach()
    assert float(weight[1, 2]) != 9
    trainer.backward()
    assert float(weight[1, 2]) == 9


def test_such_a_step_is_not_recorded_as_one_piece() -> None:
    trainer = Trainer(spec_of(DONE))
    trainer.device = torch.device("cuda")
    assert "by hand" in (why_not_captured(trainer) or "")
