"""The network with BatchNorm and dropout: its settings, its script, its experiment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.normalization.two_modes import LARGEST_BATCH, MOST_ASKED, DropoutPlace
from nnviz.spec import ExperimentSpec


class ModesSettings(Spec):
    """The mode, the batch, and where dropout stands."""

    mode: Literal["train", "eval"] = "train"
    place: DropoutPlace = Field(
        "after", title="Dropout stands", json_schema_extra={"choices": ["after", "before"]},
        description="After or before BatchNorm.",
    )  # fmt: skip
    q: Annotated[float, Field(ge=0, le=0.8)] = Field(
        0.3, title="Dropout q", json_schema_extra={"step": 0.1}
    )
    batch_size: Annotated[int, Field(ge=1, le=LARGEST_BATCH)] = Field(
        8, title="Batch size", description="Drag the lower edge of the batch in the picture."
    )
    neighbours_change: bool = Field(
        False, title="Other neighbours each time",
        description="The first sample stays; the others of its batch are drawn anew.",
    )  # fmt: skip
    n_asked: Annotated[int, Field(ge=1, le=MOST_ASKED)] = Field(5, title="Times asked")
    seed: Annotated[int, Field(ge=0, le=9999)] = 0


def code(settings: ModesSettings) -> str:
    """The trained network, asked in both modes."""
    return _CODE.format(**settings.model_dump())


def experiment(settings: ModesSettings) -> ExperimentSpec:
    """Such a network on moons."""
    blocks = [{"kind": "dense", "width": 6}]
    network = {"blocks": blocks, "normalization": "batch", "dropout": settings.q}
    training = {"optimizer": {"name": "adam", "learning_rate": 0.03}}
    return ExperimentSpec.model_validate(
        {"data": {"name": "moons"}, "network": network, "training": training}
    )


_CODE = """\
import torch
from nnviz.experiments.normalization.two_modes import asked_batch, both_modes_network
from nnviz.seeds import derived_seed

network = both_modes_network({place!r}, {q})  # 2 inputs, 6 units, 2 classes, trained on moons
print(network)
draws = [k if {neighbours_change} else 0 for k in range({n_asked})]
batches = [asked_batch(draw, {batch_size}, {seed}) for draw in draws]


def answers(mode):
    network.train(mode)
    found = []
    for k, batch in enumerate(batches):
        torch.manual_seed(derived_seed({seed}, "mask", k))  # the dropout mask of this time
        with torch.no_grad():
            found.append(torch.softmax(network(batch), 1)[0, 1].item())
    return found  # P(class 1) of the first sample, each time


in_evaluation = answers(False)
try:
    in_training = answers(True)  # moves the running statistics, too
except ValueError as error:
    in_training = []
    print("torch refuses:", error)
print("train()", in_training, "eval()", in_evaluation)
"""
