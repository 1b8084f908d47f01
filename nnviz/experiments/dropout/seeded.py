"""torch's global generator, borrowed: dropout and layer defaults take no generator of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_LOCK = threading.Lock()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the global generator for a block and put its state back afterwards.

    Readers are served by threads of one process, so the block is theirs alone.
    """
    with _LOCK, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
