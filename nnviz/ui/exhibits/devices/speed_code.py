"""The timing of one update on every device as a script, and the network to try in training."""

from __future__ import annotations

from collections.abc import Sequence

from nnviz.experiments.devices.records import N_INPUTS, N_OUTPUTS, Device, Work
from nnviz.experiments.devices.settings import SpeedSettings
from nnviz.experiments.devices.update import N_CHECKED, RATE
from nnviz.spec import ExperimentSpec


def speed_code(work: Work, devices: Sequence[Device]) -> str:
    """The same network, batch and updates; times are those of the machine that runs it."""
    return _SCRIPT.format(
        widths=list(work.widths),
        batch_size=work.batch_size,
        n_inputs=N_INPUTS,
        n_outputs=N_OUTPUTS,
        rate=RATE,
        n_checked=N_CHECKED,
        devices=[(device.kind, device.n_threads) for device in devices],
    )


def experiment(settings: SpeedSettings) -> ExperimentSpec:
    """Such a network on digits, as large as a page trains it."""
    width, depth = min(settings.width, 128), min(settings.depth, 6)
    return ExperimentSpec.model_validate(
        {
            "data": {"name": "digits"},
            "network": {"blocks": [{"kind": "dense", "width": width}] * depth},
            "training": {"batch_size": min(settings.batch_size, 512)},
        }
    )


_SCRIPT = """import copy
import time

import torch
from torch import nn

widths, batch_size = {widths}, {batch_size}
torch.manual_seed(0)
layers = []
for a, b in zip(widths, widths[1:]):
    layers += [nn.Linear(a, b), nn.ReLU()]
start = nn.Sequential(*layers[:-1])
x, y = torch.randn(batch_size, {n_inputs}), torch.randint({n_outputs}, (batch_size,))
losses = {{}}

for device, n_threads in {devices}:
    torch.set_num_threads(n_threads)
    model = copy.deepcopy(start).to(device)  # the weights go there once
    there_x, there_y = x.to(device), y.to(device)  # in a training: every batch
    optimizer = torch.optim.SGD(model.parameters(), lr={rate})

    def update():
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(there_x), there_y)
        loss.backward()
        optimizer.step()
        return loss

    losses[device, n_threads] = [update().item() for _ in range({n_checked})]
    seconds = []
    for _ in range(9):
        started = time.perf_counter()
        update().item()  # .item() waits: a GPU takes work ahead
        seconds.append(time.perf_counter() - started)
    print(device, n_threads, "threads:", 1 / sorted(seconds)[4], "updates a second")
"""
