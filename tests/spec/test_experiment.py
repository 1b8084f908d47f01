"""A spec is closed, bounded, frozen, and its defaults make a training."""

import copy
import json
import math

import pytest
from pydantic import ValidationError

from nnviz import DataSpec, DenseBlock, ExperimentSpec, NetworkSpec, advance, train
from nnviz.catalog.datasets import DATASETS
from nnviz.spec import SpecError, readable_errors
from nnviz.training import initial_state

DOCUMENT = json.loads(
    """
{"version": 1,
 "data": {"name": "spirals", "n_samples": 400, "noise": 0.1, "label_noise": 0.0,
          "test_fraction": 0.25, "scaling": "standard", "seed": 0},
 "network": {"blocks": [{"kind": "dense", "width": 8, "activation": "relu",
                         "normalization": "batch", "placement": "before", "dropout": 0.0}],
             "initialization": {"name": "kaiming_normal"}},
 "training": {"loss": "cross_entropy",
              "optimizer": {"name": "adam", "learning_rate": 0.01, "weight_decay": 0.0},
              "schedule": {"name": "constant"}, "batch_size": 32, "n_steps": 1000, "l1": 0.0,
              "device": "auto", "seed": 0}}
"""
)


def changed(place, value):
    document = copy.deepcopy(DOCUMENT)
    part = document
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    return document


def refusal(document):
    with pytest.raises(ValidationError) as caught:
        ExperimentSpec.model_validate(document)
    return "; ".join(readable_errors(caught.value))


def test_documented_example_validates_as_it_stands():
    spec = ExperimentSpec.model_validate(DOCUMENT)
    assert spec.network.blocks[0].normalization == "batch"
    assert spec.model_validate_json(json.dumps(DOCUMENT)) == spec


def test_every_field_of_the_example_may_be_left_out():
    for part in ("version", "data", "network", "training"):
        for field in DOCUMENT[part] if part != "version" else ():
            document = copy.deepcopy(DOCUMENT)
            del document[part][field]
            ExperimentSpec.model_validate(document)
        ExperimentSpec.model_validate({k: v for k, v in DOCUMENT.items() if k != part})


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_every_data_set_trains_with_defaults(name):
    spec = ExperimentSpec(data=DataSpec(name=name))
    state, snapshots = advance(initial_state(spec), n_steps=100)
    assert state.divergence is None
    assert snapshots[-1].train_loss < snapshots[0].train_loss


def test_default_training_learns_the_spirals():
    *_, last = train(ExperimentSpec())
    assert last.step == 1000
    assert last.train_accuracy > 0.65  # a coin gets 0.5, a straight line about 0.6


def test_regression_takes_a_loss_for_values_by_itself():
    assert ExperimentSpec(data=DataSpec(name="sinusoid")).training.loss == "mse"
    assert ExperimentSpec.model_validate({"data": {"name": "diabetes"}}).training.loss == "mse"
    assert "loss must be one of huber, mse" in refusal(
        {"data": {"name": "diabetes"}, "training": {"loss": "cross_entropy"}}
    )


def test_specs_are_frozen_hashable_and_compare_by_value():
    spec = ExperimentSpec()
    with pytest.raises(ValidationError, match="frozen"):
        spec.version = 1
    assert spec == ExperimentSpec()
    assert hash(spec) == hash(ExperimentSpec.model_validate({}))


def test_a_setting_left_out_equals_its_default_written_out():
    assert DataSpec(name="wine") == DataSpec(name="wine", n_samples=178, n_classes=3)
    assert DataSpec() == DataSpec(name="spirals", n_samples=400, noise=0.1, n_classes=2)
    assert ExperimentSpec.model_validate({"training": {"optimizer": {"beta1": 0.9}}}) == (
        ExperimentSpec()
    )


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("data", "noise"), math.nan),
        (("data", "noise"), math.inf),
        (("training", "l1"), math.nan),
        (("training", "optimizer", "learning_rate"), math.inf),
        (("training", "optimizer", "learning_rate"), 10**400),
        (("training", "optimizer", "learning_rate"), 0),
        (("training", "n_steps"), 10**30),
        (("training", "batch_size"), 0),
        (("data", "n_samples"), 10_001),
        (("data", "seed"), -1),
        (("network", "blocks"), [{"kind": "dense"}] * 65),
        (("network", "blocks", 0, "width"), 1025),
        (("network", "blocks", 0, "dropout"), 1.0),
        (("network", "blocks", 0, "dropout"), "a lot"),
        (("network", "blocks", 0, "kind"), "densely"),
        (("version",), 2),
        (("surprise",), 1),
        (("data", "surprise"), 1),
        (("network", "blocks", 0, "surprise"), 1),
        (("training", "optimizer", "surprise"), 1),
    ],
)
def test_what_is_unknown_unbounded_or_not_a_number_is_refused(place, value):
    assert str(place[-1]) in refusal(changed(place, value))


