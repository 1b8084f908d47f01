"""Work is bounded by arithmetic, before anything is allocated, and refused with what would do."""

from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from nnviz import ExperimentSpec, advance, initial_state
from nnviz.spec import ComparisonSpec
from nnviz.spec.work import MAX_BURST_SECONDS, MAX_RECORDED, forward_seconds


def stack(data: str, block: dict, n_blocks: int, **training) -> dict:
    return {
        "data": {"name": data},
        "network": {"blocks": [block] * n_blocks},
        "training": training,
    }


def convolution(channels: int, kernel_size: int) -> dict:
    return {"kind": "convolution", "channels": channels, "kernel_size": kernel_size}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (stack("digits", convolution(170, 1), 64, batch_size=1), "smaller layers, or pool earlier"),
        (stack("digits", convolution(64, 3), 16), "449 test points .* smaller test_fraction"),
        (stack("mnist1d", convolution(200, 3), 8, batch_size=512), "use smaller batches"),
        (
            stack("digits", {"kind": "dense", "width": 170}, 64, batch_size=1024)
            | {"data": {"name": "spirals", "n_samples": 10_000, "test_fraction": 0.9}},
            "9,000 test points",
        ),
    ],
)
def test_what_would_hold_a_worker_for_long_is_refused_naming_what_to_make_smaller(document, reason):
    with pytest.raises(ValidationError, match=reason):
        ExperimentSpec.model_validate(document)


def test_lanes_are_bounded_together():
    base = stack("digits", convolution(40, 3), 7)
    ExperimentSpec.model_validate(base)
    lanes = [{"name": f"lane {n}"} for n in range(4)]
    with pytest.raises(ValidationError, match="use fewer lanes, or smaller networks"):
        ComparisonSpec.model_validate({"base": base, "lanes": lanes})
    ComparisonSpec.model_validate({"base": base, "lanes": lanes[:2]})


def test_one_network_alone_never_takes_more_than_all_lanes_may():
    for n_blocks in range(1, 65):
        for block in (convolution(48, 3), {"kind": "dense", "width": 170}):
            try:
                spec = ExperimentSpec.model_validate(stack("digits", block, n_blocks))
            except ValidationError:
                continue
            assert spec.burst_seconds <= MAX_BURST_SECONDS


def test_a_large_network_is_measured_on_a_fixed_sample_that_its_snapshot_names():
    spec = ExperimentSpec.model_validate(stack("digits", convolution(64, 3), 8, batch_size=8))
    _, (snapshot, *_) = advance(initial_state(spec), n_steps=1)
    numbers = sum(math.prod(layer.output_shape) for layer in spec.layer_shapes)
    assert snapshot.n_reference == MAX_RECORDED // numbers < 256
    assert forward_seconds(spec.layer_shapes, snapshot.train_sample) <= 0.3
    assert forward_seconds(spec.layer_shapes, snapshot.train_sample + 1) > 0.3
