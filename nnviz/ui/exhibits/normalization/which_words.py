"""What each normalization is for, and its case as torch code and as an experiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.normalization.records import NormalizationKind
from nnviz.experiments.normalization.trials import SMALL_BATCH_STEPS, Trial, small_batch
from nnviz.export import to_pytorch
from nnviz.spec import ExperimentSpec


class WhichSettings(Spec):
    """The row of the table, and what its measurement turns."""

    kind: NormalizationKind = "batch"
    batch_size: Annotated[int, Field(ge=2, le=32)] = Field(2, title="Batch size to try in training")
    contrast: Annotated[float, Field(ge=0.25, le=4)] = Field(2.0, title="Contrast of red")


@dataclass(frozen=True)
class Row:
    """A row of the table, its button, and why it measures what it does."""

    button: str
    icon: str
    good: str
    bad: str
    why: str


ROWS: Mapping[NormalizationKind, Row] = {
    "batch": Row(
        "Batch: small batches", ":material/stacks:",
        "images and tables, batches of 16 and more", "small batches, sequences of several lengths",
        "Two samples are too few for a mean and a deviation: whatever they are, BatchNorm makes +1"
        " and −1 of them, and what it keeps for evaluation fits neither.",
    ),
    "layer": Row(
        "Layer: sequences", ":material/segment:",
        "sequences, transformers, any batch size", "images: channels mean different things",
        "It treats each position by itself; whoever averages over positions counts the padding's"
        " zeros, and batch normalization the neighbours as well.",
    ),
    "instance": Row(
        "Instance: style", ":material/contrast:",
        "style; light and contrast that say nothing", "where brightness tells the class; no space",
        "It takes each channel's mean and deviation away, and with them the contrast: the same"
        " picture in another light is the same to what follows.",
    ),
    "group": Row(
        "Group: batches of two", ":material/grid_view:",
        "large images, detection: batches of 1 or 2", "groups of one or two numbers",
        "It needs no second sample. With one group it is layer normalization; groups of two"
        " numbers make +1 and −1 of them and nothing is learned.",
    ),
}  # fmt: skip


def code(settings: WhichSettings) -> str:
    """One of the row's trainings, or its measurement."""
    if settings.kind in _CODES:
        return _CODES[settings.kind].format(contrast=settings.contrast)
    return to_pytorch(experiment(settings))


def experiment(settings: WhichSettings) -> ExperimentSpec:
    """The row's network, so normalized."""
    if settings.kind == "layer":
        network = {"blocks": [{"kind": "dense", "width": 64}] * 2, "normalization": "layer"}
        return ExperimentSpec.model_validate({"data": {"name": "mnist1d"}, "network": network})
    if settings.kind == "instance":
        return Trial("images", "instance", 0.003, 32, SMALL_BATCH_STEPS, 0).spec
    return small_batch(settings.kind, settings.batch_size if settings.kind == "batch" else 2).spec


_CODES = {
    "layer": """\
import torch
from torch.nn import functional
from nnviz.seeds import derived_seed

generator = torch.Generator().manual_seed(derived_seed(0, "sequences"))
whole = 1 + torch.randn(6, 8, 40, generator=generator)  # sequences, features, positions


def outputs(length):
    x = whole[:, :, :length].clone()
    x[0, :, 8:] = 0  # sequence 0 has 8 positions and is padded
    return {{
        "batch": functional.batch_norm(x, None, None, training=True),
        "layer": functional.layer_norm(x.mT, (8,)).mT,  # each position by itself
        "instance": functional.instance_norm(x),
        "group": functional.group_norm(x, 2),
    }}


def moved(kind, length):
    change = outputs(length)[kind][0, :, :8] - outputs(8)[kind][0]
    return change.square().mean().sqrt().item()


found = {{kind: [moved(kind, n) for n in range(8, 41, 2)] for kind in outputs(8)}}
print(found)
""",
    "instance": """\
import torch
from torch.nn import functional
from nnviz.experiments.convolution.samples import sample

crops = [torch.from_numpy(sample("colour", k)) / 255 for k in range(4)]
x = torch.stack(crops)  # 4 photographs, 3 colours
changed = x.clone()
changed[0, 0] = 0.5 + {contrast} * (x[0, 0] - 0.5)  # another contrast of red


def normalized(x):
    return {{
        "batch": functional.batch_norm(x, None, None, training=True),
        "layer": functional.group_norm(x, 1),
        "instance": functional.instance_norm(x),
    }}


before, after = normalized(x), normalized(changed)
found = {{kind: (after[kind][0] - before[kind][0]).square().mean().sqrt().item() for kind in after}}
print(found)
""",
}