def test_refusals_name_the_parameter_the_choices_and_the_value():
    text = refusal(changed(("network", "blocks", 0, "activation"), "rleu"))
    assert "activation must be one of celu, elu, gelu" in text
    assert text.endswith("got 'rleu'")
    text = refusal(changed(("data", "name"), "mnist"))
    assert "data set must be one of adding, brackets, breast_cancer" in text
    text = refusal(changed(("network", "blocks", 0, "width"), 5000))
    assert "width" in text
    assert "1024" in text
    assert "got 5000" in text
    text = refusal(changed(("data", "scaling"), "robust"))
    assert all(word in text for word in ("scaling", "'standard', 'minmax' or 'none'", "'robust'"))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"data": {"name": "wine", "n_samples": 179}}, "at most 178 for wine; got 179"),
        ({"data": {"name": "wine", "noise": 0.1}}, "noise does not apply to wine"),
        ({"data": {"name": "wine", "n_classes": 4}}, "n_classes can't be chosen for wine"),
        ({"data": {"name": "sinusoid", "label_noise": 0.1}}, "label_noise needs classes"),
        ({"training": {"class_weights": [1.0, 2.0, 3.0]}}, "class_weights must name 2 weights"),
        ({"training": {"loss": "mse", "label_smoothing": 0.1}}, "need the loss cross_entropy"),
        ({"training": {"optimizer": {"name": "adam", "momentum": 0.9}}}, "adam takes beta1, beta2"),
        ({"training": {"optimizer": {"name": "sgd", "nesterov": True}}}, "needs a momentum"),
        ({"training": {"schedule": {"name": "cosine", "gamma": 0.5}}}, "cosine takes no argument"),
        ({"network": {"initialization": {"name": "zeros", "std": 1}}}, "zeros takes no argument"),
        ({"network": {"initialization": {"name": "uniform", "a": 1}}}, "a must be below b"),
        ({"network": {"initialization": {"bias": 1}}}, "choose an initializer first"),
        (
            {"network": {"normalization": "batch"}, "training": {"batch_size": 1}},
            "dense1: batch normalization of a single number",
        ),
        (
            {
                "network": {"normalization": "batch", "track_running_stats": False},
                "data": {"n_samples": 20, "test_fraction": 0.05},
            },
            "a single test point has no variance",
        ),
        ({"network": {"blocks": [{"kind": "pool"}]}}, "but gets 2 plain numbers"),
        (
            {"network": {"initialization": {"name": "dirac"}}},
            "dirac fits weights of ranks 3 to 5 (convolutions), and this block has 2",
        ),
        (
            {"network": {"initialization": {"name": "trunc_normal", "std": 0}}},
            "trunc_normal needs a std above 0",
        ),
        (
            {"network": {"initialization": {"name": "trunc_normal", "mean": 1}}},
            "mean must lie between a = -0.2 and b = 0.2; got 1.0",
        ),
    ],
)
def test_parts_that_do_not_fit_are_refused_with_the_reason(document, words):
    assert words in refusal(document)


def test_work_of_one_step_is_bounded():
    wide = [{"kind": "convolution", "channels": 256, "kernel_size": 3}] * 3
    document = {
        "data": {"name": "digits"},
        "network": {"blocks": wide},
        "training": {"batch_size": 1024},
    }
    assert "multiplications" in refusal(document)


def test_more_than_two_million_parameters_are_refused_before_anything_is_allocated(monkeypatch):
    import torch
    from torch import nn

    empty = torch.empty

    def allocates(*arguments, **options):
        if torch.get_default_device().type != "meta":
            raise AssertionError("a layer was built")
        return empty(*arguments, **options)

    monkeypatch.setattr(torch, "empty", allocates)
    with pytest.raises(AssertionError, match="a layer was built"):
        nn.Linear(2, 2)
    with pytest.raises(ValidationError, match="2,000,000"):
        ExperimentSpec(network=NetworkSpec(blocks=(DenseBlock(width=1024),) * 4))
    from nnviz import build_network

    with pytest.raises(SpecError, match="2,000,000"):
        build_network(NetworkSpec(blocks=(DenseBlock(width=1024),)), (10**12,), 10)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"network": {"normalization": "group"}}, ["dense1, dense2: 4 groups of two values"]),
        ({"network": {"normalization": "group", "groups": 2}}, []),
        (
            {"network": {"blocks": [{"kind": "dense", "width": 2, "normalization": "layer"}]}},
            ["dense1: layer normalization of two values"],
        ),
        (
            {"network": {"normalization": "batch"}, "training": {"batch_size": 2}},
            ["dense1, dense2: batch normalization of two samples"],
        ),
        ({"network": {"normalization": "batch"}, "training": {"batch_size": 3}}, []),
        ({}, []),
    ],
    ids=str,
)
def test_what_can_be_trained_but_hardly_learns_is_said(document, said):
    cautions = ExperimentSpec.model_validate(document).cautions
    assert len(cautions) == len(said)
    assert all(sentence.startswith(start) for sentence, start in zip(cautions, said, strict=True))


def test_a_caution_changes_no_document_of_old():
    """Width 8 in 4 groups is what such a link has always meant."""
    spec = ExperimentSpec.model_validate({"network": {"normalization": "group"}})
    assert ExperimentSpec.from_code(spec.to_code()) == spec
    assert spec.network.groups == 4


@pytest.mark.parametrize("name", [n for n, entry in DATASETS.items() if entry.token_names])
def test_blocks_left_out_are_ones_that_read_the_data(name):
    for document in (
        {"data": {"name": name}},
        {"data": {"name": name}, "network": {"activation": "tanh"}},
        {"data": DataSpec(name=name), "network": NetworkSpec(activation="tanh")},
    ):
        spec = ExperimentSpec.model_validate(document)
        assert spec.network.blocks[0].kind == "embedding"
        assert spec.layer_shapes[-1].output_shape == spec.data.output_shape
        assert ExperimentSpec.from_code(spec.to_code()) == spec
    assert spec.network.activation == "tanh"
    asked = {"data": {"name": name}, "network": {"blocks": [{"kind": "dense"}]}}
    assert "tokens" in refusal(asked)


def test_a_set_without_a_length_is_the_spec_that_it_was():
    assert ExperimentSpec().to_code() == ExperimentSpec(data=DataSpec(length=None)).to_code()
    assert ExperimentSpec.model_validate(DOCUMENT).data.length is None
    assert DataSpec(name="brackets") == DataSpec(name="brackets", length=12)
