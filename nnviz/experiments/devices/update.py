"""Updates of a plain network, timed on one device; the same work on every device.

Shapes: R repetitions.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.experiments.devices.here import alone, threads, wait_for
from nnviz.experiments.devices.records import N_INPUTS, N_OUTPUTS, Device, Timed, Work
from nnviz.randomness import lent, torch_generator
from nnviz.records import FloatArray

RATE = 0.01
N_CHECKED = 3
LEAST_SECONDS, MOST_SECONDS, MOST_REPEATS = 0.02, 0.5, 9


def timed_on(devices: Sequence[Device], work: Work) -> tuple[Timed, ...]:
    """The same work on one device after the other, while nothing else is timed here."""
    with alone():
        return tuple(timed(device, work) for device in devices)


def timed(device: Device, work: Work) -> Timed:
    """Time updates on a device, about half a second in all.

    What runs on the machine meanwhile takes its share: these are times of this machine now.
    """
    with threads(device.n_threads):
        network, x, y = _start(work)
        network, there_x, there_y = network.to(device.kind), x.to(device.kind), y.to(device.kind)
        losses = tuple(float(_update(network, there_x, there_y)) for _ in range(N_CHECKED))
        copies = [_copied(x, y, device.kind) for _ in range(MOST_REPEATS + 1)][1:]
        return Timed(
            device, work, _repeated(network, there_x, there_y, device), losses, np.array(copies)
        )


def _start(work: Work) -> tuple[nn.Sequential, Tensor, Tensor]:
    generator = torch_generator(0)
    with lent(generator):
        layers: list[nn.Module] = []
        for a, b in zip(work.widths, work.widths[1:], strict=False):
            layers += [nn.Linear(a, b), nn.ReLU()]
    x = torch.randn(work.batch_size, N_INPUTS, generator=generator)
    y = torch.randint(N_OUTPUTS, (work.batch_size,), generator=generator)
    return nn.Sequential(*layers[:-1]), x, y


def _update(network: nn.Sequential, x: Tensor, y: Tensor) -> Tensor:
    """Forward, backward, and a step of plain SGD."""
    loss = nn.functional.cross_entropy(network(x), y)
    weights = tuple(network.parameters())
    gradients = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        torch._foreach_add_(weights, gradients, alpha=-RATE)
    return loss.detach()


def _repeated(network: nn.Sequential, x: Tensor, y: Tensor, device: Device) -> FloatArray:
    """Seconds an update, (R,): as many updates together as take 20 ms, for half a second."""
    n, ends = 1, time.perf_counter() + MOST_SECONDS
    found: list[float] = []
    while len(found) < MOST_REPEATS:
        wait_for(device.kind)
        started = time.perf_counter()
        for _ in range(n):
            _update(network, x, y)
        wait_for(device.kind)
        seconds = time.perf_counter() - started
        if seconds < LEAST_SECONDS and time.perf_counter() < ends:
            n *= 2
            continue
        found.append(seconds / n)
        if time.perf_counter() > ends and len(found) >= N_CHECKED:
            break
    return np.array(found)


def _copied(x: Tensor, y: Tensor, kind: str) -> float:
    wait_for(kind)
    started = time.perf_counter()
    x.to(kind, copy=True), y.to(kind, copy=True)
    wait_for(kind)
    return time.perf_counter() - started
