"""Work is bounded by arithmetic, before anything is allocated, and refused with what would do."""

from __future__ import annotations

import itertools
import math

import pytest
from pydantic import ValidationError

from nnviz import ExperimentSpec, advance, initial_state
from nnviz.spec import ComparisonSpec
from nnviz.spec.work import (
    ACTIVATIONS_A_SECOND,
    MAX_ACTIVATIONS_PER_STEP,
    MAX_MULTIPLICATIONS_PER_STEP,
    MAX_RECORDED,
    MULTIPLICATIONS_A_SECOND,
    PASSES_OF_A_STEP,
    forward_seconds,
)

MAX_STEP_SECONDS = PASSES_OF_A_STEP * (
    MAX_MULTIPLICATIONS_PER_STEP / MULTIPLICATIONS_A_SECOND
    + MAX_ACTIVATIONS_PER_STEP / ACTIVATIONS_A_SECOND
)
MAX_SNAPSHOT_SECONDS = 1.0


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


def test_four_lanes_of_what_one_may_be_are_welcome():
    """Each lane is a burst of its own."""
    base = stack("digits", convolution(40, 3), 7)
    lanes = [{"name": f"lane {n}"} for n in range(4)]
    comparison = ComparisonSpec.model_validate({"base": base, "lanes": lanes})
    assert sum(lane.snapshot_seconds for lane in comparison.experiments) > MAX_SNAPSHOT_SECONDS


def test_whatever_is_accepted_holds_a_worker_for_a_moment_only():
    longest = 0.0
    for block in (convolution(48, 3), convolution(170, 1), {"kind": "dense", "width": 170}):
        sizes = itertools.product(("digits", "spirals"), (1, 64, 4096), range(1, 65))
        for data, batch_size, n_blocks in sizes:
            try:
                document = stack(data, block, n_blocks, batch_size=batch_size)
                spec = ExperimentSpec.model_validate(document)
            except ValidationError:
                continue
            assert spec.step_seconds <= MAX_STEP_SECONDS
            assert spec.snapshot_seconds <= MAX_SNAPSHOT_SECONDS
            longest = max(longest, spec.snapshot_seconds)
    assert longest > MAX_SNAPSHOT_SECONDS / 2


@pytest.mark.parametrize(("batch_size", "samples"), [(1, 1), (16, 16), (75, 75), (1000, 75)])
def test_the_seconds_of_a_step_are_those_of_the_samples_it_sees(batch_size, samples):
    document = stack("moons", {"kind": "dense", "width": 40}, 2, batch_size=batch_size)
    document["data"]["n_samples"] = 100
    spec = ExperimentSpec.model_validate(document)
    forward = forward_seconds(spec.layer_shapes, samples)
    assert spec.step_seconds == pytest.approx(PASSES_OF_A_STEP * forward)


def test_a_look_at_a_plane_costs_its_surface_too():
    dense = {"kind": "dense", "width": 40}
    plane, line = (
        ExperimentSpec.model_validate(
            stack(name, dense, 2) | {"data": {"name": name, "n_samples": 90}}
        )
        for name in ("moons", "sinusoid")
    )
    surface = forward_seconds(plane.layer_shapes, 48**2)
    assert plane.snapshot_seconds - line.snapshot_seconds == pytest.approx(surface, rel=0.05)


def test_a_large_network_is_measured_on_a_fixed_sample_that_its_snapshot_names():
    spec = ExperimentSpec.model_validate(stack("digits", convolution(64, 3), 8, batch_size=8))
    _, (snapshot, *_) = advance(initial_state(spec), n_steps=1)
    numbers = sum(math.prod(layer.output_shape) for layer in spec.layer_shapes)
    assert snapshot.n_reference == MAX_RECORDED // numbers < 256
    assert forward_seconds(spec.layer_shapes, snapshot.train_sample) <= 0.3
    assert forward_seconds(spec.layer_shapes, snapshot.train_sample + 1) > 0.3
