"""Replicate r of an ensemble is the training that its seed gives alone.

The yardstick for rounding is a twin of the single training whose initial weights were changed
in their last bit: an ensemble may differ from the single training as much as a few such twins.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from nnviz import ExperimentSpec, advance, initial_state
from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.dropouts import DROPOUT_KINDS
from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.catalog.optimizers import OPTIMIZERS
from nnviz.catalog.schedules import SCHEDULES
from nnviz.ensemble import Ensemble
from nnviz.training import TrainingState

SEEDS = (4, 11)
LAST_BIT = 2.0**-23
TWINS = 30
N_STEPS = 60
SGD = {"optimizer": {"name": "sgd", "learning_rate": 0.05}, "batch_size": 16}

DIGITS = {"name": "digits", "n_samples": 160}
SIGNALS = {"name": "mnist1d", "n_samples": 160}
TABLE = {"name": "wine"}
CURVE = {"name": "sinusoid", "n_samples": 80}
DENSE = [{"kind": "dense", "width": 12}, {"kind": "dense", "width": 8}]
IMAGES = [
    {"kind": "convolution", "channels": 4},
    {"kind": "pool"},
    {"kind": "convolution", "channels": 8, "stride": 2},
    {"kind": "dense", "width": 8},
]
LINES = [
    {"kind": "convolution", "channels": 4, "kernel_size": 4},
    {"kind": "pool", "method": "average"},
    {"kind": "convolution", "channels": 8, "padding": "valid"},
    {"kind": "pool", "method": "global_average"},
]
ROWS = {"name": "sorting", "length": 5, "n_samples": 120}
EACH_PLACE = [{"kind": "embedding", "width": 6}, {"kind": "convolution", "activation": "tanh"}]
PLACES = {"dense": (TABLE, DENSE), "images": (DIGITS, IMAGES), "signals": (SIGNALS, LINES)}


def single(spec: ExperimentSpec, seed: int) -> TrainingState:
    training = spec.training.model_copy(update={"seed": seed, "device": "cpu"})
    return initial_state(spec.model_copy(update={"training": training}))


def twin_of(state: TrainingState) -> TrainingState:
    generator = torch.Generator().manual_seed(0)
    moved = {
        name: p * (1 + LAST_BIT * torch.randn(p.shape, generator=generator))
        for name, p in state.parameters.items()
    }
    return replace(state, parameters=moved)


def distance(a: dict[str, Any], b: dict[str, Any]) -> float:
    """Largest difference of any parameter or buffer, in units of that tensor's largest number."""
    return max(
        float((a[name] - b[name]).abs().max() / a[name].abs().max().clamp(min=1e-2)) for name in a
    )


def numbers(state: TrainingState) -> dict[str, Any]:
    return {**state.parameters, **state.buffers}


def check(document: dict[str, Any], n_steps: int = N_STEPS) -> None:
    spec = ExperimentSpec.model_validate(document)
    ensemble = Ensemble(spec, SEEDS)
    assert ensemble.reason is None
    for step, allowed in ((1, 2e-6), (n_steps, 1e-5)):
        ensemble.advance(step - ensemble.step)
        together = {**ensemble.parameters, **ensemble.buffers}
        for r, seed in enumerate(SEEDS):
            start = single(spec, seed)
            alone = numbers(advance(start, step, record=False)[0])
            twin = numbers(advance(twin_of(start), step, record=False)[0])
            own = {name: tensor[r] for name, tensor in together.items()}
            assert distance(alone, own) <= allowed + TWINS * distance(alone, twin)


@pytest.mark.parametrize(
    ("place", "normalization"),
    [(place, name) for place in PLACES for name in NORMALIZATIONS if name != "instance"]
    + [("signals", "instance")],
)
@pytest.mark.parametrize("placement", ["before", "after"])
def test_with_every_normalization(place: str, placement: str, normalization: str) -> None:
    data, blocks = PLACES[place]
    network = {
        "blocks": blocks, "activation": "tanh", "normalization": normalization,
        "placement": placement,
    }  # fmt: skip
    check({"data": data, "network": network, "training": SGD}, n_steps=25)


@pytest.mark.parametrize(
    ("place", "kind"),
    [(place, kind) for place in PLACES for kind in DROPOUT_KINDS if kind != "channel"]
    + [("images", "channel"), ("signals", "channel")],
)
def test_with_every_dropout(place: str, kind: str) -> None:
    data, blocks = PLACES[place]
    dropped = {"dropout": 0.3, "dropout_kind": kind}
    blocks = [
        {**block, **(dropped if kind != "channel" or block["kind"] == "convolution" else {})}
        if block["kind"] in ("dense", "convolution")
        else block
        for block in blocks
    ]
    check({"data": data, "network": {"blocks": blocks, "activation": "softplus"}}, n_steps=25)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_with_every_activation(activation: str) -> None:
    check({"data": TABLE, "network": {"blocks": DENSE, "activation": activation}}, n_steps=25)


def test_with_a_learned_slope_on_images() -> None:
    check({"data": DIGITS, "network": {"blocks": IMAGES, "activation": "prelu"}}, n_steps=25)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("weight_decay", [0.0, 0.01])
def test_with_every_optimizer(optimizer: str, weight_decay: float) -> None:
    chosen: dict[str, Any] = {"name": optimizer, "weight_decay": weight_decay}
    if "momentum" in OPTIMIZERS[optimizer].arguments and weight_decay:
        chosen["momentum"] = 0.9
    network = {"blocks": DENSE, "activation": "tanh"}
    check({"data": TABLE, "network": network, "training": {"optimizer": chosen}})


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_with_every_schedule(schedule: str) -> None:
    training = {"schedule": {"name": schedule}, "n_steps": N_STEPS}
    check({"data": TABLE, "network": {"blocks": DENSE, "activation": "gelu"}, "training": training})


