"""Updates a second, as ratios: nnviz beside the loops a PyTorch user writes, and looking's cost.

Run it with `python -m benchmarks.training`. One thread; the contestants take turns, and the table
shows the median over the turns, so that a busy machine slows all of them alike.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

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
from nnviz.data import load
from nnviz.records import has_classes

N_TURNS = 9
TURN_SECONDS = 0.25
BURST_SECONDS = 0.1
N_BURSTS = 5


@dataclass(frozen=True)
class Case:
    """One network on one data set."""

    name: str
    spec: ExperimentSpec


def _case(name: str, data: str, depth: int, width: int, batch: int, norm: str = "none") -> Case:
    network = NetworkSpec(blocks=(DenseBlock(width=width),) * depth, normalization=norm)
    training = TrainingSpec(batch_size=batch)
    return Case(name, ExperimentSpec(data=DataSpec(name=data), network=network, training=training))


def _of_kinds(name: str, data: str, *blocks: dict[str, Any]) -> Case:
    network = {"blocks": blocks}
    return Case(name, ExperimentSpec.model_validate({"data": {"name": data}, "network": network}))


_EMBEDDED = ({"kind": "embedding", "width": 16}, {"kind": "positions"})
_CONVOLUTION = {"kind": "convolution", "channels": 8, "stride": 2, "normalization": "batch"}
_ADDED = {"kind": "residual", "blocks": ({"kind": "convolution", "channels": 8},)}

CASES = (
    _case("2-4-2, batch 10", "spirals", 1, 4, 10),
    _case("2-8×6-2, batch 10", "spirals", 6, 8, 10),
    _case("64×4, digits, batch 32", "digits", 4, 64, 32),
    _case("64×4 BatchNorm, digits, batch 32", "digits", 4, 64, 32, "batch"),
    *(
        _of_kinds(f"{cell} 32, adding", "adding", {"kind": "recurrent", "cell": cell})
        for cell in ("rnn", "lstm", "gru")
    ),
    _of_kinds("encoder 16, reversal", "reversal", *_EMBEDDED, {"kind": "encoder"}),
    _of_kinds("8 and residual 8, volumes", "volumes", _CONVOLUTION, _ADDED, {"kind": "pool"}),
)


def ours(spec: ExperimentSpec) -> Callable[[float], float]:
    """Updates a second of `advance` without recording."""
    state = initial_state(spec)

    def turn(seconds: float) -> float:
        nonlocal state
        before, started = state.step, time.perf_counter()
        state, _ = advance(state, seconds=seconds, record=False)
        return (state.step - before) / (time.perf_counter() - started)

    return turn


def _user_step(spec: ExperimentSpec) -> Callable[[torch.Tensor, torch.Tensor], None]:
    network = build_network(spec.network, spec.data.sample, spec.data.output_shape)
    optimizer = torch.optim.Adam(network.parameters(), lr=spec.training.optimizer.learning_rate)
    loss_of = nn.CrossEntropyLoss() if has_classes(spec.data.entry.task) else nn.MSELoss()

    def step(x: torch.Tensor, y: torch.Tensor) -> None:
        optimizer.zero_grad()
        loss = loss_of(network(x), y)
        loss.backward()
        optimizer.step()
        loss.item()  # everyone looks at the loss

    return step


def _batches_a_second(
    batches: Callable[[], object], step: Callable[[torch.Tensor, torch.Tensor], None]
) -> Callable[[float], float]:
    def turn(seconds: float) -> float:
        n_steps, started = 0, time.perf_counter()
        while True:
            for x, y in batches():  # type: ignore[attr-defined]
                step(x, y)
                n_steps += 1
                elapsed = time.perf_counter() - started
                if elapsed >= seconds:
                    return n_steps / elapsed

    return turn


def plain_loop(spec: ExperimentSpec) -> Callable[[float], float]:
    """The loop with a permutation of the tensors a pass."""
    data, size = load(spec.data), spec.training.batch_size

    def batches() -> object:
        for index in torch.randperm(len(data.train_x)).split(size):
            yield data.train_x[index], data.train_y[index]

    return _batches_a_second(batches, _user_step(spec))


def data_loader(spec: ExperimentSpec) -> Callable[[float], float]:
    """The loop over a TensorDataset and a shuffling DataLoader."""
    data = load(spec.data)
    loader = DataLoader(
        TensorDataset(data.train_x, data.train_y),
        batch_size=spec.training.batch_size,
        shuffle=True,
    )
    return _batches_a_second(lambda: iter(loader), _user_step(spec))


def recording(spec: ExperimentSpec, record: bool) -> Callable[[float], float]:
    """Updates a second in bursts of a tenth of a second, a snapshot at the end of each or none."""
    state, _ = advance(initial_state(spec), n_steps=1100, record=False)  # past the early snapshots

    def turn(seconds: float) -> float:
        nonlocal state
        before, started = state.step, time.perf_counter()
        for _ in range(N_BURSTS):
            state, _ = advance(state, seconds=BURST_SECONDS, record=False)
            if record:
                state, _ = advance(state, n_steps=1)
        return (state.step - before) / (time.perf_counter() - started)

    return turn


def medians(turns: dict[str, Callable[[float], float]]) -> dict[str, list[float]]:
    """Rates of all contestants, turn by turn, after one turn to warm up."""
    for turn in turns.values():
        turn(0.05)
    rates: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(N_TURNS):
        for name, turn in turns.items():
            rates[name].append(turn(TURN_SECONDS))
    return rates


def _ratio(rates: dict[str, list[float]], one: str, other: str) -> float:
    return statistics.median(a / b for a, b in zip(rates[one], rates[other], strict=True))


def main() -> None:
    """Print both tables."""
    torch.set_num_threads(1)
    print(f"{'updates a second':34} {'nnviz':>8} {'loop':>8} {'loader':>8} {'÷ loop':>8}", end="")
    print(f" {'÷ loader':>9}")
    for case in CASES:
        contestants = {"ours": ours, "loop": plain_loop, "loader": data_loader}
        rates = medians({name: make(case.spec) for name, make in contestants.items()})
        shown = (statistics.median(rates[name]) for name in contestants)
        print(f"{case.name:34} " + " ".join(f"{rate:8.0f}" for rate in shown), end="")
        print(f" {_ratio(rates, 'ours', 'loop'):7.2f}× {_ratio(rates, 'ours', 'loader'):8.2f}×")
    print(f"\n{'ten snapshots a second':34} {'without':>8} {'with':>8} {'cost':>8}")
    for case in CASES:
        rates = medians(
            {name: recording(case.spec, name == "with") for name in ("without", "with")}
        )
        without, watched = (statistics.median(rates[name]) for name in ("without", "with"))
        cost = 1 - _ratio(rates, "with", "without")
        print(f"{case.name:34} {without:8.0f} {watched:8.0f} {cost:8.1%}")


if __name__ == "__main__":
    main()
