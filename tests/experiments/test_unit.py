"""What is told of a unit is what the network itself gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from nnviz import ExperimentSpec, advance, initial_state
from nnviz.experiments.unit.measured import unit_seen
from nnviz.experiments.unit.records import AskedUnit
from nnviz.training import TrainingState
from nnviz.training.trainer import Trainer

CONVOLUTIONS = [
    {"kind": "convolution", "channels": 3, "normalization": "batch"},
    {"kind": "convolution", "channels": 4},
    {"kind": "dense", "width": 5, "dropout": 0.3},
]


def trained(
    blocks: list[dict[str, Any]], done: tuple[Any, ...] = (), name: str = "digits"
) -> TrainingState:
    spec = ExperimentSpec.model_validate(
        {
            "data": {"name": name, "n_samples": 120},
            "network": {"blocks": blocks},
            "training": {"by_hand": done},
        }
    )
    return advance(initial_state(spec), n_steps=5, record=False)[0]


def outputs(state: TrainingState, n_blocks: int) -> torch.Tensor:
    trainer = Trainer(state.spec)
    trainer.load(state)
    with torch.no_grad():
        return trainer.network.eval()[:n_blocks](trainer.data.test_x)


def test_the_nine_images_that_excite_a_channel_most() -> None:
    state = trained(CONVOLUTIONS)
    record = unit_seen(state, AskedUnit("convolution2", 1))
    given_NHW = outputs(state, 2)[:, 1]
    images = record.images
    assert images is not None
    assert images.map_KHW is not None
    strongest = given_NHW.flatten(1).max(dim=1).values.sort(descending=True).values[:9]
    np.testing.assert_array_equal(images.value_K, strongest.numpy())
    np.testing.assert_array_equal(images.map_KHW, given_NHW[images.point_K].numpy())
    data = Trainer(state.spec).data
    np.testing.assert_array_equal(images.image_KHW, data.test_x[images.point_K, 0].numpy())
    np.testing.assert_array_equal(images.class_K, data.test_y[images.point_K].numpy())
    weight = state.parameters["convolution2.convolution.weight"][1]
    np.testing.assert_array_equal(record.kernel_IHW, weight.numpy())
    assert record.bias == float(state.parameters["convolution2.convolution.bias"][1])
    assert (record.can_set, record.can_freeze, record.is_off) == (True, True, False)


def test_of_a_dense_unit_on_pixels_each_weight_has_its_place() -> None:
    state = trained([{"kind": "dense", "width": 6}])
    record = unit_seen(state, AskedUnit("dense1", 2))
    weight = state.parameters["dense1.linear.weight"][2]
    assert record.kernel_IHW is not None
    np.testing.assert_array_equal(record.kernel_IHW, weight.view(1, 8, 8).numpy())
    assert record.images is not None
    assert record.images.map_KHW is None
    assert unit_seen(state, AskedUnit("output", 2)).kernel_IHW is None


def test_looking_changes_nothing() -> None:
    state = trained(CONVOLUTIONS)
    before = state.to_bytes()
    generator = torch.get_rng_state()
    unit_seen(state, AskedUnit("dense3", 1))
    assert state.to_bytes() == before
    assert torch.equal(generator, torch.get_rng_state())


def test_a_unit_that_is_off_says_so_and_gives_nothing() -> None:
    done = ({"step": 2, "do": "off", "layer": "dense3", "unit": 1},)
    record = unit_seen(trained(CONVOLUTIONS, done), AskedUnit("dense3", 1))
    assert record.is_off
    assert record.images is not None
    assert not record.images.value_K.any()


def test_without_images_only_its_numbers_are_told() -> None:
    record = unit_seen(
        trained([{"kind": "dense", "width": 6}], name="wine"), AskedUnit("dense1", 0)
    )
    assert (record.images, record.kernel_IHW) == (None, None)
    assert record.bias is not None


@pytest.mark.parametrize(
    ("layer", "unit", "words"), [("dense9", 0, "must be one of"), ("dense1", 6, "units 0 to 5")]
)
def test_where_there_is_no_such_unit_it_says_so(layer: str, unit: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        unit_seen(trained([{"kind": "dense", "width": 6}]), AskedUnit(layer, unit))


@pytest.mark.parametrize("kind", ["pool", "flatten"])
def test_what_learns_nothing_can_neither_be_set_nor_frozen(kind: str) -> None:
    record = unit_seen(trained([CONVOLUTIONS[0], {"kind": kind}]), AskedUnit(f"{kind}2", 0))
    assert (record.can_set, record.can_freeze, record.bias) == (False, False, None)
