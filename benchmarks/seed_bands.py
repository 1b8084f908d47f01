"""Three lanes on eight seeds: all seeds at once, beside one training after another in PyTorch.

Start it with `python -m benchmarks.seed_bands` from the repository's root on a machine at rest.
Every process computes on one thread. The plain trainings are an nn.Sequential, default Adam and
a loop over batches, with one evaluation at the end, as for the seed bands.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier

import torch
from torch import Tensor, nn

from nnviz.data import load
from nnviz.experiments.seed_bands import SeedBandsRecord, collect, seed_chunk
from nnviz.spec import ExperimentSpec

WIDTH, DEPTH, BATCH_SIZE = 64, 4, 32
N_SEEDS, N_STEPS, N_ROUNDS = 8, 300, 3
LANES = {
    "no normalization": {},
    "batch norm before": {"normalization": "batch", "placement": "before"},
    "batch norm after": {"normalization": "batch", "placement": "after"},
}


def lane(network: dict[str, str]) -> ExperimentSpec:
    """One architecture on digits with default Adam."""
    blocks = [{"kind": "dense", "width": WIDTH}] * DEPTH
    return ExperimentSpec.model_validate(
        {
            "data": {"name": "digits"},
            "network": {"blocks": blocks, **network},
            "training": {
                "optimizer": {"name": "adam", "learning_rate": 0.001},
                "batch_size": BATCH_SIZE,
                "n_steps": N_STEPS,
            },
        }
    )


def plain_network(network: dict[str, str]) -> nn.Sequential:
    """The same architecture as one writes it by hand."""
    parts: list[nn.Module] = [nn.Flatten()]
    for _ in range(DEPTH):
        parts.append(nn.Linear(64, WIDTH))
        after: list[nn.Module] = [nn.ReLU()]
        if network:
            after.insert(network["placement"] == "after", nn.BatchNorm1d(WIDTH))
        parts += after
    return nn.Sequential(*parts, nn.Linear(WIDTH, 10))


def plain_training(network: nn.Module, x: Tensor, y: Tensor) -> None:
    """The training loop of the tutorials."""
    optimizer, loss_of = torch.optim.Adam(network.parameters()), nn.CrossEntropyLoss()
    step = 0
    while step < N_STEPS:
        for chosen in torch.randperm(len(x)).split(BATCH_SIZE):
            optimizer.zero_grad()
            loss_of(network(x[chosen]), y[chosen]).backward()
            optimizer.step()
            step += 1
            if step == N_STEPS:
                break


def plain() -> None:
    """Every lane and seed, one after another."""
    data = load(lane({}).data)
    for network in LANES.values():
        for seed in range(N_SEEDS):
            torch.manual_seed(seed)
            trained = plain_network(network)
            plain_training(trained, data.train_x, data.train_y)
            with torch.no_grad():
                nn.functional.cross_entropy(trained.eval()(data.test_x), data.test_y)


def at_once(seeds: range) -> SeedBandsRecord:
    """Every lane on some seeds, in one batched network a lane."""
    specs = [lane(network) for network in LANES.values()]
    return seed_chunk(specs, list(seeds), (N_STEPS,), layers=False)


def ready(both: Barrier | None = None) -> None:
    """Import everything and take a few steps, so that only the work is timed."""
    torch.set_num_threads(1)
    seed_chunk([lane({})], (0,), (3,), layers=False)
    if both is not None:
        both.wait()


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Time the three ways in turns and print their ratios in each round."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    ready()
    halves = [range(N_SEEDS // 2), range(N_SEEDS // 2, N_SEEDS)]
    ratios: list[tuple[float, float]] = []
    context = multiprocessing.get_context("spawn")
    both = context.Barrier(2)
    with ProcessPoolExecutor(2, context, initializer=ready, initargs=(both,)) as pool:
        list(pool.map(abs, (1, 2)))
        print(f"{len(LANES)} lanes × {N_SEEDS} seeds × {N_STEPS} updates, {DEPTH}×{WIDTH}, digits")
        print("round | plain PyTorch | one process | two processes | ratios")
        for number in range(N_ROUNDS):
            one_by_one = seconds(plain)
            one = seconds(lambda: at_once(range(N_SEEDS)))
            two = seconds(lambda: collect(pool.map(at_once, halves)))
            ratios.append((one_by_one / one, one_by_one / two))
            print(
                f"{number + 1:5} | {one_by_one:11.2f} s | {one:9.2f} s | {two:11.2f} s"
                f" | {ratios[-1][0]:.1f}× {ratios[-1][1]:.1f}×"
            )
    one_ratio, two_ratio = (statistics.median(values) for values in zip(*ratios, strict=True))
    print(f"median: {one_ratio:.1f}× in one process, {two_ratio:.1f}× in two (aim: at least 4×)")


if __name__ == "__main__":
    main()
