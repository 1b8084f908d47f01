"""The exported script is a training of the same network, without nnviz."""

import contextlib
import io

import pytest

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.datasets import DATASETS
from nnviz.catalog.initializers import INITIALIZERS
from nnviz.catalog.optimizers import OPTIMIZERS
from nnviz.catalog.schedules import SCHEDULES
from nnviz.export import to_pytorch
from nnviz.presets import PRESETS
from nnviz.spec import ExperimentSpec


def run(document):
    spec = ExperimentSpec.model_validate(document)
    script, names = to_pytorch(spec), {}
    assert "nnviz" not in script
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(script, "exported.py", "exec"), names)  # noqa: S102
    n_parameters = sum(p.numel() for p in names["network"].parameters())
    assert n_parameters == spec.n_parameters
    return printed.getvalue().splitlines()


def small(**parts):
    return {
        "data": {"name": "moons", "n_samples": 60},
        "training": {"n_steps": 3, "batch_size": 16},
        **parts,
    }


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_is_exported(name):
    run(small(data={"name": name, "n_samples": 60}))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_exported(name):
    run(small(network={"activation": name}))


@pytest.mark.parametrize("name", [name for name in INITIALIZERS if name != "dirac"])
def test_every_initializer_is_exported(name):
    run(small(network={"initialization": {"name": name}}))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_optimizer_and_schedule_is_exported(optimizer, schedule):
    training = {
        "optimizer": {"name": optimizer},
        "schedule": {"name": schedule},
        "n_steps": 5,
        "l1": 0.001,
    }
    run(small(training=training))


@pytest.mark.parametrize("loss", ["cross_entropy", "mse", "huber"])
def test_every_loss_is_exported(loss):
    run(small(training={"loss": loss, "n_steps": 3}))


def test_convolutions_normalization_and_dropout_are_exported():
    blocks = [{"kind": "convolution", "channels": 4}, {"kind": "pool"}, {"kind": "dense"}]
    network = {"blocks": blocks, "normalization": "batch", "dropout": 0.2}
    run(small(data={"name": "digits", "n_samples": 60}, network=network))


def test_the_exported_training_learns():
    document = PRESETS["two_moons"].spec.model_dump(mode="json")
    document["training"]["n_steps"] = 1000
    last = run(document)[-1].split()
    assert float(last[-1]) > 0.9
