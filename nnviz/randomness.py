"""The one place that seeds torch, NumPy and Python.

Readers are served by threads of one process, and a global generator belongs to all of them. So
whatever draws takes a generator of its own, made here from a seed. What can draw only from a
global generator does so inside `lent` or `kept_for_library`, under the lock of that generator, for
the draw alone: a training there would hold up every other reader.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

_TORCH, _LIBRARIES = threading.RLock(), threading.RLock()


def torch_generator(seed: int, device: torch.device | str = "cpu") -> torch.Generator:
    """A generator of the caller's own on a device; the same numbers from the same seed."""
    return torch.Generator(device).manual_seed(seed)


def reseeded(generator: torch.Generator, seed: int) -> torch.Generator:
    """The same generator at the start of another seed: one a training, many draws."""
    return generator.manual_seed(seed)


def numpy_generator(seed: int | np.random.SeedSequence) -> np.random.Generator:
    """NumPy's generator of the caller's own."""
    return np.random.default_rng(seed)


def seed_sequence(seed: int, *place: int) -> np.random.SeedSequence:
    """One of many independent streams of one seed, numbered by its place."""
    return np.random.SeedSequence(seed, spawn_key=place)


@contextmanager
def lent(generator: torch.Generator) -> Iterator[None]:
    """`generator` stands in for torch's global one of its device.

    For dropout modules, layers that initialize themselves and `nn.init.sparse_`, which take no
    generator. It goes on from where they leave it; the global one stays where it was.
    """
    with _TORCH:
        everyones = _global_generator(generator.device)
        before = everyones.get_state()
        everyones.set_state(generator.get_state())
        try:
            yield
        finally:
            generator.set_state(everyones.get_state())
            everyones.set_state(before)


@contextmanager
def kept_for_library() -> Iterator[None]:
    """NumPy's and Python's global generators for a library that seeds them, put back after it."""
    with _LIBRARIES:
        of_numpy, of_python = np.random.get_state(), random.getstate()  # noqa: NPY002
        try:
            yield
        finally:
            np.random.set_state(of_numpy)  # noqa: NPY002
            random.setstate(of_python)


def _global_generator(device: torch.device) -> torch.Generator:
    if device.type == "cuda":
        torch.cuda.init()
        place = torch.cuda.current_device() if device.index is None else device.index
        return torch.cuda.default_generators[place]
    if device.type == "mps":
        return torch.mps._get_default_mps_generator()
    return torch.default_generator
