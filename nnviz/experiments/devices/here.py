"""The devices of this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

import torch

from nnviz.experiments.devices.records import Device

if sys.platform != "win32":
    import fcntl


def devices_here() -> tuple[Device, ...]:
    """The CPU with one thread and with all that this process may use, then what is beside it."""
    n = n_cores()
    found = [Device("cpu", 1, "CPU, 1 thread")]
    if n > 1:
        found.append(Device("cpu", n, f"CPU, {n} threads"))
    if torch.cuda.is_available():
        found.append(Device("cuda", 1, f"GPU, {torch.cuda.get_device_name()}"))
    if torch.backends.mps.is_available():
        found.append(Device("mps", 1, "GPU of Apple silicon"))
    return tuple(found)


def n_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def threads(n: int) -> Iterator[None]:
    """torch computes on `n` threads, and on as many as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def alone() -> Iterator[None]:
    """One process of this machine at a time: timings would take each other's cores.

    Windows has no such locks; there nobody waits.
    """
    if sys.platform == "win32":
        yield
        return
    with open(Path(gettempdir()) / f"nnviz-timing-{os.getuid()}", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # let go with the file, also by a process that dies
        yield


def wait_for(kind: str) -> None:
    """Until the device has done what it was given: it takes work ahead."""
    if kind == "cuda":
        torch.cuda.synchronize()
    elif kind == "mps":
        torch.mps.synchronize()
