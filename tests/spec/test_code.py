"""Codes for URLs: short, safe, and harmless whatever is in them."""

import base64
import contextlib
import json
import random
import string
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nnviz import ExperimentSpec, SpecError
from tests.strategies import experiments

SAFE = set(string.ascii_letters + string.digits + "-_.~")


def code_of(text: bytes) -> str:
    return "1." + base64.urlsafe_b64encode(zlib.compress(text, 9)).decode().rstrip("=")


def six_full_blocks() -> ExperimentSpec:
    initializations = (
        {"name": "uniform", "a": -0.31, "b": 0.27, "bias": 0.05},
        {"name": "trunc_normal", "mean": 0.01, "std": 0.12, "a": -0.21, "b": 0.23, "bias": 0.1},
        {"name": "kaiming_normal", "gain": 1.37, "mode": "fan_out", "bias": 0.2},
    )
    activations = ("relu", "gelu", "tanh", "selu", "hardswish", "softsign")
    blocks = [
        {
            "kind": "dense",
            "width": 60 + 8 * number,
            "activation": activations[number],
            "normalization": ("batch", "group", "layer")[number % 3],
            "placement": ("before", "after")[number % 2],
            "groups": 2 + 2 * (number % 2),
            "momentum": 0.1 + number / 77,
            "track_running_stats": bool(number % 2),
            "dropout": 0.05 + number / 19,
            "dropout_kind": ("auto", "alpha", "elementwise")[number % 3],
            "initialization": initializations[number % 3],
        }
        for number in range(6)
    ]
    return ExperimentSpec.model_validate(
        {
            "data": {
                "name": "gaussians",
                "n_samples": 777,
                "noise": 0.123,
                "n_classes": 5,
                "label_noise": 0.15,
                "test_fraction": 0.33,
                "scaling": "minmax",
                "seed": 12345,
            },
            "network": {
                "blocks": blocks,
                "activation": "mish",
                "normalization": "layer",
                "placement": "after",
                "groups": 8,
                "momentum": "cumulative",
                "track_running_stats": False,
                "dropout": 0.35,
                "dropout_kind": "elementwise",
                "initialization": {"name": "sparse", "sparsity": 0.3, "std": 0.2, "bias": 0.3},
            },
            "training": {
                "class_weights": [1.5, 2.5, 3.5, 4.5, 5.5],
                "label_smoothing": 0.12,
                "huber_delta": 1.7,
                "optimizer": {
                    "name": "sgd",
                    "learning_rate": 0.037,
                    "weight_decay": 0.0011,
                    "momentum": 0.87,
                    "nesterov": True,
                },
                "schedule": {"name": "step", "every": 123, "gamma": 0.77},
                "batch_size": 57,
                "n_steps": 4321,
                "l1": 0.0003,
                "device": "cpu",
                "seed": 98765,
            },
        }
    )


@settings(max_examples=150)
@given(experiments())
def test_a_code_gives_back_its_spec(spec):
    code = spec.to_code()
    assert set(code) <= SAFE
    assert ExperimentSpec.from_code(code) == spec


def test_the_default_spec_has_the_shortest_code():
    assert len(ExperimentSpec().to_code()) < 60


def test_code_of_six_blocks_with_every_field_set_fits_two_kilobytes():
    spec = six_full_blocks()
    assert len(spec.to_code()) <= 2048
    assert ExperimentSpec.from_code(spec.to_code()) == spec


def test_the_largest_network_has_a_code_that_is_read_back():
    rng = random.Random(0)
    document = six_full_blocks().model_dump(mode="json")
    for n, block in enumerate(
        blocks := [dict(each) for each in document["network"]["blocks"] * 11]
    ):
        block |= {"width": 2 * n + 12, "groups": 2, "dropout": rng.uniform(0, 0.9)}
        block |= {"momentum": rng.random(), "initialization": {"name": "trunc_normal"}}
        for name, low, high in (("std", 0, 1), ("a", -1, 0), ("b", 0, 1), ("bias", -1, 1)):
            block["initialization"][name] = rng.uniform(low, high)
    document["network"]["blocks"] = blocks[:64]
    spec = ExperimentSpec.model_validate(document)
    assert ExperimentSpec.from_code(spec.to_code()) == spec