@pytest.mark.parametrize(
    ("data", "training"),
    [
        (TABLE, {"loss": "mse"}),
        (TABLE, {"loss": "huber", "huber_delta": 0.5}),
        (TABLE, {"label_smoothing": 0.2}),
        (TABLE, {"class_weights": "balanced"}),
        (TABLE, {"class_weights": (0.5, 2.0, 1.0), "label_smoothing": 0.1}),
        (TABLE, {"l1": 0.01}),
        (TABLE, {"clip_norm": 0.1}),
        (TABLE, {"clip_norm": 0.3, "l1": 0.1}),
        (CURVE, {"loss": "mse", "clip_norm": 1.0}),
        (CURVE, {"loss": "mse"}),
        (CURVE, {"loss": "huber"}),
    ],
    ids=str,
)
def test_with_every_loss_and_penalty(data: dict[str, Any], training: dict[str, Any]) -> None:
    check({"data": data, "network": {"blocks": DENSE, "activation": "tanh"}, "training": training})


@pytest.mark.parametrize(
    "training",
    [
        {},
        {"loss": "mse"},
        {"loss": "huber"},
        {"label_smoothing": 0.2},
        {"class_weights": "balanced", "label_smoothing": 0.1},
        {"clip_norm": 0.3},
    ],
    ids=str,
)
def test_with_a_class_at_each_place(training: dict[str, Any]) -> None:
    document = {"data": ROWS, "network": {"blocks": EACH_PLACE}, "training": training}
    check(document, n_steps=25)


@pytest.mark.parametrize(
    "options", [{"momentum": "cumulative"}, {"track_running_stats": False}, {"momentum": 0.5}]
)
def test_with_every_kind_of_running_statistics(options: dict[str, Any]) -> None:
    blocks = [{"kind": "dense", "width": 12, **options}]
    network = {"blocks": blocks, "activation": "tanh", "normalization": "batch"}
    check({"data": TABLE, "network": network})
    one_left_over = {"batch_size": 19}  # 134 training points: the last batch would be of one
    check({"data": TABLE, "network": network, "training": one_left_over})


@pytest.mark.parametrize("place", [*PLACES, "rows"])
def test_losses_and_accuracies_are_those_of_single_snapshots(place: str) -> None:
    data, blocks = {**PLACES, "rows": (ROWS, EACH_PLACE)}[place]
    network = {"blocks": blocks, "activation": "tanh", "normalization": "batch", "dropout": 0.2}
    spec = ExperimentSpec.model_validate({"data": data, "network": network, "training": SGD})
    ensemble = Ensemble(spec, SEEDS)
    ensemble.advance(10)
    measured = ensemble.snapshot()
    for r, seed in enumerate(SEEDS):
        alone = advance(single(spec, seed), 10)[1][-1]
        for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy"):
            together = float(getattr(measured, f"{name}_R")[r])
            assert together == pytest.approx(getattr(alone, name), rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("tracks", [True, False])
def test_regression_is_measured_as_in_single_snapshots(tracks: bool) -> None:
    network = {
        "blocks": DENSE, "activation": "tanh", "normalization": "batch",
        "track_running_stats": tracks,
    }  # fmt: skip
    spec = ExperimentSpec.model_validate(
        {"data": CURVE, "network": network, "training": {**SGD, "loss": "mse"}}
    )
    ensemble = Ensemble(spec, SEEDS)
    ensemble.advance(10)
    alone = advance(single(spec, SEEDS[1]), 10)[1][-1]
    assert float(ensemble.snapshot().test_accuracy_R[1]) == pytest.approx(
        alone.test_accuracy, abs=1e-4
    )


BY_HAND = {
    "dense": [
        {"step": 0, "do": "set", "layer": "output", "unit": 1, "value": 0.5},
        {"step": 2, "do": "off", "layer": "dense1", "unit": 3},
        {"step": 4, "do": "set", "layer": "dense2", "unit": 1, "input": 7, "value": -0.5},
        {"step": 5, "do": "freeze", "layer": "dense1"},
        {"step": 9, "do": "on", "layer": "dense1", "unit": 3},
        {"step": 15, "do": "unfreeze", "layer": "dense1"},
    ],
    "images": [
        {"step": 1, "do": "off", "layer": "convolution1", "unit": 2},
        {"step": 3, "do": "set", "layer": "convolution3", "unit": 4, "input": 11, "value": 0.5},
        {"step": 4, "do": "off", "layer": "dense4", "unit": 0},
        {"step": 6, "do": "freeze", "layer": "convolution3"},
    ],
}


@pytest.mark.parametrize("clip_norm", [None, 0.5])
@pytest.mark.parametrize("place", BY_HAND)
def test_with_what_is_done_by_hand(place: str, clip_norm: float | None) -> None:
    data, blocks = PLACES[place]
    training = {**SGD, "by_hand": BY_HAND[place], "clip_norm": clip_norm, "l1": 0.001}
    network = {"blocks": blocks, "activation": "tanh", "normalization": "batch"}
    check({"data": data, "network": network, "training": training}, n_steps=20)


def test_a_residual_block_of_which_a_channel_is_off() -> None:
    inner = {"kind": "convolution", "channels": 4, "activation": "tanh"}
    blocks = [inner, {"kind": "residual", "blocks": [inner]}]
    done = [{"step": 2, "do": "off", "layer": "residual2", "unit": 1}]
    check({"data": DIGITS, "network": {"blocks": blocks}, "training": {**SGD, "by_hand": done}}, 15)
