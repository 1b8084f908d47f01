"""The normalization lab as torch code, and as an experiment for the Playground."""

from __future__ import annotations

from textwrap import indent

from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec
from nnviz.ui.labs.normalization import NormalizationSettings


def code_for(settings: NormalizationSettings) -> str:
    """A script that computes what the page shows, ending in `y`, `mean` and `variance`."""
    return _running_code(settings) if settings.view == "running" else _cells_code(settings)


def _cells_code(settings: NormalizationSettings) -> str:
    index = settings.index
    table = settings.shape == "table"
    if settings.kind == "instance" and table:
        return _input(settings) + _TABLE_TRAP
    parts = {
        "batch": (f"{_class('BatchNorm', settings)}({settings.block_shape[1]}", f":, {index[1]}"),
        "layer": (f"nn.LayerNorm({settings.block_shape[1:]}", f"{index[0]}"),
        "instance": (
            f"{_class('InstanceNorm', settings)}({settings.block_shape[1]}, affine=True",
            f"{index[0]}, {index[1]}",
        ),
        "group": (
            f"nn.GroupNorm({settings.groups}, {settings.block_shape[1]}",
            f"{index[0]}, {_group_slice(settings)}",
        ),
    }
    layer, members = parts[settings.kind]
    return _input(settings) + _CELL.format(
        layer=f"{layer}, eps={settings.epsilon:g}, dtype=torch.float64)",
        gamma=settings.gamma,
        beta=settings.beta,
        members=members,
        index=", ".join(str(i) for i in index),
        epsilon=f"{settings.epsilon:g}",
    )


def _class(name: str, settings: NormalizationSettings) -> str:
    return f"nn.{name}{2 if settings.shape == 'image' else 1}d"


def _group_slice(settings: NormalizationSettings) -> str:
    size = settings.block_shape[1] // settings.groups
    first = settings.index[1] // size * size
    return f"{first}:{first + size}"


def _input(settings: NormalizationSettings) -> str:
    if settings.shape == "table":
        rows = ",\n".join(f"[{', '.join(f'{x:g}' for x in row)}]" for row in settings.table)
        return f"{_IMPORTS}x = torch.tensor([\n{indent(rows, '    ')},\n], dtype=torch.float64)\n"
    shape = settings.block_shape
    ones = ", 1" * (len(shape) - 2)
    return _IMPORTS + _DRAWN.format(
        seed=derived_seed(settings.seed, "block"),
        shape=", ".join(str(n) for n in shape),
        per_sample=f"{shape[0]}, 1{ones}",
        per_channel=f"1, {shape[1]}{ones}",
    )


def _running_code(settings: NormalizationSettings) -> str:
    return _IMPORTS + _RUNNING.format(
        seed=derived_seed(settings.seed, "train"),
        momentum=None if settings.cumulative else settings.momentum,
        track=settings.track,
        steps=settings.n_steps,
        batch=settings.batch_size,
        mean=settings.mean,
        std=settings.std,
        shift=settings.shift,
        stretch=settings.stretch,
    )


def experiment_for(settings: NormalizationSettings) -> ExperimentSpec:
    """Digits through two convolutions, or moons through two dense layers, so normalized."""
    network: dict[str, object] = {"normalization": settings.kind, "groups": settings.groups}
    batch_size = max(settings.batch_size, 2) if settings.view == "running" else 32
    training = {"batch_size": batch_size}
    channels = settings.block_shape[1]
    if settings.view == "running":
        momentum = "cumulative" if settings.cumulative else settings.momentum
        network = {
            "normalization": "batch",
            "momentum": momentum,
            "track_running_stats": settings.track,
        }
    if settings.view == "running" or settings.shape == "table":
        if network["normalization"] == "instance":
            network["normalization"] = "layer"
        width = channels if settings.view == "cells" and channels > 2 * settings.groups else 8
        network["groups"] = settings.groups if width % settings.groups == 0 else 1
        if width == network["groups"]:
            network["groups"] = 1
        network["blocks"] = [{"kind": "dense", "width": max(width, 4)}] * 2
        return ExperimentSpec.model_validate(
            {"data": {"name": "moons"}, "network": network, "training": training}
        )
    network["blocks"] = [{"kind": "convolution", "channels": channels}] * 2
    return ExperimentSpec.model_validate(
        {"data": {"name": "digits"}, "network": network, "training": training}
    )


_IMPORTS = "import torch\nfrom torch import nn\n\n"

_DRAWN = """\
generator = torch.Generator().manual_seed({seed})


def normal(*size):
    return torch.randn(*size, generator=generator, dtype=torch.float64)


x = 0.6 * normal({shape}) + normal({per_sample}) + 1.2 * normal({per_channel})
x = x.round(decimals=2)
"""

_CELL = """\

layer = {layer}
with torch.no_grad():
    layer.weight.fill_({gamma})
    layer.bias.fill_({beta})
    try:
        y = layer(x)  # in training mode
        print("torch:  ", y[{index}].item())
    except ValueError as error:
        print("torch refuses:", error)

group = x[{members}]  # the numbers that share a mean with x[{index}]
mean = group.mean()
variance = group.var(correction=0)  # biased: divided by the number of values
by_hand = (x[{index}] - mean) / torch.sqrt(variance + {epsilon}) * {gamma} + {beta}
print("by hand:", by_hand.item())
"""

_TABLE_TRAP = """\

# Without space to average over, torch reads the table as one sample with a row for each channel:
y = nn.InstanceNorm1d(x.shape[0])(x)
print("instance norm:", y)
print("layer norm:   ", nn.functional.layer_norm(x, x.shape[1:]))
"""

_RUNNING = """\
generator = torch.Generator().manual_seed({seed})
size = ({steps}, {batch}, 1)
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
