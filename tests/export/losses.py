"""The losses of a training, update for update, as nnviz has them and as a script prints them."""

from __future__ import annotations

import math
from typing import Any

import torch

from nnviz import ExperimentSpec
from nnviz.export import to_pytorch
from nnviz.training.trainer import Trainer
from tests.export.interpreter import Interpreter

N_UPDATES = 60
TOLERANCE = 1e-5


def script_of(spec: ExperimentSpec, n_updates: int = N_UPDATES) -> str:
    """The exported script with another number of updates, the schedule's horizon left alone."""
    asked, wanted = f"n_updates = {spec.training.n_steps}\n", f"n_updates = {n_updates}\n"
    script = to_pytorch(spec)
    assert script.count(asked) == 1
    return script.replace(asked, wanted)


def printed_losses(printed: str) -> list[float]:
    return [float(line.split()[2]) for line in printed.splitlines() if line.split()[1] == "loss"]


def recorded_losses(spec: ExperimentSpec, n_updates: int = N_UPDATES) -> list[float]:
    """The loss of every update, up to the last finite one.

    From the trainer itself: a snapshot of each update would take ten times as long.
    """
    trainer = Trainer(spec, torch.device("cpu"))
    losses: list[float] = []
    for _ in range(n_updates):
        loss = float(trainer.backward())
        if not math.isfinite(loss):
            break
        losses.append(loss)
        trainer.update()
    return losses


def check(interpreter: Interpreter, document: dict[str, Any], n_updates: int = N_UPDATES) -> None:
    """The script's losses are the trainer's, step by step."""
    spec = ExperimentSpec.model_validate(document)
    printed = printed_losses(interpreter.run(script_of(spec, n_updates), "1"))
    assert_same(printed, recorded_losses(spec, n_updates))
    assert len(printed) == n_updates


def assert_same(printed: list[float], recorded: list[float]) -> None:
    assert len(printed) == len(recorded)
    for step, (a, b) in enumerate(zip(printed, recorded, strict=True), start=1):
        assert abs(a - b) <= TOLERANCE * max(1.0, abs(b)), f"update {step}: {a}, recorded {b}"
