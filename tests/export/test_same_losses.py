"""Every choice of the catalogs: the script's losses are nnviz's, update for update, to 1e-5.

60 updates in an interpreter that can't import nnviz. The lists are the catalogs' own, so that a new
entry is tested by being there.
"""

from __future__ import annotations

from typing import Any

import pytest

from nnviz import ExperimentSpec, advance, initial_state
from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.datasets import DATASETS
from nnviz.catalog.dropouts import DROPOUT_KINDS
from nnviz.catalog.initializers import INITIALIZERS, fits
from nnviz.catalog.losses import LOSSES
from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.catalog.optimizers import OPTIMIZERS
from nnviz.catalog.schedules import SCHEDULES
from nnviz.presets import PRESETS
from tests.export.interpreter import Interpreter
from tests.export.losses import (
    N_UPDATES,
    assert_same,
    check,
    printed_losses,
    recorded_losses,
    script_of,
)

MOONS = {"name": "moons", "n_samples": 108}  # 81 to train on: batches of 20 leave one point over
TABLE = {"name": "wine"}
IMAGES = {"name": "digits", "n_samples": 108}
SIGNALS = {"name": "mnist1d", "n_samples": 108}
CURVE = {"name": "sinusoid", "n_samples": 80}
ODD = {"batch_size": 20}
DENSE = [{"kind": "dense", "width": 8}, {"kind": "dense", "width": 6}]
CONVOLUTIONS = [
    {"kind": "convolution", "channels": 4},
    {"kind": "convolution", "channels": 8, "kernel_size": 4},
]
PLACES = {
    "dense": (MOONS, DENSE),
    "signals": (SIGNALS, CONVOLUTIONS),
    "images": (IMAGES, CONVOLUTIONS),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_with_every_activation(interpreter: Interpreter, name: str) -> None:
    check(interpreter, {"data": MOONS, "network": {"activation": name}})


@pytest.mark.parametrize("placement", ["before", "after"])
@pytest.mark.parametrize("name", NORMALIZATIONS)
@pytest.mark.parametrize("place", PLACES)
def test_with_every_normalization(
    interpreter: Interpreter, place: str, name: str, placement: str
) -> None:
    data, blocks = PLACES[place]
    if name == "instance" and place == "dense":
        pytest.skip("refused: a dense layer has no space")
    network = {"blocks": blocks, "normalization": name, "placement": placement, "groups": 2}
    check(interpreter, {"data": data, "network": network, "training": ODD})


@pytest.mark.parametrize(
    "options", [{"momentum": "cumulative"}, {"momentum": 0.5}, {"track_running_stats": False}]
)
def test_with_every_kind_of_running_statistics(
    interpreter: Interpreter, options: dict[str, Any]
) -> None:
    network = {"blocks": DENSE, "normalization": "batch", **options}
    check(interpreter, {"data": MOONS, "network": network, "training": ODD})


@pytest.mark.parametrize("place", ["dense", "images"])
@pytest.mark.parametrize("name", INITIALIZERS)
def test_with_every_initializer(interpreter: Interpreter, name: str, place: str) -> None:
    data, blocks = PLACES[place]
    if not fits(name, 2 if place == "dense" else 4):
        pytest.skip("refused: does not fit these weights")
    asked = {"name": name} if name == "default" else {"name": name, "bias": 0.1}
    network = {"blocks": blocks, "initialization": asked, "activation": "tanh"}
    check(interpreter, {"data": data, "network": network})


@pytest.mark.parametrize(
    "asked",
    [
        {"name": "xavier_normal", "gain": 0.5},
        {"name": "kaiming_uniform", "gain": 2.0, "mode": "fan_out"},
        {"name": "trunc_normal", "std": 0.5, "a": -0.3, "b": 0.4},
        {"name": "sparse", "sparsity": 0.25},
    ],
    ids=str,
)
def test_with_arguments_of_an_initializer(interpreter: Interpreter, asked: dict[str, Any]) -> None:
    blocks = [{"kind": "dense", "width": 8, "initialization": asked}, {"kind": "dense"}]
    check(interpreter, {"data": MOONS, "network": {"blocks": blocks}})


@pytest.mark.parametrize("weight_decay", [0.0, 0.01])
@pytest.mark.parametrize("variant", [0, 1])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_with_every_optimizer(
    interpreter: Interpreter, name: str, variant: int, weight_decay: float
) -> None:
    others = {"momentum": 0.9, "nesterov": True, "beta1": 0.8, "beta2": 0.95}
    asked = {"name": name, "weight_decay": weight_decay}
    if variant:
        asked |= {key: value for key, value in others.items() if key in OPTIMIZERS[name].arguments}
    document = {"data": TABLE, "network": {"blocks": DENSE}, "training": {"optimizer": asked}}
    check(interpreter, document)


@pytest.mark.parametrize("n_steps", [1, 20, N_UPDATES, 10_000])
@pytest.mark.parametrize("name", SCHEDULES)
def test_with_every_schedule_within_its_horizon_and_beyond(
    interpreter: Interpreter, name: str, n_steps: int
) -> None:
    training = {"schedule": {"name": name}, "n_steps": n_steps}
    if "every" in SCHEDULES[name].arguments:
        training["schedule"] |= {"every": 7, "gamma": 0.8}
    check(interpreter, {"data": MOONS, "training": training})


@pytest.mark.parametrize(
    "options",
    [{}, {"huber_delta": 0.3}, {"label_smoothing": 0.2}, {"class_weights": "balanced"},
     {"class_weights": (0.5, 2.0, 1.0), "label_smoothing": 0.1}, {"l1": 0.01},
     {"clip_norm": 0.1}, {"clip_norm": 0.3, "l1": 0.1}],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("name", LOSSES)
def test_with_every_loss_on_classes(
    interpreter: Interpreter, name: str, options: dict[str, Any]
) -> None:
    if name != "cross_entropy" and {"label_smoothing", "class_weights"} & options.keys():
        pytest.skip("refused: these need the loss cross_entropy")
    check(interpreter, {"data": TABLE, "training": {"loss": name, **options}})


@pytest.mark.parametrize(
    "training",
    [
        {},
        {"loss": "mse"},
        {"class_weights": "balanced"},
        {"label_smoothing": 0.1},
        {"clip_norm": 0.1},
    ],
    ids=str,
)
def test_with_a_class_at_each_place(interpreter: Interpreter, training: dict[str, Any]) -> None:
    blocks = [{"kind": "embedding", "width": 6}, {"kind": "convolution", "activation": "tanh"}]
    data = {"name": "reversal", "length": 6, "n_samples": 80}
    check(interpreter, {"data": data, "network": {"blocks": blocks}, "training": training})


@pytest.mark.parametrize("length", [4, 26])
@pytest.mark.parametrize("name", [n for n, entry in DATASETS.items() if entry.length is not None])
def test_with_every_length(interpreter: Interpreter, name: str, length: int) -> None:
    check(interpreter, {"data": {"name": name, "n_samples": 60, "length": length}}, n_updates=20)


@pytest.mark.parametrize("name", [n for n, loss in LOSSES.items() if "regression" in loss.tasks])
def test_with_every_loss_on_values(interpreter: Interpreter, name: str) -> None:
    check(interpreter, {"data": CURVE, "training": {"loss": name, "huber_delta": 0.2}})


@pytest.mark.parametrize(
    ("name", "scaling"),
    [(name, "standard") for name in DATASETS]
    + [
        (name, scaling) for name in ("wine", "diabetes", "digits") for scaling in ("minmax", "none")
    ],
)
def test_with_every_data_set(interpreter: Interpreter, name: str, scaling: str) -> None:
    data = {"name": name, "n_samples": 100, "scaling": scaling, "seed": 3}
    if DATASETS[name].any_classes:
        data["n_classes"] = 4
    if DATASETS[name].task == "classification" and not DATASETS[name].per_position:
        data["label_noise"] = 0.2
    rate = 1e-4 if scaling == "none" else 0.01  # unscaled tables and targets reach 1e6
    training = {"seed": 7, "optimizer": {"name": "adam", "learning_rate": rate}}
    check(interpreter, {"data": data, "training": training})


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", DROPOUT_KINDS)
def test_with_every_dropout(interpreter: Interpreter, kind: str, place: str) -> None:
    data, blocks = PLACES[place]
    if kind == "channel" and place == "dense":
        pytest.skip("refused: whole samples would go")
    network = {"blocks": blocks, "dropout": 0.3, "dropout_kind": kind, "activation": "selu"}
    check(interpreter, {"data": data, "network": network, "training": {**ODD, "seed": 5}})


@pytest.mark.parametrize("method", ["max", "average", "global_average"])
@pytest.mark.parametrize("data", [SIGNALS, IMAGES], ids=["signals", "images"])
def test_with_every_pooling(interpreter: Interpreter, data: dict[str, Any], method: str) -> None:
    blocks = [*CONVOLUTIONS, {"kind": "pool", "method": method, "size": 3}, {"kind": "dense"}]
    check(interpreter, {"data": data, "network": {"blocks": blocks}})


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("kernel_size", [3, 4])
@pytest.mark.parametrize("data", [SIGNALS, IMAGES], ids=["signals", "images"])
def test_with_every_convolution(
    interpreter: Interpreter, data: dict[str, Any], kernel_size: int, padding: str, stride: int
) -> None:
    sizes = {"kernel_size": kernel_size, "padding": padding, "stride": stride}
    blocks = [{**block, **sizes} for block in CONVOLUTIONS[: 1 if stride > 1 else 2]]
    check(interpreter, {"data": data, "network": {"blocks": blocks}})


@pytest.mark.parametrize(
    "blocks", [[], [{"kind": "flatten"}], [{"kind": "flatten"}, {"kind": "dense"}]], ids=str
)
@pytest.mark.parametrize("data", [TABLE, IMAGES], ids=["table", "images"])
def test_with_plain_blocks(
    interpreter: Interpreter, data: dict[str, Any], blocks: list[dict[str, Any]]
) -> None:
    check(interpreter, {"data": data, "network": {"blocks": blocks}})


@pytest.mark.parametrize("normalization", ["none", "batch"])
@pytest.mark.parametrize("batch_size", [2, 20, 27, 80, 81, 4096])
def test_with_batches_that_leave_points_over(
    interpreter: Interpreter, batch_size: int, normalization: str
) -> None:
    network = {"blocks": DENSE, "normalization": normalization, "activation": "tanh"}
    training = {"batch_size": batch_size}
    check(interpreter, {"data": MOONS, "network": network, "training": training}, n_updates=100)


def test_with_batches_of_one(interpreter: Interpreter) -> None:
    check(interpreter, {"data": MOONS, "training": {"batch_size": 1}}, n_updates=200)


@pytest.mark.parametrize("name", PRESETS)
def test_with_every_preset(interpreter: Interpreter, name: str) -> None:
    spec = PRESETS[name].spec
    printed = printed_losses(interpreter.run(script_of(spec), "1"))
    assert_same(printed, recorded_losses(spec))


@pytest.mark.parametrize("name", ["two_moons", "divergence"])
def test_a_page_s_records_are_what_the_script_prints(interpreter: Interpreter, name: str) -> None:
    spec = PRESETS[name].spec
    printed = printed_losses(interpreter.run(script_of(spec, 50), "1"))
    state, recorded = initial_state(spec), []
    while len(recorded) < 50 and state.divergence is None:
        state, snapshots = advance(state, n_steps=1)
        recorded += [snapshots[-1].batch_loss] if state.divergence is None else []
    assert_same(printed, recorded)


def test_a_training_that_diverges_ends_where_nnvizs_ends(interpreter: Interpreter) -> None:
    training = {"loss": "mse", "optimizer": {"name": "sgd", "learning_rate": 10.0}}
    document = {"data": {"name": "wine", "scaling": "none"}, "training": training}
    spec = ExperimentSpec.model_validate(document)
    printed = interpreter.run(script_of(spec, 2000), "1")
    state, _ = advance(initial_state(spec), n_steps=2000, record=False)
    assert state.divergence is not None
    assert len(printed_losses(printed)) == state.divergence.step - 1
    assert "diverged" in printed.splitlines()[-1]
