"""A situation trained to its end once for all tests, and what torch alone says of the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nnviz import Snapshot, TrainingState, advance, build_network, initial_state
from nnviz.data import load
from nnviz.spec import ExperimentSpec

N_BURSTS = 8


@dataclass(frozen=True)
class Trained:
    """A training's end: its state, and what was shown of it."""

    state: TrainingState
    history: tuple[Snapshot, ...]

    @property
    def spec(self) -> ExperimentSpec:
        return self.state.spec

    @property
    def latest(self) -> Snapshot:
        return self.history[-1]

    def network(self) -> nn.Sequential:
        """The trained network, built anew from the state, in evaluation mode."""
        shape = load(self.spec.data).input_shape
        network = build_network(self.spec.network, shape, self.spec.data.n_outputs)
        network.load_state_dict({**self.state.parameters, **self.state.buffers})
        return network.eval()

    def data(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Training inputs and targets, test inputs and targets."""
        data = load(self.spec.data)
        return data.train_x, data.train_y, data.test_x, data.test_y

    def loss(self, output: Tensor, target: Tensor) -> Tensor:
        """The training loss, by torch."""
        if self.spec.training.loss == "cross_entropy":
            weights = self.spec.training.class_weights
            weight = torch.tensor(weights) if isinstance(weights, tuple) else None
            return F.cross_entropy(output, target, weight)
        values = (
            F.one_hot(target, output.shape[1]).float() if target.dtype == torch.int64 else target
        )
        return F.mse_loss(output, values)

    def accuracy(self, on: str = "train") -> float:
        """Share of right answers."""
        train_x, train_y, test_x, test_y = self.data()
        x, y = (train_x, train_y) if on == "train" else (test_x, test_y)
        with torch.no_grad():
            return float((self.network()(x).argmax(dim=1) == y).float().mean())

    def part_outputs(self, part: str, training: bool = False) -> dict[str, Tensor]:
        """What each block's part of that name computes on the training points, (N, units, …)."""
        network, heard = self.network().train(training), {}
        for name, block in network.named_children():
            module = getattr(block, part, None)
            if module is not None:
                module.register_forward_hook(
                    lambda _, inputs, result, name=name: heard.update({name: result.detach()})
                )
        with torch.no_grad():
            network(self.data()[0])
        return heard

    def gradient_ratio(self) -> float:
        """RMS of ∂L/∂z at the first layer over that at the last, over all training points."""
        network, kept = self.network(), []
        for block in network:
            learned = getattr(block, "linear", None) or getattr(block, "convolution", None)
            if learned is not None:
                learned.register_forward_hook(lambda _, inputs, z: kept.append(z))
        train_x, train_y, *_ = self.data()
        gradients = torch.autograd.grad(self.loss(network(train_x), train_y), kept)
        first, last = (
            float(g.double().square().mean().sqrt()) for g in (gradients[0], gradients[-1])
        )
        return first / last


def merged(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A document with other settings; a part that is named anew is replaced whole."""
    result = dict(document)
    for key, value in changes.items():
        old = result.get(key)
        parts = isinstance(value, Mapping) and isinstance(old, Mapping)
        result[key] = merged(old, value) if parts and "name" not in value else value
    return result


def spec_of(document: Mapping[str, Any], seed: int) -> ExperimentSpec:
    """The document with a seed for the data and the training, where it sets none itself."""
    seeded = {
        **document,
        "data": {"seed": seed, **document["data"]},
        "training": {"seed": seed, "device": "cpu", **document["training"]},
    }
    return ExperimentSpec.model_validate(seeded)


@cache
def trained(spec: ExperimentSpec, n_steps: int) -> Trained:
    """As a run shows it: a snapshot after each of eight bursts, and early on."""
    state, history = initial_state(spec), []
    while state.step < n_steps and state.divergence is None:
        burst = min(n_steps - state.step, max(1, n_steps // N_BURSTS))
        state, snapshots = advance(state, n_steps=burst)
        history += snapshots
    return Trained(state, tuple(history))
