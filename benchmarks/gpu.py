"""A GPU beside the CPU: updates a second of three networks, and 1,000 replicates at once.

Start it with `python -m benchmarks.gpu` from the repository's root. The networks are trained step
by step ("eager"), with whole steps captured as a CUDA graph, and on the CPU; the contestants take
turns. The replicates are those of `benchmarks.bias_variance`, first initial weights to last update.
The CPU has one thread, as a worker does. Without a GPU it says so and measures the CPU alone.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from benchmarks.bias_variance import N_STEPS, SPEC
from nnviz import DataSpec, DenseBlock, ExperimentSpec, NetworkSpec, TrainingSpec, initial_state
from nnviz.ensemble import Ensemble
from nnviz.spec import ConvolutionBlock, PoolBlock
from nnviz.training.capture import CapturedStep
from nnviz.training.fastest import fastest_device
from nnviz.training.trainer import Trainer
from nnviz.training.trusted import TrustedSteps

N_TURNS, TURN_SECONDS = 5, 0.5
N_REPLICATES = 1000
CPU, GPU = torch.device("cpu"), torch.device("cuda")


@dataclass(frozen=True)
class Case:
    """One network on one data set."""

    name: str
    spec: ExperimentSpec


CASES = (
    Case("2-8-8-2, batches of 32", ExperimentSpec()),
    Case(
        "64-256×4-10 BatchNorm, batches of 128",
        ExperimentSpec(
            data=DataSpec(name="digits"),
            network=NetworkSpec(blocks=(DenseBlock(width=256),) * 4, normalization="batch"),
            training=TrainingSpec(batch_size=128),
        ),
    ),
    Case(
        "8×8 images, 3 convolutions of 64, batches of 512",
        ExperimentSpec(
            data=DataSpec(name="digits"),
            network=NetworkSpec(
                blocks=(
                    ConvolutionBlock(channels=64),
                    ConvolutionBlock(channels=64),
                    PoolBlock(),
                    ConvolutionBlock(channels=64),
                    DenseBlock(width=256),
                )
            ),
            training=TrainingSpec(batch_size=512),
        ),
    ),
)


def updates(spec: ExperimentSpec, device: torch.device, captured: bool) -> Callable[[], float]:
    """A turn of ordinary steps: updates a second."""
    trainer = Trainer(spec, device)
    if captured:
        trainer.captured = CapturedStep(trainer)
    trainer.load(initial_state(spec))
    steps = TrustedSteps(trainer)

    def turn() -> float:
        n_steps, started = 0, time.perf_counter()
        while time.perf_counter() - started < TURN_SECONDS:
            for _ in range(16):
                steps.step()
            n_steps += 16
        steps.settle()
        return n_steps / (time.perf_counter() - started)

    return turn


def medians(turns: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Each contestant's median over the turns, after one to warm up."""
    for turn in turns.values():
        turn()
    rates: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(N_TURNS):
        for name, turn in turns.items():
            rates[name].append(turn())
    return {name: statistics.median(found) for name, found in rates.items()}


def replicate_seconds(device: torch.device) -> tuple[float, float]:
    """Seconds for 1,000 replicates: all of it, and the updates alone."""
    started = time.perf_counter()
    together = Ensemble(SPEC, range(N_REPLICATES), device=device)
    ready = time.perf_counter()
    together.advance(N_STEPS)
    together.snapshot()
    ended = time.perf_counter()
    return ended - started, ended - ready


def single_trainings(has_gpu: bool) -> None:
    """Print the table of updates a second."""
    head = f"{'updates a second':50} {'CPU':>8}"
    print(head + (f" {'eager':>8} {'captured':>9} {'÷ eager':>8} {'÷ CPU':>7}  auto" * has_gpu))
    for case in CASES:
        turns = {"CPU": updates(case.spec, CPU, captured=False)}
        if has_gpu:
            turns["eager"] = updates(case.spec, GPU, captured=False)
            turns["captured"] = updates(case.spec, GPU, captured=True)
        rates = medians(turns)
        line = f"{case.name:50} {rates['CPU']:8.0f}"
        if has_gpu:
            eager, captured = rates["eager"], rates["captured"]
            line += f" {eager:8.0f} {captured:9.0f} {captured / eager:7.1f}×"
            line += f" {captured / rates['CPU']:6.1f}×  {fastest_device(case.spec).type}"
        print(line)


def replicates(has_gpu: bool) -> None:
    """Print how long 1,000 replicates take; the first round warms up."""
    devices = {"CPU": CPU, **({"GPU": GPU} if has_gpu else {})}
    found = {}
    for name, device in devices.items():
        replicate_seconds(device)
        found[name] = replicate_seconds(device)
        whole, stepping = found[name]
        print(f"{N_REPLICATES:,} replicates of {N_STEPS} updates, {name}: ", end="")
        print(f"{whole:.2f} s, the updates and a measurement {stepping:.2f} s")
    if has_gpu:
        ratios = [cpu / gpu for cpu, gpu in zip(found["CPU"], found["GPU"], strict=True)]
        print(f"CPU ÷ GPU: {ratios[0]:.1f}, the updates {ratios[1]:.1f}")


def main() -> None:
    """Print both tables, or of the CPU alone what there is."""
    torch.set_num_threads(1)
    has_gpu = torch.cuda.is_available()
    if has_gpu:
        print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
    else:
        print("This machine has no CUDA GPU: only the CPU's part can be measured here.")
    single_trainings(has_gpu)
    replicates(has_gpu)


if __name__ == "__main__":
    main()
