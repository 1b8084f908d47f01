"""A script does by hand what was done by hand: its losses are nnviz's, update for update."""

from __future__ import annotations

from typing import Any

import pytest

from nnviz import ExperimentSpec
from nnviz.export import to_pytorch
from tests.export.interpreter import Interpreter
from tests.export.losses import check

MOONS = {"name": "moons", "n_samples": 108}
IMAGES = {"name": "digits", "n_samples": 108}
DENSE = [{"kind": "dense", "width": 8, "normalization": "batch"}, {"kind": "dense", "width": 6}]
CONVOLUTION = {"kind": "convolution", "channels": 3}
CONVOLUTIONS = [CONVOLUTION, {"kind": "residual", "blocks": [CONVOLUTION]}, *DENSE[:1]]
CASES: dict[str, tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]] = {
    "dense": (
        MOONS,
        DENSE,
        [
            {"step": 0, "do": "set", "layer": "output", "unit": 1, "value": 0.5},
            {"step": 4, "do": "off", "layer": "dense1", "unit": 3},
            {"step": 9, "do": "set", "layer": "dense2", "unit": 1, "input": 7, "value": -0.5},
            {"step": 12, "do": "freeze", "layer": "dense1"},
            {"step": 30, "do": "on", "layer": "dense1", "unit": 3},
            {"step": 30, "do": "unfreeze", "layer": "dense1"},
        ],
    ),
    "images": (
        IMAGES,
        CONVOLUTIONS,
        [
            {"step": 2, "do": "off", "layer": "residual2.convolution1", "unit": 0},
            {"step": 4, "do": "off", "layer": "residual2", "unit": 1},
            {"step": 5, "do": "freeze", "layer": "residual2"},
            {"step": 7, "do": "set", "layer": "convolution1", "unit": 2, "input": 4, "value": 1.5},
            {"step": 9, "do": "off", "layer": "dense3", "unit": 2},
        ],
    ),
}
OPTIMIZERS = [
    {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9, "weight_decay": 0.01},
    {"name": "adam"},
]


@pytest.mark.parametrize("asked", OPTIMIZERS, ids=lambda case: case["name"])
@pytest.mark.parametrize("place", CASES)
def test_the_losses_are_the_same(
    interpreter: Interpreter, place: str, asked: dict[str, Any]
) -> None:
    data, blocks, done = CASES[place]
    training = {"optimizer": asked, "l1": 0.001, "clip_norm": 1.0, "by_hand": done}
    network = {"blocks": blocks, "dropout": 0.2}
    check(interpreter, {"data": data, "network": network, "training": training})


def test_a_script_without_interventions_says_nothing_of_them() -> None:
    assert "hand" not in to_pytorch(ExperimentSpec())
