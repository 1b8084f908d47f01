"""A stream of batches through BatchNorm as torch code, and as an experiment."""

from __future__ import annotations

from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.normalization.stream import RunningSettings


def code(settings: RunningSettings) -> str:
    """A script that ends with the running `mean` and `variance`."""
    s, seed = settings, derived_seed(settings.seed, "train")
    return _CODE.format(**{**s.model_dump(), "seed": seed, "momentum": s.stream.momentum})


def experiment(settings: RunningSettings) -> ExperimentSpec:
    """Moons through two dense layers with such a BatchNorm."""
    network = {
        "normalization": "batch", "blocks": [{"kind": "dense", "width": 8}] * 2,
        "momentum": "cumulative" if settings.cumulative else settings.momentum,
        "track_running_stats": settings.track,
    }  # fmt: skip
    training = {"batch_size": max(settings.batch_size, 2)}
    return ExperimentSpec.model_validate(
        {"data": {"name": "moons"}, "network": network, "training": training}
    )


_CODE = """\
import torch
from torch import nn

generator = torch.Generator().manual_seed({seed})
size = ({n_steps}, {batch_size}, 1)
batches = torch.randn(size, generator=generator, dtype=torch.float64) * {std} + {mean}
layer = nn.BatchNorm1d(1, momentum={momentum}, affine=False, track_running_stats={track},
                       dtype=torch.float64)
for batch in batches:
    try:
        layer(batch)  # in training mode: normalizes with the batch, remembers a little of it
    except ValueError as error:
        print("torch refuses:", error)
        break
mean, variance = layer.running_mean, layer.running_var
print("running mean", mean, "running variance", variance)

layer.eval()
evaluation = torch.randn(2000, 1, dtype=torch.float64) * {std} * {stretch} + {mean} + {shift}
y = layer(evaluation)  # with the running statistics, if there are any
print("shifted data: mean", y.mean().item(), "deviation", y.std().item())
"""
