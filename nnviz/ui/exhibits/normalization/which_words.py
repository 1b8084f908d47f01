"""The table of normalizations, and the two measurements of surroundings as torch code."""

from __future__ import annotations

from collections.abc import Mapping

from nnviz.experiments.normalization.records import NormalizationKind

ROWS: Mapping[NormalizationKind, Mapping[str, str]] = {
    "batch": {
        "button": "Batch: small batches",
        "icon": ":material/stacks:",
        "averages over": "samples and space, per channel",
        "good for": "images and tables, batches of 16 and more",
        "bad for": "small batches, sequences of several lengths",
        "why": "Two samples are too few for a mean and a deviation: whatever they are, BatchNorm"
        " makes +1 and −1 of them, and what it keeps for evaluation fits neither.",
    },
    "layer": {
        "button": "Layer: sequences",
        "icon": ":material/segment:",
        "averages over": "all numbers of a sample",
        "good for": "sequences, transformers, any batch size",
        "bad for": "images: channels mean different things",
        "why": "It treats each position by itself; whoever averages over positions counts the"
        " padding's zeros, and batch normalization the neighbours as well.",
    },
    "instance": {
        "button": "Instance: style",
        "icon": ":material/contrast:",
        "averages over": "space, per sample and channel",
        "good for": "style; light and contrast that say nothing",
        "bad for": "where brightness tells the class; no space",
        "why": "It takes each channel's mean and deviation away, and with them the contrast: the"
        " same picture in another light is the same to what follows.",
    },
    "group": {
        "button": "Group: batches of two",
        "icon": ":material/grid_view:",
        "averages over": "a group of channels and space, per sample",
        "good for": "large images, detection: batches of 1 or 2",
        "bad for": "groups of one or two numbers",
        "why": "It needs no second sample. With one group it is layer normalization; groups of two"
        " numbers make +1 and −1 of them and nothing is learned.",
    },
}
LEFT_ALONE = {
    "layer": "A sequence whose neighbours grow: how far do its own outputs move?",
    "instance": "A photograph in other contrast: how far do its outputs move?",
}

CODES = {
    "layer": """\
import torch
from torch import nn
from nnviz.seeds import derived_seed

generator = torch.Generator().manual_seed(derived_seed({seed}, "sequences"))
whole = 1 + torch.randn(6, 8, 40, generator=generator)  # sequences, features, positions


def outputs(length):
    x = whole[:, :, :length].clone()
    x[0, :, 8:] = 0  # sequence 0 has 8 positions and is padded
    functional = nn.functional
    return {{
        "batch": functional.batch_norm(x, None, None, training=True),
        "layer": functional.layer_norm(x.mT, (8,)).mT,  # each position by itself
        "instance": functional.instance_norm(x),
        "group": functional.group_norm(x, {groups}),
    }}


def moved(kind, length):
    change = outputs(length)[kind][0, :, :8] - outputs(8)[kind][0]
    return change.square().mean().sqrt().item()


found = {{kind: [moved(kind, n) for n in range(8, 41, 2)] for kind in outputs(8)}}
print(found)
""",
    "instance": """\
import torch
from torch import nn
from nnviz.experiments.convolution.samples import sample

crops = [torch.from_numpy(sample("colour", ({photograph} + k) % 10)) / 255 for k in range(4)]
x = torch.stack(crops)  # 4 photographs, 3 colours
changed = x.clone()
changed[0, 0] = 0.5 + {contrast} * (x[0, 0] - 0.5)  # another contrast of red


def normalized(x):
    return {{
        "batch": nn.functional.batch_norm(x, None, None, training=True),
        "layer": nn.functional.group_norm(x, 1),
        "instance": nn.functional.instance_norm(x),
    }}


before, after = normalized(x), normalized(changed)
found = {{kind: (after[kind][0] - before[kind][0]).square().mean().sqrt().item() for kind in after}}
print(found)
""",
}
