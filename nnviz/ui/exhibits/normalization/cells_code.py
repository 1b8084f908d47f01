"""The chosen normalization as torch code, and as an experiment."""

from __future__ import annotations

from textwrap import indent
from typing import Any

from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.normalization.block import CellsSettings


def code(settings: CellsSettings) -> str:
    """A script that ends in `y`, `mean`, `variance` and `by_hand`."""
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
            f"nn.GroupNorm({settings.n_groups}, {settings.block_shape[1]}",
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


def _class(name: str, settings: CellsSettings) -> str:
    return f"nn.{name}{2 if settings.shape == 'image' else 1}d"


def _group_slice(settings: CellsSettings) -> str:
    size = settings.block_shape[1] // settings.n_groups
    first = settings.index[1] // size * size
    return f"{first}:{first + size}"


def _input(settings: CellsSettings) -> str:
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


def experiment(settings: CellsSettings) -> ExperimentSpec:
    """Digits through two convolutions, or moons through two dense layers, so normalized."""
    kind, n_groups, channels = settings.kind, settings.n_groups, settings.block_shape[1]
    data: str = "digits"
    block: dict[str, Any] = {"kind": "convolution", "channels": channels}
    if settings.shape == "table":
        width = max(channels if channels > 2 * n_groups else 8, 4)
        kind = "layer" if kind == "instance" else kind
        n_groups = n_groups if width % n_groups == 0 and width > n_groups else 1
        data, block = "moons", {"kind": "dense", "width": width}
    network = {"normalization": kind, "groups": n_groups, "blocks": [block] * 2}
    asked = {"data": {"name": data}, "network": network, "training": {"batch_size": 32}}
    return ExperimentSpec.model_validate(asked)


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
