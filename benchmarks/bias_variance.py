"""Bias and variance of a 1-16-16-1 tanh network: replicates at once, beside two usual ways.

Start it with `python -m benchmarks.bias_variance` from the repository's root on a machine at
rest. Each replicate takes 200 steps of gradient descent on batches of 32 out of 256 points and
predicts at 64. The usual ways are mlxtend's `bias_variance_decomp` of scikit-learn's
`MLPRegressor` and a plain PyTorch loop; a few of their replicates are timed and their time is
scaled to all of them, which is fair: each replicate costs the same. One thread a process.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier

import numpy as np
import torch
from torch import nn

from nnviz.data import load
from nnviz.experiments.bias_variance import decompose_squared
from nnviz.experiments.replicates import collect_replicates, replicate_chunk
from nnviz.spec import ExperimentSpec

N_STEPS, BATCH_SIZE, RATE, WIDTH = 200, 32, 0.05, 16
N_TIMED, N_ROUNDS = 12, 3
SPEC = ExperimentSpec.model_validate(
    {
        "data": {"name": "sinusoid", "n_samples": 320, "test_fraction": 0.2, "noise": 0.3},
        "network": {"blocks": [{"kind": "dense", "width": WIDTH}] * 2, "activation": "tanh"},
        "training": {
            "optimizer": {"name": "sgd", "learning_rate": RATE},
            "batch_size": BATCH_SIZE,
            "n_steps": N_STEPS,
        },
    }
)


def mlxtend_rounds(n_rounds: int) -> None:
    """mlxtend on scikit-learn's network, the same architecture, optimizer and updates."""
    from mlxtend.evaluate import bias_variance_decomp  # type: ignore[import-untyped]
    from sklearn.neural_network import MLPRegressor
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    data = load(SPEC.data)
    n_epochs = N_STEPS * BATCH_SIZE // len(data.train_x)
    network = MLPRegressor(
        hidden_layer_sizes=(WIDTH, WIDTH), activation="tanh", solver="sgd", alpha=0.0,
        learning_rate_init=RATE, momentum=0.0, batch_size=BATCH_SIZE, max_iter=n_epochs,
        tol=0.0, n_iter_no_change=n_epochs,
    )  # fmt: skip
    x, y = data.train_x.double().numpy(), data.train_y.double().numpy()[:, 0]
    test_x, test_y = data.test_x.double().numpy(), data.test_y.double().numpy()[:, 0]
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bias_variance_decomp(network, x, y, test_x, test_y, loss="mse", num_rounds=n_rounds)


def plain_replicates(n_replicates: int) -> None:
    """An nn.Sequential, torch.optim.SGD and a loop, one replicate after another."""
    data = load(SPEC.data)
    for seed in range(n_replicates):
        torch.manual_seed(seed)
        network = nn.Sequential(
            nn.Linear(1, WIDTH), nn.Tanh(), nn.Linear(WIDTH, WIDTH), nn.Tanh(), nn.Linear(WIDTH, 1)
        )
        optimizer, loss_of = torch.optim.SGD(network.parameters(), lr=RATE), nn.MSELoss()
        for _ in range(N_STEPS * BATCH_SIZE // len(data.train_x)):
            for chosen in torch.randperm(len(data.train_x)).split(BATCH_SIZE):
                optimizer.zero_grad()
                loss_of(network(data.train_x[chosen]), data.train_y[chosen]).backward()
                optimizer.step()
        with torch.no_grad():
            network(data.test_x)


def nnviz_replicates(pool: ProcessPoolExecutor | None, n_replicates: int) -> None:
    """Fresh data and weights for each, the decomposition and its intervals included."""
    halves = np.array_split(np.arange(n_replicates), 2 if pool else 1)
    parts = (pool.map if pool else map)(_chunk, [part.tolist() for part in halves])
    record = collect_replicates(parts)
    assert record.truth_N is not None
    decompose_squared(record.predictions[-1], record.truth_N, record.noise_variance or 0.0)


def _chunk(replicates: list[int]):  # type: ignore[no-untyped-def]
    return replicate_chunk(SPEC, replicates)


def ready(both: Barrier | None = None) -> None:
    """Import everything and train a little, so that only the work is timed."""
    torch.set_num_threads(1)
    _chunk(list(range(20)))
    if both is not None:
        both.wait()


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Time all ways in turns and print their ratios in each round."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    try:
        mlxtend_rounds(2)
        timed = N_TIMED
    except ImportError:
        print("mlxtend is not installed (pip install mlxtend): timed without it.")
        timed = 0
    ready()
    context = multiprocessing.get_context("spawn")
    both = context.Barrier(2)
    with ProcessPoolExecutor(2, context, initializer=ready, initargs=(both,)) as pool:
        list(pool.map(abs, (1, 2)))
        print("replicates | mlxtend | PyTorch | one process | two | × mlxtend | × PyTorch | two")
        for _ in range(N_ROUNDS):
            for n in (100, 500):
                scale = n / N_TIMED
                peer = seconds(lambda: mlxtend_rounds(timed)) * scale if timed else float("nan")
                plain = seconds(lambda: plain_replicates(N_TIMED)) * scale
                one = seconds(lambda n=n: nnviz_replicates(None, n))  # type: ignore[misc]
                two = seconds(lambda n=n: nnviz_replicates(pool, n))  # type: ignore[misc]
                print(
                    f"{n:10} | {peer:5.1f} s | {plain:5.1f} s | {one:9.2f} s | {two:.2f} s"
                    f" | {peer / one:7.1f}× | {plain / one:7.1f}× | {one / two:.2f}×"
                )


if __name__ == "__main__":
    main()