HOSTILE = [
    "",
    "1.",
    "0.abc",
    "2.eJwDAAAAAAE",
    "1." + "A" * 100_000,
    "1.é",
    "1.\ud800",
    "1.\x00",
    code_of(b""),
    code_of(b"null"),
    code_of(b"[]"),
    code_of(b"1"),
    code_of(b'"text"'),
    code_of(b"\xff\xfe"),
    code_of(b"[" * 60_000),
    code_of(b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    code_of(b'{"data":' + b"[" * 900 + b"]" * 900 + b"}"),
    code_of(b" " * 50_000_000),
    code_of(b'{"version":' + b"9" * 60_000 + b"}"),
    code_of(b'{"training":{"l1":1e999}}'),
    code_of(b'{"training":{"l1":NaN}}'),
    code_of(b'{"training":{"l1":' + b"9" * 400 + b"}}"),
    code_of(b'{"training":{"n_steps":' + b"9" * 4000 + b"}}"),
    code_of(b'{"data":{"name":"\\ud800"}}'),
    code_of(b'{"data":{"name":["spirals"]}}'),
    code_of(b'{"data":null,"network":null,"training":null}'),
    code_of(b'{"network":{"blocks":{"kind":"dense"}}}'),
    code_of(b'{"network":{"blocks":[[]]}}'),
    code_of(b'{"network":{"blocks":[{"kind":{}}]}}'),
    code_of(b'{"__class__":"x","data":{"__init__":1}}'),
    code_of(json.dumps({"data": {"n\u0000ame": "\U0001f600" * 9000}}).encode()),
]


@pytest.mark.parametrize("code", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_code_is_a_spec_error_and_nothing_else(code):
    with pytest.raises(SpecError) as caught:
        ExperimentSpec.from_code(code)
    assert 0 < len(str(caught.value)) < 2000


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (code_of(b'{"data":{"seed":1,"seed":2}}'), "sets 'seed' twice"),
        (code_of(b'{"data":{},"data":{}}'), "sets 'data' twice"),
        ("1." + "A" * 100_000, "too long"),
        (code_of(b" " * 100_000 + b"{}"), "too long"),
        (code_of(b'{"data":{}}')[:-6], "cut off"),
    ],
)
def test_a_refused_code_says_why(code, reason):
    with pytest.raises(SpecError, match=reason):
        ExperimentSpec.from_code(code)


@settings(max_examples=150)
@given(st.text(max_size=80) | st.binary(max_size=80) | st.integers() | st.none())
def test_random_codes_are_spec_errors(code):
    with pytest.raises(SpecError):
        ExperimentSpec.from_code(code)


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
keys = st.text(max_size=6) | st.sampled_from(
    [
        "version",
        "data",
        "network",
        "training",
        "name",
        "blocks",
        "kind",
        "width",
        "optimizer",
        "learning_rate",
        "loss",
        "n_samples",
        "class_weights",
        "initialization",
        "gain",
        "momentum",
        "schedule",
        "seed",
    ]
)
json_values = st.recursive(
    leaves | st.sampled_from(("dense", "pool", "convolution", "spirals", "adam", "batch")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=300)
@given(json_values)
@example({"data": {"name": "wine"}, "training": []})
@example({"data": [], "training": {"loss": {}}})
@example({"training": {"class_weights": [10**400]}})
@example({"network": {"blocks": [{"kind": "dense", "width": True}]}})
def test_any_json_document_validates_or_is_a_validation_error(document):
    with contextlib.suppress(ValidationError):
        spec = ExperimentSpec.model_validate(document)
        assert ExperimentSpec.from_code(spec.to_code()) == spec
    with contextlib.suppress(SpecError):
        ExperimentSpec.from_code(code_of(json.dumps(document).encode()))


def test_a_document_nested_ten_thousand_deep_is_a_validation_error():
    nested = []
    for _ in range(10_000):
        nested = [nested]
    for document in (nested, {"data": nested}, {"network": {"blocks": nested}}, {"x": nested}):
        with pytest.raises(ValidationError):
            ExperimentSpec.model_validate(document)
