"""Which device trains a network fastest on this machine, by trying."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import torch

from nnviz.blocks.sample import Sample, Shape
from nnviz.spec import ExperimentSpec, NetworkSpec
from nnviz.training.capture import CapturedStep, why_not_captured
from nnviz.training.device import CPU, resolve_device
from nnviz.training.trainer import Trainer
from nnviz.training.trusted import TrustedSteps

TURNS = (1, 2, 4, 8, 16, 32)
TRIED_SECONDS = 0.1
WORTH_IT = 1.5
"""How much faster a GPU must be: it is shared, and it takes a while to be ready."""

Key = tuple[NetworkSpec, Sample, Shape, int, str, str]
Rate = Callable[[ExperimentSpec, torch.device], float]

_found: dict[Key, torch.device] = {}


def device_of(spec: ExperimentSpec) -> torch.device:
    """The device that trains this spec: the one it names or, for "auto", the fastest."""
    return resolve_device(spec.training.device, partial(fastest_device, spec))[0]


def fastest_device(spec: ExperimentSpec, rate: Rate | None = None) -> torch.device:
    """CPU or GPU, whichever takes more updates a second of such a network in such batches.

    Tried once in a process for a network, batch size, loss and optimizer. No lock is held
    meanwhile: two threads may try the same at once, and the first answer stands for both.
    """
    key = _key(spec)
    if key not in _found:
        rate = rate or updates_per_second
        gpu = torch.device("cuda")
        try:
            is_worth_it = rate(spec, gpu) > WORTH_IT * rate(spec, CPU)
        except RuntimeError:  # no memory left on it, or a driver that does not fit
            is_worth_it = False
        _found.setdefault(key, gpu if is_worth_it else CPU)
    return _found[key]


def updates_per_second(spec: ExperimentSpec, device: torch.device) -> float:
    """Of ordinary steps on that device, ready for them; the best of a few turns."""
    trainer = ready_trainer(spec, device)
    trainer.load(Trainer(spec, CPU).state())
    trusted, best, ends = TrustedSteps(trainer), 0.0, time.perf_counter() + TRIED_SECONDS
    for n_steps in TURNS:
        started = time.perf_counter()
        if best and started > ends:
            break
        for _ in range(n_steps):
            trusted.step()
        trusted.settle()
        best = max(best, n_steps / (time.perf_counter() - started))
    return best


def ready_trainer(spec: ExperimentSpec, device: torch.device) -> Trainer:
    """A trainer on that device, its step captured where that can be; load a state into it."""
    trainer = Trainer(spec, device)
    if why_not_captured(trainer) is not None:
        return trainer
    try:
        trainer.captured = CapturedStep(trainer)
    except RuntimeError:  # torch can't record something in it: its steps are taken as they are
        return Trainer(spec, device)
    return trainer


def _key(spec: ExperimentSpec) -> Key:
    training, sample = spec.training, spec.data.sample
    batch_size = min(training.batch_size, spec.data.n_train)
    return (
        spec.network, sample, spec.data.output_shape, batch_size, training.loss,
        training.optimizer.name,
    )  # fmt: skip
